/** Finds the payments that the names of a webhook's events lead to. */

import { LIMITS } from '../../../core/limits.ts';
import type { StoredPayment } from '../../../payments/payment-store.ts';
import type { EventsOfPayment } from '../../../payments/reduce-payment.ts';
import { damaged, storeError } from '../dynamodb/errors.ts';
import { GET_ITEMS_MAX, getItems } from '../dynamodb/get-items.ts';
import { type Item, text, textOf } from '../dynamodb/values.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { nameKey, ownerAttribute, type PaymentItem, paymentKey, readPaymentItem, storedPaymentOf } from './items.ts';

export interface DynamodbPaymentLookupDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
}

export type PaymentLookup =
  | { readonly outcome: 'looked_up'; readonly payments: readonly PaymentItem[] }
  /** What was read does not fit together: payments were joined meanwhile. To be looked up again. */
  | { readonly outcome: 'moved' };

/** A payment that is joined to another while `find` reads is looked for again this often. */
const FIND_TRIES_MAX = 5;

/**
 * One read of one item when the payment was first stored under the first of the names and has all of them, as in almost
 * every webhook but the first of a payment; else the items of the names are read, and then the payments.
 */
export const lookUpPayments = async (
  deps: DynamodbPaymentLookupDeps,
  change: EventsOfPayment,
  names: readonly string[],
): Promise<PaymentLookup> => {
  const { tableName } = deps;
  const [first = ''] = names;
  const guessed = await getItem(deps, paymentKey(change, first));
  const guess = guessed === undefined ? undefined : readPaymentItem(tableName, guessed);
  if (guess !== undefined && names.every((name) => guess.names.includes(name))) {
    return { outcome: 'looked_up', payments: [guess] };
  }
  const anchors = await anchorsOf(deps, change, names);
  const others = anchors.filter((anchor) => anchor !== guess?.anchor);
  // A payment that is not found under its own name: one of the two was read before it was joined to another.
  if (guess !== undefined && others.length === anchors.length) return { outcome: 'moved' };
  const items = others.length === 0 ? [] : [...(await getItems(deps, keysOf(change, others))).values()];
  if (items.length < others.length) return { outcome: 'moved' };
  const read = items.map((item) => readPaymentItem(tableName, item));
  return { outcome: 'looked_up', payments: guess === undefined ? read : [guess, ...read] };
};

const keysOf = (change: EventsOfPayment, anchors: readonly string[]): readonly string[] =>
  anchors.map((anchor) => paymentKey(change, anchor));

const getItem = async ({ client, tableName }: DynamodbPaymentLookupDeps, id: string): Promise<Item | undefined> => {
  const { Item: item } = await client
    .getItem({ TableName: tableName, Key: { id: text(id) }, ConsistentRead: true })
    .catch(storeError(tableName));
  return item;
};

/** The anchors that the names lead to, each once. */
const anchorsOf = async (
  deps: DynamodbPaymentLookupDeps,
  change: EventsOfPayment,
  names: readonly string[],
): Promise<readonly string[]> => {
  const attribute = ownerAttribute(change);
  const items = await getItems(deps, names.map(nameKey));
  return [...new Set([...items].flatMap(([id, item]) => anchorIn(deps.tableName, id, item, attribute) ?? []))];
};

const anchorIn = (tableName: string, id: string, item: Item, attribute: string): string | undefined => {
  if (item[attribute] === undefined) return undefined;
  const anchor = textOf(item, attribute);
  if (anchor === undefined) throw damaged(tableName, id, new TypeError('what a name leads to is a text'));
  return anchor;
};

/** `PaymentStore.find`: two reads, of the name's item and of the payments. */
export const findPayments = async (
  deps: DynamodbPaymentLookupDeps,
  paymentId: string,
): Promise<readonly StoredPayment[]> => {
  const { tableName } = deps;
  const id = nameKey(paymentId);
  for (let tries = 1; ; tries += 1) {
    const item = await getItem(deps, id);
    if (item === undefined) return [];
    const keys = paymentKeysIn(tableName, id, item).slice(0, Math.min(LIMITS.findMax, GET_ITEMS_MAX));
    const found = await getItems(deps, keys);
    if (found.size === keys.length || tries >= FIND_TRIES_MAX) {
      return [...found.values()]
        .map((payment) => storedPaymentOf(tableName, payment))
        .toSorted((a, b) => b.storedAt - a.storedAt);
    }
  }
};

const paymentKeysIn = (tableName: string, id: string, { id: _, ...owners }: Item): readonly string[] => {
  try {
    return Object.entries(owners).map(([attribute, { S: anchor = '' }]) => {
      const [provider, account]: readonly [string, string | null] = JSON.parse(attribute);
      return paymentKey({ provider, account }, anchor);
    });
  } catch (cause) {
    throw damaged(tableName, id, cause);
  }
};
