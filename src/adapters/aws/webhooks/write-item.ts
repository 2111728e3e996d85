/**
 * A webhook as an item of the table, as it was received; `read-item.ts` reads it back. What is absent or usual is left out,
 * and what nothing asks for by its name is packed: what never changes in `received`, what changes do in `state`.
 */
import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { ChainLink } from '../../../audit/audit.ts';
import type { Insertion } from '../../../core/ports/webhook-store.ts';
import type { WebhookStatus } from '../../../core/status.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { Actor, ReceivedWebhook, WebhookKey } from '../../../core/webhook.ts';
import { packAttributes } from '../dynamodb/packed-attributes.ts';
import { bytes, hexBytes, type Item, number, text } from '../dynamodb/values.ts';

/** Partitions of an index: one takes 1000 writes a second, and 1000 webhooks arrive in one. */
export const INDEX_SHARDS = 8;
/** How the keys of the table's other items begin: transmissions, and wrapped data keys. No provider is called so. */
export const TRANSMISSION_PREFIX = 'transmission:';
export const DATA_KEY_PREFIX = 'data-key:';
export const shardOf = (webhookId: string): number =>
  (createHash('sha256').update(webhookId).digest()[0] ?? 0) % INDEX_SHARDS;

export const keyItem = ({ webhookId, timestamp }: WebhookKey): Item => ({
  webhookId: text(webhookId),
  timestamp: number(timestamp),
});

/** The item in which the sweeper keeps how far it has come. */
export const SWEEP_ID = 'sweep:positions';

/** How the keys of the items begin in which reconciliation keeps how far it has come. */
export const RECONCILE_PREFIX = 'reconcile:';

/** The item that lists the legal holds: who added or removed one is in the trail, and so is each webhook that it holds. */
export const LEGAL_HOLDS_ID = 'legal-holds:all';

/** Items whose changes have no entry in the trail: what they hold is found again without them. */
export const hasNoTrail = (id: string): boolean =>
  id.startsWith(TRANSMISSION_PREFIX) || id.startsWith(RECONCILE_PREFIX) || id === SWEEP_ID || id === LEGAL_HOLDS_ID;

/** Whether a key of the table is of an item that is no webhook. */
export const isOfNoWebhook = (id: string): boolean => id.startsWith(DATA_KEY_PREFIX) || hasNoTrail(id);

export type AttentionStatus = 'received' | 'retrying' | 'dead_lettered';

/** A partition of the sparse index of what somebody may have to look at. */
export const attentionText = (status: AttentionStatus, shard: number): string => `${status}#${shard}`;

/**
 * Where the sparse index has a webhook that was just stored; undefined when it has not. What was just received is not in it:
 * that would cost two writes of every webhook, and the sweeper finds it by when it came.
 */
export const attentionOf = (webhookId: string, status: WebhookStatus): string | undefined =>
  status === 'retrying' || status === 'dead_lettered' ? attentionText(status, shardOf(webhookId)) : undefined;

/** The same for a webhook that was changed. One that returned to `received` came long ago, where the sweeper has looked. */
export const attentionAfterChange = (webhookId: string, status: WebhookStatus): string | undefined =>
  status === 'received' ? attentionText(status, shardOf(webhookId)) : attentionOf(webhookId, status);

export const actorText = ({ type, id }: Actor): string => `${type}:${id}`;

/** Attributes of the state of a webhook: packed in `state`, and of their own in what a release before 0.2 wrote. */
export const STATE_ATTRIBUTES: readonly string[] = [
  ...['attempts', 'lastError', 'nextAttemptAt', 'changeReason', 'effects', 'changedBy', 'changes'],
];

/** `state` with these of `STATE_ATTRIBUTES`. */
export const packedState = (state: Item): AttributeValue => bytes(packAttributes(state));

/** The item of a webhook that was just received. `head` is the last of its first audit entries. */
export const insertedItem = ({ webhook, status, lastError, actor }: Insertion, head: ChainLink): Item => {
  const attention = attentionOf(webhook.webhookId, status);
  const state: Item = {
    ...(lastError === null ? {} : { lastError: text(lastError) }),
    ...(actor.type === 'provider' && actor.id === webhook.provider ? {} : { changedBy: text(actorText(actor)) }),
  };
  return {
    ...keyItem(webhook),
    status: text(status),
    payload: bytes(webhook.payload.bytes),
    received: bytes(packAttributes(receivedAttributes(webhook))),
    ...(Object.keys(state).length === 0 ? {} : { state: packedState(state) }),
    receivedAt: number(webhook.receivedAt),
    // Time to live counts in seconds; the rest keeps the instant exact.
    expiresAt: number(Math.floor(webhook.expiresAt / SECOND_MS)),
    revision: number(1),
    auditSeq: number(head.seq),
    auditHash: hexBytes(head.hash),
    listShard: number(shardOf(webhook.webhookId)),
    ...(attention === undefined ? {} : { attention: text(attention) }),
  };
};

const receivedAttributes = (webhook: ReceivedWebhook): Item => {
  const { cardData, ordering } = webhook;
  const found = [cardData.cardNumbers, cardData.securityCodes, cardData.trackData];
  return {
    provider: text(webhook.provider),
    // Most often the id is `{provider}:{event id}`, and need not stand here twice.
    ...(webhook.webhookId === `${webhook.provider}:${webhook.providerEventId}`
      ? {}
      : { providerEventId: webhook.providerEventId === null ? { NULL: true } : text(webhook.providerEventId) }),
    eventType: text(webhook.eventType),
    mode: text(webhook.mode),
    ...(webhook.isSimulated ? { isSimulated: { BOOL: true } } : {}),
    ...(webhook.synthetic === undefined ? {} : { synthetic: text(webhook.synthetic) }),
    ...(webhook.origin === undefined ? {} : { origin: text(webhook.origin) }),
    ...(webhook.account === null ? {} : { account: text(webhook.account) }),
    ...(webhook.objectId === null ? {} : { objectId: text(webhook.objectId) }),
    ...(webhook.parentIds.length === 0 ? {} : { parentIds: { L: webhook.parentIds.map(text) } }),
    ...(ordering === null ? {} : { ordering: { L: [text(ordering.by), number(ordering.value)] } }),
    keyId: text(webhook.payload.keyId),
    payloadBytes: number(webhook.payloadBytes),
    bodySha256: hexBytes(webhook.bodySha256),
    ...(webhook.contentHash === undefined ? {} : { contentHash: hexBytes(webhook.contentHash) }),
    ...(Object.keys(webhook.headers).length === 0
      ? {}
      : { headers: { M: Object.fromEntries(Object.entries(webhook.headers).map(([k, v]) => [k, text(v)])) } }),
    secretId: text(webhook.secretId),
    ...(found.every((count) => count === 0) ? {} : { cardData: { L: found.map(number) } }),
    traceId: text(webhook.traceId),
    ...(webhook.expiresAt % SECOND_MS === 0 ? {} : { expiresAtMs: number(webhook.expiresAt % SECOND_MS) }),
  };
};
