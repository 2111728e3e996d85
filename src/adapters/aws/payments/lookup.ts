/** Finds the payments that the names of a webhook's events lead to. */

import { LIMITS } from '../../../core/limits.ts';
import { amountsOf } from '../../../payments/match-payment.ts';
import type { PaymentAmounts, StoredPayment } from '../../../payments/payment-store.ts';
import type { EventsOfPayment } from '../../../payments/reduce-payment.ts';
import { damaged, storeError } from '../dynamodb/errors.ts';
import { GET_ITEMS_MAX, getItems } from '../dynamodb/get-items.ts';
import { type Item, text, textOf } from '../dynamodb/values.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import {
  anchorsIn,
  isPaymentOf,
  nameKey,
  ownerAttribute,
  ownerOf,
  type PaymentItem,
  type PaymentOwner,
  paymentKey,
  readPaymentItem,
  storedOf,
} from './items.ts';

export interface DynamodbPaymentLookupDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
}

export interface LookedUp {
  readonly outcome: 'looked_up';
  readonly payments: readonly PaymentItem[];
  /** The anchor that each of the names leads to now, of those that lead anywhere. */
  readonly leadsTo: ReadonlyMap<string, string>;
  /** Names whose item holds a payment of another owner. */
  readonly taken: ReadonlySet<string>;
}

/** `moved`: what was read does not fit together, payments were joined meanwhile. To be looked up again. */
export type PaymentLookup = LookedUp | { readonly outcome: 'moved' };

/** A payment that is joined to another while `find` reads is looked for again this often. */
const FIND_TRIES_MAX = 5;
/** An anchor leads to another one when its payment was joined to that one's. A name that was added meanwhile still leads to it. */
const JOINS_FOLLOWED_MAX = 10;

/** Items as they were read, by id; undefined for one that is not there. */
type ReadItems = Map<string, Item | undefined>;

/**
 * One read of one item when the payment was first stored under the first of the names and has all of them, as in almost
 * every webhook but the first of a payment; else the items of the names are read, and then the payments. Without `isConsistent`
 * that first read may be of a moment ago, at half the price: what is written on it is written only if it is still so.
 */
export const lookUpPayments = async (
  deps: DynamodbPaymentLookupDeps,
  owner: EventsOfPayment,
  names: readonly string[],
  { isConsistent }: { readonly isConsistent: boolean },
): Promise<PaymentLookup> => {
  const [first = ''] = names;
  const item = await getItem(deps, nameKey(first), isConsistent);
  const guess = item !== undefined && isPaymentOf(item, owner) ? readPaymentItem(deps.tableName, item) : undefined;
  if (guess !== undefined && names.every((name) => guess.names.includes(name))) {
    return { outcome: 'looked_up', payments: [guess], leadsTo: new Map(), taken: new Set() };
  }
  const read: ReadItems = new Map([[nameKey(first), item]]);
  // Most of what leads elsewhere leads to a payment that stands apart.
  const elsewhere = guess === undefined && item !== undefined ? textOf(item, ownerAttribute(owner)) : undefined;
  const apart = elsewhere === undefined ? [] : [paymentKey(owner, elsewhere)];
  await readInto(deps, read, [...names.map(nameKey), ...apart]);
  return resolve(deps, owner, names, read);
};

const resolve = async (
  deps: DynamodbPaymentLookupDeps,
  owner: PaymentOwner,
  names: readonly string[],
  read: ReadItems,
): Promise<PaymentLookup> => {
  const leadsTo = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of names) {
    const item = read.get(nameKey(name));
    const anchor = item === undefined ? undefined : anchorIn(deps.tableName, item, owner);
    if (anchor !== undefined) leadsTo.set(name, anchor);
    else if (item !== undefined && ownerOf(item) !== undefined) taken.add(name);
  }
  const payments = new Map<string, PaymentItem>();
  for (const anchor of new Set(leadsTo.values())) {
    const payment = await paymentAt(deps, owner, anchor, read);
    if (payment === undefined) return { outcome: 'moved' };
    payments.set(payment.anchor, payment);
  }
  return { outcome: 'looked_up', payments: [...payments.values()], leadsTo, taken };
};

/** The payment of the owner that this anchor leads to, through others that it was joined to; undefined when there is none. */
const paymentAt = async (
  deps: DynamodbPaymentLookupDeps,
  owner: PaymentOwner,
  start: string,
  read: ReadItems,
): Promise<PaymentItem | undefined> => {
  let anchor = start;
  for (let joins = 0; joins <= JOINS_FOLLOWED_MAX; joins += 1) {
    const [name, apart] = [nameKey(anchor), paymentKey(owner, anchor)];
    if (!read.has(name) && read.get(apart) === undefined) await readInto(deps, read, [name, apart]);
    const inName = read.get(name);
    if (inName !== undefined && isPaymentOf(inName, owner)) return readPaymentItem(deps.tableName, inName);
    await readInto(deps, read, [apart]);
    const own = read.get(apart);
    if (own !== undefined) return readPaymentItem(deps.tableName, own);
    const next = inName === undefined ? undefined : anchorIn(deps.tableName, inName, owner);
    if (next === undefined || next === anchor) return undefined;
    anchor = next;
  }
  return undefined;
};

const getItem = async (
  { client, tableName }: DynamodbPaymentLookupDeps,
  id: string,
  isConsistent: boolean,
): Promise<Item | undefined> => {
  const { Item: item } = await client
    .getItem({ TableName: tableName, Key: { id: text(id) }, ConsistentRead: isConsistent })
    .catch(storeError(tableName));
  return item;
};

const readInto = async (deps: DynamodbPaymentLookupDeps, read: ReadItems, ids: readonly string[]): Promise<void> => {
  const unread = [...new Set(ids)].filter((id) => !read.has(id));
  if (unread.length === 0) return;
  const found = await getItems(deps, unread);
  for (const id of unread) read.set(id, found.get(id));
};

const anchorIn = (tableName: string, item: Item, owner: PaymentOwner): string | undefined => {
  const attribute = ownerAttribute(owner);
  if (item[attribute] === undefined) return undefined;
  const anchor = textOf(item, attribute);
  if (anchor === undefined) {
    throw damaged(tableName, textOf(item, 'id'), new TypeError('what a name leads to is a text'));
  }
  return anchor;
};

/** `PaymentStore.find`: mostly one read, of the item of the name. */
export const findPayments = async (
  deps: DynamodbPaymentLookupDeps,
  paymentId: string,
): Promise<readonly StoredPayment[]> => {
  const id = nameKey(paymentId);
  for (let tries = 1; ; tries += 1) {
    const item = await getItem(deps, id, true);
    if (item === undefined) return [];
    const read: ReadItems = new Map([[id, item]]);
    const owned = ownersIn(deps.tableName, id, item).slice(0, Math.min(LIMITS.findMax, GET_ITEMS_MAX));
    const found: StoredPayment[] = [];
    for (const { owner, anchor } of owned) {
      const payment = await paymentAt(deps, owner, anchor, read);
      if (payment !== undefined) found.push(storedOf(payment));
    }
    if (found.length === owned.length || tries >= FIND_TRIES_MAX) {
      return found.toSorted((a, b) => b.storedAt - a.storedAt);
    }
  }
};

const ownersIn = (tableName: string, id: string, item: Item): ReturnType<typeof anchorsIn> => {
  try {
    return anchorsIn(item);
  } catch (cause) {
    throw damaged(tableName, id, cause);
  }
};

/** Payments that are looked up at a time. */
const AT_ONCE_MAX = 25;

/** `PaymentStore.amountsOf`. */
export const amountsOfPayments = async (
  deps: DynamodbPaymentLookupDeps,
  paymentIds: readonly string[],
): Promise<readonly (readonly PaymentAmounts[])[]> => {
  const amounts: (readonly PaymentAmounts[])[] = [];
  for (let first = 0; first < paymentIds.length; first += AT_ONCE_MAX) {
    const found = paymentIds.slice(first, first + AT_ONCE_MAX).map((paymentId) => findPayments(deps, paymentId));
    amounts.push(...(await Promise.all(found)).map((ofId) => ofId.map(({ payment }) => amountsOf(payment))));
  }
  return amounts;
};
