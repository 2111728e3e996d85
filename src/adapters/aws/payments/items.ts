/**
 * Items that say which payments have an id as their name, and payments. A payment stands in the item of the name that it was
 * first stored under, which is one write for both; apart, in an item of its own, where a payment of another account stands
 * there, and in what a release before 0.2 wrote.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { EpochMs } from '../../../core/webhook.ts';
import type { PaymentView } from '../../../payments/payment.ts';
import type { StoredPayment } from '../../../payments/payment-store.ts';
import type { RecordedPayment } from '../../../payments/record-events.ts';
import { type EventsOfPayment, paymentOf } from '../../../payments/reduce-payment.ts';
import { damaged } from '../dynamodb/errors.ts';
import {
  assertInstant,
  bytes,
  type Item,
  number,
  numberOf,
  requiredBytes,
  requiredNumber,
  requiredText,
  text,
  textOf,
} from '../dynamodb/values.ts';
import { shardOf } from '../webhooks/write-item.ts';
import { unpackRecorded } from './pack-events.ts';

/** A payment with what only the table keeps of it. */
export interface PaymentItem {
  /** The name it was first stored under. Its key for good, whatever names it gets. */
  readonly anchor: string;
  /** Whether it stands in an item of its own, and not in its anchor's. */
  readonly isApart: boolean;
  /** Every id that leads to it. */
  readonly names: readonly string[];
  readonly recorded: RecordedPayment;
  readonly storedAt: EpochMs;
  readonly changedAt: EpochMs;
  /** Counts writes, starting at 1: the condition of every write. */
  readonly revision: number;
}

/** Whose payments these are: an id names one payment of a provider's account. */
export type PaymentOwner = Pick<EventsOfPayment, 'provider' | 'account'>;

const PAYMENT_PREFIX = 'payment:';
const NAME_PREFIX = 'name:';
/** DynamoDB's keys end at 2048 bytes; nothing real comes near. What is longer is replaced by its hash. */
const KEY_BYTES_MAX = 1024;

/** Names of one payment: a transaction that joins two payments writes to all names of one of them, and holds 100 items. */
export const NAMES_MAX = 90;

/** Unambiguous for any ids: JSON quotes them. */
export const keyOf = (prefix: string, parts: readonly (string | null)[]): string => {
  const json = JSON.stringify(parts);
  return Buffer.byteLength(json) <= KEY_BYTES_MAX
    ? `${prefix}${json}`
    : `${prefix}sha256-${createHash('sha256').update(json).digest('hex')}`;
};

export const paymentKey = ({ provider, account }: PaymentOwner, anchor: string): string =>
  keyOf(PAYMENT_PREFIX, [provider, account, anchor]);

export const nameKey = (id: string): string => keyOf(NAME_PREFIX, [id]);

/** Whether the payment with this key may be one of the provider's; only the key of one that stands apart tells. */
export const mayBeOfProvider = (key: string, provider: string): boolean =>
  !key.startsWith(`${PAYMENT_PREFIX}[`) || key.startsWith(`${PAYMENT_PREFIX}[${JSON.stringify(provider)},`);

/** The attribute of a name's item that holds the anchor of the owner's payment with this name. */
export const ownerAttribute = ({ provider, account }: PaymentOwner): string => JSON.stringify([provider, account]);

const ownerOfAttribute = (attribute: string): PaymentOwner => {
  const [provider, account]: readonly [string, string | null] = JSON.parse(attribute);
  return { provider, account };
};

/** Where a name leads to: the anchor of a payment of each owner. */
export const anchorsIn = (item: Item): readonly { readonly owner: PaymentOwner; readonly anchor: string }[] =>
  Object.keys(item)
    .filter((attribute) => attribute.startsWith('['))
    .map((attribute) => ({ owner: ownerOfAttribute(attribute), anchor: requiredText(item, attribute) }));

/** The item of a payment of its own. `packed` is what `packRecorded` made of `recorded`. */
export const apartItemOf = (
  owner: PaymentOwner,
  payment: Omit<PaymentItem, 'recorded' | 'isApart'>,
  packed: Uint8Array,
  { status }: Pick<PaymentView, 'status'>,
): Item => {
  const id = paymentKey(owner, payment.anchor);
  return {
    id: text(id),
    provider: text(owner.provider),
    ...(owner.account === null ? {} : { account: text(owner.account) }),
    anchor: text(payment.anchor),
    names: { L: payment.names.map(text) },
    status: text(status),
    events: bytes(packed),
    storedAt: number(payment.storedAt),
    changedAt: number(payment.changedAt),
    revision: number(payment.revision),
    listShard: number(shardOf(id)),
  };
};

/** Says that the item of a name holds a payment, too, and whose: the attribute that leads to it. */
const PAYMENT_OF = 'paymentOf';
/** What the item of a name has of its payment, beside the attribute that leads to it. */
export const PAYMENT_ATTRIBUTES: readonly string[] = [
  ...[PAYMENT_OF, 'names', 'status', 'events', 'storedAt', 'changedAt', 'revision', 'listShard'],
];
/** Those that change. */
const CHANGING: readonly string[] = ['names', 'status', 'events', 'changedAt', 'revision'];

/** The attributes of a payment in the item of its anchor: all of a new one, or those that change. */
export const attributesInName = (
  owner: PaymentOwner,
  payment: Omit<PaymentItem, 'recorded' | 'isApart'>,
  packed: Uint8Array,
  view: Pick<PaymentView, 'status'>,
): Item => {
  const of = ownerAttribute(owner);
  const { names, status, events, storedAt, changedAt, revision } = apartItemOf(owner, payment, packed, view);
  const listShard = number(shardOf(nameKey(payment.anchor)));
  const all = { [PAYMENT_OF]: text(of), names, status, events, storedAt, changedAt, revision, listShard };
  return Object.fromEntries(
    Object.entries({ ...all, [of]: text(payment.anchor) }).flatMap(([name, value]) =>
      value === undefined || (payment.revision > 1 && !CHANGING.includes(name)) ? [] : [[name, value]],
    ),
  );
};

/** Whose payment the item holds; undefined when it holds none. */
export const ownerOf = (item: Item): PaymentOwner | undefined => {
  const of = textOf(item, PAYMENT_OF);
  if (of !== undefined) return ownerOfAttribute(of);
  const provider = textOf(item, 'provider');
  return provider === undefined ? undefined : { provider, account: textOf(item, 'account') ?? null };
};

export const isPaymentOf = (item: Item, owner: PaymentOwner): boolean => {
  const found = ownerOf(item);
  return found?.provider === owner.provider && found.account === owner.account;
};

/** Reads an item that holds a payment; one that Payhook cannot have written is `store_damaged`. */
export const readPaymentItem = (tableName: string, item: Item): PaymentItem => {
  try {
    const of = textOf(item, PAYMENT_OF);
    const storedAt = assertInstant(numberOf(item, 'storedAt'), 'storedAt');
    return {
      anchor: requiredText(item, of ?? 'anchor'),
      isApart: of === undefined,
      names: (item.names?.L ?? []).map(({ S: name }) => {
        assert(name !== undefined, 'each name of the item is a text');
        return name;
      }),
      recorded: unpackRecorded(requiredBytes(item, 'events')),
      storedAt,
      changedAt: assertInstant(numberOf(item, 'changedAt') ?? storedAt, 'changedAt'),
      revision: requiredNumber(item, 'revision'),
    };
  } catch (cause) {
    throw damaged(tableName, textOf(item, 'id'), cause);
  }
};

export const storedOf = ({ recorded, storedAt, changedAt }: PaymentItem): StoredPayment => ({
  payment: paymentOf(recorded.map(({ event }) => event)).view,
  storedAt,
  changedAt,
});

export const storedPaymentOf = (tableName: string, item: Item): StoredPayment =>
  storedOf(readPaymentItem(tableName, item));
