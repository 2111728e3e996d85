/**
 * A webhook as an item of the table and back. What is absent or usual is left out and hashes are bytes: every started
 * kilobyte of an item is a write unit that costs money.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { ChainLink } from '../../core/audit.ts';
import type { Insertion } from '../../core/ports/webhook-store.ts';
import { WEBHOOK_STATUSES, type WebhookStatus } from '../../core/status.ts';
import type { Actor, CardDataFindings, EpochMs, Mode, OrderingHint, Webhook, WebhookKey } from '../../core/webhook.ts';

export type Item = Record<string, AttributeValue>;

/** A webhook with what only this table keeps. */
export interface StoredWebhook {
  readonly webhook: Webhook;
  /** The last entry of the webhook's audit chain, as whoever wrote the item computed it. */
  readonly head: ChainLink;
  /** Why the last change was made, as in its audit entry. */
  readonly changeReason: string | null;
  /** When each change was made, oldest first, at most `CHANGES_MAX`. */
  readonly changes: readonly EpochMs[];
}

/** Partitions of an index: one takes 1000 writes a second, and 1000 webhooks arrive in one. */
export const INDEX_SHARDS = 8;
/** Times of changes that an item remembers: more than the attempts of one run, far less than an item holds. */
export const CHANGES_MAX = 100;

/** Begins the key of an item that remembers a transmission; the change feed passes them over. */
export const TRANSMISSION_PREFIX = 'transmission:';

const SECOND_MS = 1000;

const shardOf = (webhookId: string): number => (createHash('sha256').update(webhookId).digest()[0] ?? 0) % INDEX_SHARDS;

export const text = (value: string): AttributeValue => ({ S: value });
export const number = (value: number): AttributeValue => ({ N: String(value) });
export const bytes = (value: Uint8Array): AttributeValue => ({ B: value });
export const hexBytes = (value: string): AttributeValue => bytes(Buffer.from(value, 'hex'));

export const keyItem = ({ webhookId, timestamp }: WebhookKey): Item => ({
  webhookId: text(webhookId),
  timestamp: number(timestamp),
});

/** Where the sparse index has the webhook; undefined unless a person may have to look at it. */
export const attentionOf = (webhookId: string, status: WebhookStatus): string | undefined =>
  status === 'retrying' || status === 'dead_lettered' ? `${status}#${shardOf(webhookId)}` : undefined;

export const actorText = ({ type, id }: Actor): string => `${type}:${id}`;

/** The item of a webhook that was just received. `head` is the last of its first audit entries. */
export const insertedItem = ({ webhook, status, lastError, actor }: Insertion, head: ChainLink): Item => {
  const { cardData, ordering } = webhook;
  const attention = attentionOf(webhook.webhookId, status);
  const found = [cardData.cardNumbers, cardData.securityCodes, cardData.trackData];
  return {
    ...keyItem(webhook),
    provider: text(webhook.provider),
    // Most often the id is `{provider}:{event id}`, and need not stand here twice.
    ...(webhook.webhookId === `${webhook.provider}:${webhook.providerEventId}`
      ? {}
      : { providerEventId: webhook.providerEventId === null ? { NULL: true } : text(webhook.providerEventId) }),
    eventType: text(webhook.eventType),
    status: text(status),
    mode: text(webhook.mode),
    ...(webhook.isSimulated ? { isSimulated: { BOOL: true } } : {}),
    ...(webhook.account === null ? {} : { account: text(webhook.account) }),
    ...(webhook.objectId === null ? {} : { objectId: text(webhook.objectId) }),
    ...(webhook.parentIds.length === 0 ? {} : { parentIds: { L: webhook.parentIds.map(text) } }),
    ...(ordering === null ? {} : { ordering: { L: [text(ordering.by), number(ordering.value)] } }),
    payload: bytes(webhook.payload.bytes),
    keyId: text(webhook.payload.keyId),
    payloadBytes: number(webhook.payloadBytes),
    bodySha256: hexBytes(webhook.bodySha256),
    ...(Object.keys(webhook.headers).length === 0
      ? {}
      : { headers: { M: Object.fromEntries(Object.entries(webhook.headers).map(([k, v]) => [k, text(v)])) } }),
    secretId: text(webhook.secretId),
    ...(found.every((count) => count === 0) ? {} : { cardData: { L: found.map(number) } }),
    receivedAt: number(webhook.receivedAt),
    traceId: text(webhook.traceId),
    // Time to live counts in seconds; the rest keeps the instant exact.
    expiresAt: number(Math.floor(webhook.expiresAt / SECOND_MS)),
    ...(webhook.expiresAt % SECOND_MS === 0 ? {} : { expiresAtMs: number(webhook.expiresAt % SECOND_MS) }),
    ...(lastError === null ? {} : { lastError: text(lastError) }),
    ...(actor.type === 'provider' && actor.id === webhook.provider ? {} : { changedBy: text(actorText(actor)) }),
    revision: number(1),
    auditSeq: number(head.seq),
    auditHash: hexBytes(head.hash),
    listShard: number(shardOf(webhook.webhookId)),
    ...(attention === undefined ? {} : { attention: text(attention) }),
  };
};

const textOf = (item: Item, name: string): string | undefined => item[name]?.S;
const requiredText = (item: Item, name: string): string => {
  const value = textOf(item, name);
  assert(value !== undefined, `the item has a text ${name}`);
  return value;
};
export const numberOf = (item: Item, name: string): number | undefined => {
  const value = item[name]?.N;
  return value === undefined ? undefined : Number(value);
};
const requiredNumber = (item: Item, name: string): number => {
  const value = numberOf(item, name);
  assert(value !== undefined && Number.isSafeInteger(value), `the item has a whole number ${name}`);
  return value;
};
const requiredBytes = (item: Item, name: string): Uint8Array => {
  const value = item[name]?.B;
  assert(value !== undefined, `the item has bytes ${name}`);
  // A copy: what the SDK hands out may be a view into a buffer that holds the whole answer.
  return Uint8Array.from(value);
};
export const requiredHex = (item: Item, name: string): string => Buffer.from(requiredBytes(item, name)).toString('hex');

const ACTOR_TYPES = ['provider', 'component', 'operator'] as const;
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

const cardDataOf = (item: Item): CardDataFindings => {
  const [cardNumbers = 0, securityCodes = 0, trackData = 0] = (item.cardData?.L ?? []).map(({ N }) => Number(N));
  return { cardNumbers, securityCodes, trackData };
};

const providerEventIdOf = (item: Item, webhookId: string, provider: string): string | null => {
  if (item.providerEventId === undefined) return webhookId.slice(provider.length + 1);
  return textOf(item, 'providerEventId') ?? null;
};

/** Reads an item; asserts that it is one that this file wrote. */
export const storedWebhookOf = (item: Item): StoredWebhook => {
  const webhookId = requiredText(item, 'webhookId');
  const provider = requiredText(item, 'provider');
  const status = statusOf(item);
  const changes = (item.changes?.L ?? []).map(({ N }) => Number(N));
  const receivedAt = requiredNumber(item, 'receivedAt');
  const changedBy = textOf(item, 'changedBy');
  const webhook: Webhook = {
    webhookId,
    timestamp: requiredNumber(item, 'timestamp'),
    provider,
    providerEventId: providerEventIdOf(item, webhookId, provider),
    eventType: requiredText(item, 'eventType'),
    mode: modeOf(item),
    isSimulated: item.isSimulated?.BOOL === true,
    account: textOf(item, 'account') ?? null,
    objectId: textOf(item, 'objectId') ?? null,
    parentIds: (item.parentIds?.L ?? []).map(({ S = '' }) => S),
    ordering: orderingOf(item),
    payload: { keyId: requiredText(item, 'keyId'), bytes: requiredBytes(item, 'payload') },
    payloadBytes: requiredNumber(item, 'payloadBytes'),
    bodySha256: requiredHex(item, 'bodySha256'),
    headers: Object.fromEntries(Object.entries(item.headers?.M ?? {}).map(([name, { S = '' }]) => [name, S])),
    secretId: requiredText(item, 'secretId'),
    cardData: cardDataOf(item),
    receivedAt,
    traceId: requiredText(item, 'traceId'),
    expiresAt: requiredNumber(item, 'expiresAt') * SECOND_MS + (numberOf(item, 'expiresAtMs') ?? 0),
    status,
    attempts: numberOf(item, 'attempts') ?? 0,
    lastError: textOf(item, 'lastError') ?? null,
    nextAttemptAt: numberOf(item, 'nextAttemptAt') ?? null,
    changedAt: changes.at(-1) ?? receivedAt,
    changedBy: changedBy === undefined ? { type: 'provider', id: provider } : actorOf(changedBy),
    revision: requiredNumber(item, 'revision'),
  };
  const head = { seq: requiredNumber(item, 'auditSeq'), hash: requiredHex(item, 'auditHash') };
  return { webhook, head, changeReason: textOf(item, 'changeReason') ?? null, changes };
};
