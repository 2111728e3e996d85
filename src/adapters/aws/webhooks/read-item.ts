/**
 * A webhook read from its item, with what only the table keeps of it. Nothing is believed: an item may have been changed
 * by something else than Payhook.
 */
import assert from 'node:assert/strict';
import type { ChainLink } from '../../../audit/audit.ts';
import type { WebhookHold } from '../../../audit/hold-entries.ts';
import { effectsFromText } from '../../../core/effects.ts';
import { WEBHOOK_STATUSES, type WebhookStatus } from '../../../core/status.ts';
import { SECOND_MS } from '../../../core/time.ts';
import {
  ACTOR_TYPES,
  type Actor,
  type CardDataFindings,
  type EpochMs,
  type Mode,
  type OrderingHint,
  SYNTHETIC_REACHES,
  type Webhook,
} from '../../../core/webhook.ts';
import { unreadableItem } from '../dynamodb/errors.ts';
import { unpackAttributes } from '../dynamodb/packed-attributes.ts';
import {
  assertInstant,
  type Item,
  numberOf,
  requiredBytes,
  requiredHex,
  requiredNumber,
  requiredText,
  textOf,
} from '../dynamodb/values.ts';

/** A webhook with what only this table keeps. */
export interface StoredWebhook {
  readonly webhook: Webhook;
  /** The last entry of the webhook's audit chain, as whoever wrote the item computed it. */
  readonly head: ChainLink;
  /** Why the last change was made, as in its audit entry. */
  readonly changeReason: string | null;
  /** When each change was made, oldest first, the newest hundred. */
  readonly changes: readonly EpochMs[];
  /** Who last said that it is held, or is not any more; null when nobody ever did. */
  readonly hold: WebhookHold | null;
  /** When somebody did, oldest first, the newest few. */
  readonly holdTimes: readonly EpochMs[];
}

const actorOf = (value: string): Actor => {
  const at = value.indexOf(':');
  const type = ACTOR_TYPES.find((known) => known === value.slice(0, at));
  assert(type !== undefined, 'the item names a known kind of actor');
  return { type, id: value.slice(at + 1) };
};

const statusOf = (item: Item): WebhookStatus => {
  const status = WEBHOOK_STATUSES.find((known) => known === textOf(item, 'status'));
  assert(status !== undefined, 'the item has a known status');
  return status;
};

const modeOf = (item: Item): Mode => {
  const mode = textOf(item, 'mode');
  assert(mode === 'live' || mode === 'test' || mode === 'unknown', 'the item has a known mode');
  return mode;
};

const orderingOf = (item: Item): OrderingHint | null => {
  const [by, value] = item.ordering?.L ?? [];
  if (by?.S !== 'version' && by?.S !== 'time') return null;
  return { by: by.S, value: Number(value?.N) };
};

const syntheticOf = (item: Item): Pick<Webhook, 'synthetic'> => {
  const reach = textOf(item, 'synthetic');
  if (reach === undefined) return {};
  const synthetic = SYNTHETIC_REACHES.find((known) => known === reach);
  assert(synthetic !== undefined, 'the item has a known reach');
  return { synthetic };
};

const originOf = (item: Item): Pick<Webhook, 'origin'> => {
  const origin = textOf(item, 'origin');
  if (origin === undefined) return {};
  assert(origin === 'reconciliation', 'the item has a known origin');
  return { origin };
};

/** While it is held it has no time to live, and its hold keeps what that was. */
const holdOf = ({ hold }: Item): WebhookHold | null => {
  if (hold === undefined) return null;
  assert(hold.M !== undefined, 'the hold of the item has fields');
  return {
    isHeld: hold.M.expiresAt !== undefined,
    at: assertInstant(numberOf(hold.M, 'at'), 'at'),
    actor: actorOf(requiredText(hold.M, 'by')),
    reason: requiredText(hold.M, 'reason'),
  };
};

const holdTimesOf = ({ hold }: Item): readonly EpochMs[] =>
  (hold?.M?.times?.L ?? []).map(({ N }) => assertInstant(Number(N), 'times'));

const cardDataOf = (item: Item): CardDataFindings => {
  const [cardNumbers = 0, securityCodes = 0, trackData = 0] = (item.cardData?.L ?? []).map(({ N }) => Number(N));
  return { cardNumbers, securityCodes, trackData };
};

const providerEventIdOf = (item: Item, webhookId: string, provider: string): string | null => {
  if (item.providerEventId === undefined) return webhookId.slice(provider.length + 1);
  return textOf(item, 'providerEventId') ?? null;
};

/** The item with each attribute of its own, as a release before 0.2 wrote it. Throws for what cannot be unpacked. */
export const unpackedItem = ({ received, state, ...item }: Item): Item => ({
  ...(received === undefined ? {} : unpackAttributes(requiredBytes({ received }, 'received'))),
  ...(state === undefined ? {} : unpackAttributes(requiredBytes({ state }, 'state'))),
  ...item,
});

/** Reads an item; throws when it is none that Payhook can have written. */
export const storedWebhookOf = (packed: Item): StoredWebhook => {
  const item = unpackedItem(packed);
  const webhookId = requiredText(item, 'webhookId');
  const provider = requiredText(item, 'provider');
  const status = statusOf(item);
  const changes = (item.changes?.L ?? []).map(({ N }) => assertInstant(Number(N), 'changes'));
  const receivedAt = assertInstant(numberOf(item, 'receivedAt'), 'receivedAt');
  const changedBy = textOf(item, 'changedBy');
  const hold = holdOf(item);
  const expiry = hold?.isHeld === true ? (item.hold?.M ?? {}) : item;
  const webhook: Webhook = {
    webhookId,
    timestamp: requiredNumber(item, 'timestamp'),
    provider,
    providerEventId: providerEventIdOf(item, webhookId, provider),
    eventType: requiredText(item, 'eventType'),
    mode: modeOf(item),
    isSimulated: item.isSimulated?.BOOL === true,
    ...syntheticOf(item),
    ...originOf(item),
    account: textOf(item, 'account') ?? null,
    objectId: textOf(item, 'objectId') ?? null,
    parentIds: (item.parentIds?.L ?? []).map(({ S = '' }) => S),
    ordering: orderingOf(item),
    payload: { keyId: requiredText(item, 'keyId'), bytes: requiredBytes(item, 'payload') },
    payloadBytes: requiredNumber(item, 'payloadBytes'),
    bodySha256: requiredHex(item, 'bodySha256'),
    ...contentHashOf(item),
    headers: Object.fromEntries(Object.entries(item.headers?.M ?? {}).map(([name, { S = '' }]) => [name, S])),
    secretId: requiredText(item, 'secretId'),
    cardData: cardDataOf(item),
    receivedAt,
    traceId: requiredText(item, 'traceId'),
    expiresAt: requiredNumber(expiry, 'expiresAt') * SECOND_MS + (numberOf(item, 'expiresAtMs') ?? 0),
    status,
    attempts: numberOf(item, 'attempts') ?? 0,
    lastError: textOf(item, 'lastError') ?? null,
    nextAttemptAt: numberOf(item, 'nextAttemptAt') ?? null,
    effects: effectsFromText(textOf(item, 'effects') ?? null),
    changedAt: changes.at(-1) ?? receivedAt,
    changedBy: changedBy === undefined ? { type: 'provider', id: provider } : actorOf(changedBy),
    revision: requiredNumber(item, 'revision'),
  };
  const head = { seq: requiredNumber(item, 'auditSeq'), hash: requiredHex(item, 'auditHash') };
  return {
    webhook,
    head,
    changeReason: textOf(item, 'changeReason') ?? null,
    changes,
    hold,
    holdTimes: holdTimesOf(item),
  };
};

/** The same for what a table answered: an item that cannot be read is `store_damaged`. */
export const readStoredWebhook = (tableName: string, item: Item): StoredWebhook =>
  orDamaged(tableName, item, storedWebhookOf);

/** As much as a duplicate needs to know. */
export const readStoredEvent = (tableName: string, item: Item): Pick<Webhook, 'status' | 'contentHash'> =>
  orDamaged(tableName, item, () => ({ status: statusOf(item), ...contentHashOf(unpackedItem(item)) }));

const contentHashOf = (item: Item): Pick<Webhook, 'contentHash'> =>
  item.contentHash === undefined ? {} : { contentHash: requiredHex(item, 'contentHash') };

const orDamaged = <T>(tableName: string, item: Item, read: (item: Item) => T): T => {
  try {
    return read(item);
  } catch (cause) {
    throw unreadableItem(
      tableName,
      textOf(item, 'webhookId'),
      cause,
      'look for its UNEXPLAINED_CHANGE in the audit trail, and take the item from a restored copy of the table',
    );
  }
};
