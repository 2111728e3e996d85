/**
 * What an audit entry says of the webhook that it is about, so that the trail vouches for the stored webhook and not for
 * itself only: hashes of what was received and of what the webhook held after the change. Pure and the same in both homes.
 */
import { hash } from 'node:crypto';
import { NO_EFFECTS } from '../core/effects.ts';
import type { ReceivedWebhook, Webhook } from '../core/webhook.ts';

/** What was stored when a webhook was received. Nothing of it ever changes. */
export interface ReceivedFacts {
  readonly eventType: string;
  readonly mode: string;
  readonly bodySha256: string;
  /** Of the sealed bytes. */
  readonly payloadSha256: string;
  /** Of every other field that never changes: headers, ids, secret, account, times and the like. */
  readonly restSha256: string;
  /** After this instant the webhook may be gone. */
  readonly expiresAt: number;
  /** Where the home keeps transmissions beside webhooks: the one that brought this webhook. */
  readonly transmission?: string;
}

/** What a webhook holds of what changes. */
export type StateOfWebhook = Pick<
  Webhook,
  'status' | 'attempts' | 'lastError' | 'nextAttemptAt' | 'effects' | 'changedAt' | 'changedBy' | 'revision'
>;

/** The state before a change as its writer found it, and after it. A state that somebody else put between shows. */
export interface StateFacts {
  readonly beforeSha256: string;
  readonly afterSha256: string;
}

const sha256 = (value: string | Uint8Array): string => hash('sha256', value, 'base64url');

/** A store keeps text as UTF-8, which has no halves of surrogate pairs. */
const wellFormed = (value: string | null): string | null => (value === null ? null : value.toWellFormed());

/** What `receivedFactsOf` says apart, and what `restOf` lists. */
type Hashed =
  | ('eventType' | 'mode' | 'bodySha256' | 'payload')
  | ('webhookId' | 'timestamp' | 'provider' | 'providerEventId' | 'isSimulated' | 'account' | 'objectId')
  | ('parentIds' | 'ordering' | 'payloadBytes' | 'headers' | 'secretId' | 'cardData' | 'receivedAt' | 'traceId')
  | ('expiresAt' | 'contentHash' | 'synthetic' | 'origin');
// A field that is added to webhooks has to be hashed too: this does not compile until it is.
void ((field: keyof ReceivedWebhook): Hashed => field);

/** Every webhook passes here: each field is read by itself, for taking objects apart costs more than the hash. */
const restOf = (webhook: ReceivedWebhook): string => {
  const { ordering, headers, cardData } = webhook;
  return JSON.stringify([
    webhook.webhookId.toWellFormed(),
    webhook.timestamp,
    webhook.provider,
    wellFormed(webhook.providerEventId),
    webhook.isSimulated,
    wellFormed(webhook.account),
    wellFormed(webhook.objectId),
    webhook.parentIds.map(wellFormed),
    ordering === null ? null : [ordering.by, ordering.value],
    webhook.payload.keyId,
    webhook.payloadBytes,
    Object.keys(headers)
      .sort()
      .map((name) => [name, wellFormed(headers[name] ?? '')]),
    webhook.secretId.toWellFormed(),
    [cardData.cardNumbers, cardData.securityCodes, cardData.trackData],
    webhook.receivedAt,
    webhook.traceId.toWellFormed(),
    webhook.expiresAt,
    webhook.contentHash ?? null,
    // Left out where there is none, so that the hash is the one of before there was any.
    ...(webhook.synthetic === undefined ? [] : [webhook.synthetic]),
    ...(webhook.origin === undefined ? [] : [{ origin: webhook.origin }]),
  ]);
};

/** The order of the fields is part of the format. */
export const receivedFactsOf = (webhook: ReceivedWebhook, transmission: string | null): ReceivedFacts => ({
  eventType: webhook.eventType.toWellFormed(),
  mode: webhook.mode,
  bodySha256: webhook.bodySha256,
  payloadSha256: sha256(webhook.payload.bytes),
  restSha256: sha256(restOf(webhook)),
  expiresAt: webhook.expiresAt,
  ...(transmission === null ? {} : { transmission: transmission.toWellFormed() }),
});

/** Null, and a list that is empty: left out, so that a field which a later release adds does not change the hash of before. */
const isNothing = (member: unknown): boolean =>
  member === null || member === undefined || (Array.isArray(member) && member.length === 0);

/**
 * The value as JSON, whatever the order of its members: an object is the list of its names and values. Written as text at once,
 * for every webhook passes here.
 */
const canonicalText = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed());
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  let members = '';
  for (const name of Object.keys(value).sort()) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (!isNothing(member)) members += `${members === '' ? '' : ','}[${JSON.stringify(name)},${canonicalText(member)}]`;
  }
  return `[${members}]`;
};

/** Before its first attempt every webhook has these. */
const NO_EFFECTS_TEXT = canonicalText(NO_EFFECTS);

export const stateSha256 = (state: StateOfWebhook): string => {
  const { status, attempts, lastError, nextAttemptAt, effects, changedAt, changedBy, revision } = state;
  const before = JSON.stringify([status, attempts, wellFormed(lastError), nextAttemptAt]);
  const after = JSON.stringify([changedAt, [changedBy.type, changedBy.id.toWellFormed()], revision]);
  const text = effects === NO_EFFECTS ? NO_EFFECTS_TEXT : canonicalText(effects);
  return sha256(`${before.slice(0, -1)},${text},${after.slice(1)}`);
};
