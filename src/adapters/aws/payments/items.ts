/**
 * A payment as an item of the table, and the items that say which payments have an id as their name. The events are
 * compressed: every started kilobyte of an item is a write unit that costs money, and events of one payment are alike.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { News } from '../../../core/effects.ts';
import { newerThanKnown } from '../../../core/errors.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import { paymentEventsFromJson, paymentEventsToJson } from '../../../payments/event-json.ts';
import type { PaymentView } from '../../../payments/payment.ts';
import type { PaymentChangeEvent } from '../../../payments/payment-event.ts';
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

/** A payment with what only the table keeps of it. */
export interface PaymentItem {
  /** The name it was first stored under. Its key for good, whatever names it gets. */
  readonly anchor: string;
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

/** An item holds 400 KB with its other attributes: names take up to 300 bytes each. */
const PACKED_BYTES_MAX = 350 * 1024;
/** Of the events before compression; more is not unpacked, so more is not packed. */
const UNPACKED_BYTES_MAX = 16 * 1024 * 1024;
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

/** Whether the payment with this key may be one of the provider's; only a hashed key does not tell. */
export const mayBeOfProvider = (key: string, provider: string): boolean =>
  !key.startsWith(`${PAYMENT_PREFIX}[`) || key.startsWith(`${PAYMENT_PREFIX}[${JSON.stringify(provider)},`);

/** The attribute of a name's item that holds the anchor of the owner's payment with this name. */
export const ownerAttribute = ({ provider, account }: PaymentOwner): string => JSON.stringify([provider, account]);

/** What a digit before the events says of each; 3 is what was news and stale at once before version 0.2. */
const NEWS_BY_DIGIT: readonly News[] = ['repeated', 'stale', 'news', 'stale'];
/** Said before the digits as `v2 `. What was packed before version 0.2 says none and begins with a digit. */
const PACKED_VERSION = 2;

/** The events as an item holds them; null when they are too large for one. */
export const packRecorded = (recorded: RecordedPayment): Uint8Array | null => {
  const json = paymentEventsToJson(recorded.map(({ event }) => event));
  const unpacked = Buffer.from(
    `v${PACKED_VERSION} ${recorded.map(({ news }) => NEWS_BY_DIGIT.indexOf(news)).join('')}\n${json}`,
    'utf8',
  );
  if (unpacked.length > UNPACKED_BYTES_MAX) return null;
  const packed = zstdCompressSync(unpacked);
  return packed.length > PACKED_BYTES_MAX ? null : packed;
};

export const unpackRecorded = (packed: Uint8Array): RecordedPayment => {
  const unpacked = zstdDecompressSync(packed, { maxOutputLength: UNPACKED_BYTES_MAX }).toString('utf8');
  const [before = '', version = 1] = /^(?:v(\d+) )?/.exec(unpacked) ?? [];
  if (Number(version) > PACKED_VERSION) throw newerThanKnown('the list of its events', version, PACKED_VERSION);
  const end = unpacked.indexOf('\n');
  const digits = unpacked.slice(before.length, end);
  const events = paymentEventsFromJson<PaymentChangeEvent>(unpacked.slice(end + 1));
  assert(events.length === digits.length && /^[0-3]+$/.test(digits), 'every event of a payment has its digit');
  return events.map((event, index) => ({ event, news: NEWS_BY_DIGIT[Number(digits[index])] ?? 'news' }));
};

/** The item of a payment. `packed` is what `packRecorded` made of `recorded`. */
export const paymentItemOf = (
  owner: PaymentOwner,
  payment: Omit<PaymentItem, 'recorded'>,
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
    ...(payment.changedAt === payment.storedAt ? {} : { changedAt: number(payment.changedAt) }),
    revision: number(payment.revision),
    listShard: number(shardOf(id)),
  };
};
/** Reads an item of a payment; one that Payhook cannot have written is `store_damaged`. */
export const readPaymentItem = (tableName: string, item: Item): PaymentItem => {
  try {
    const storedAt = assertInstant(numberOf(item, 'storedAt'), 'storedAt');
    return {
      anchor: requiredText(item, 'anchor'),
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

export const storedPaymentOf = (tableName: string, item: Item): StoredPayment => {
  const { recorded, storedAt, changedAt } = readPaymentItem(tableName, item);
  return { payment: paymentOf(recorded.map(({ event }) => event)).view, storedAt, changedAt };
};
