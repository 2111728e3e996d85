/** Webhooks to rows and back. Fields that no query asks for share the JSON column `details`. */
import assert from 'node:assert/strict';
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { StateOfWebhook } from '../../audit/webhook-facts.ts';
import { effectsFromText, effectsToText } from '../../core/effects.ts';
import { WEBHOOK_STATUSES, type WebhookStatus } from '../../core/status.ts';
import type { Actor, BriefWebhook, Mode, ReceivedWebhook, Webhook, WebhookSummary } from '../../core/webhook.ts';

type Details = Pick<
  ReceivedWebhook,
  | ('providerEventId' | 'isSimulated' | 'synthetic' | 'origin' | 'parentIds' | 'ordering')
  | ('contentHash' | 'headers' | 'secretId' | 'cardData')
>;

type Row = Record<string, SQLOutputValue>;

/** Columns of an insert, in the order of `insertValues`. */
export const INSERT_COLUMNS = `webhook_id, timestamp, provider, event_type, status, mode, account, object_id,
  payload_key_id, payload_bytes, body_sha256, received_at, expires_at, trace_id, details, attempts, last_error,
  next_attempt_at, changed_at, changed_by, revision, effects, audit_position, audit_seq, audit_hash`;

/** What a change of a webhook changes. */
export const STATE_COLUMNS = 'status, attempts, last_error, next_attempt_at, effects, changed_at, changed_by, revision';

/** Everything but the payload, which lists do not read. */
export const SUMMARY_COLUMNS = `position, webhook_id, timestamp, provider, event_type, status, mode, account, object_id,
  payload_bytes, body_sha256, received_at, expires_at, trace_id, details, attempts, last_error, next_attempt_at,
  changed_at, changed_by, revision, effects, audit_position, audit_seq, audit_hash`;

export const WEBHOOK_COLUMNS = `${SUMMARY_COLUMNS}, payload_key_id, (SELECT payload FROM webhook_payloads
  WHERE webhook_position = payment_webhooks.position) AS payload`;

/** Values for `INSERT_COLUMNS` up to `effects`; the audit columns follow. */
export const insertValues = (webhook: ReceivedWebhook, state: StateOfWebhook): SQLInputValue[] => {
  const { providerEventId, isSimulated, synthetic, origin, parentIds, ordering } = webhook;
  const { contentHash, headers, secretId, cardData } = webhook;
  const details: Details = {
    providerEventId,
    isSimulated,
    ...(synthetic === undefined ? {} : { synthetic }),
    ...(origin === undefined ? {} : { origin }),
    parentIds,
    ordering,
    ...(contentHash === undefined ? {} : { contentHash }),
    headers,
    secretId,
    cardData,
  };
  return [
    webhook.webhookId,
    webhook.timestamp,
    webhook.provider,
    webhook.eventType,
    state.status,
    webhook.mode,
    webhook.account,
    webhook.objectId,
    webhook.payload.keyId,
    webhook.payloadBytes,
    webhook.bodySha256,
    webhook.receivedAt,
    webhook.expiresAt,
    webhook.traceId,
    JSON.stringify(details),
    state.attempts,
    state.lastError,
    state.nextAttemptAt,
    state.changedAt,
    JSON.stringify(state.changedBy),
    state.revision,
    effectsToText(state.effects),
  ];
};

const text = (row: Row, column: string): string => {
  const value = row[column];
  assert(typeof value === 'string', `column ${column} holds text`);
  return value;
};

const integer = (row: Row, column: string): number => {
  const value = row[column];
  assert(typeof value === 'number', `column ${column} holds a number`);
  return value;
};

const textOrNull = (row: Row, column: string): string | null => (row[column] === null ? null : text(row, column));
const integerOrNull = (row: Row, column: string): number | null => (row[column] === null ? null : integer(row, column));

/** The status as stored; a status that the machine does not know means that somebody else wrote the row. */
export const statusOf = (row: Row): WebhookStatus => statusIn(row.status);

const statusIn = (value: unknown): WebhookStatus => {
  const status = WEBHOOK_STATUSES.find((known) => known === value);
  assert(status !== undefined, 'the stored status is one of the status machine');
  return status;
};

export const stateOf = (row: Row): StateOfWebhook => {
  const changedBy: Actor = JSON.parse(text(row, 'changed_by'));
  return {
    status: statusOf(row),
    attempts: integer(row, 'attempts'),
    lastError: textOrNull(row, 'last_error'),
    nextAttemptAt: integerOrNull(row, 'next_attempt_at'),
    effects: effectsFromText(textOrNull(row, 'effects')),
    changedAt: integer(row, 'changed_at'),
    changedBy,
    revision: integer(row, 'revision'),
  };
};

const MODES: readonly Mode[] = ['live', 'test', 'unknown'];
const modeOf = (value: unknown): Mode => MODES.find((mode) => mode === value) ?? 'unknown';

const readDetails = (row: Row): Details => JSON.parse(text(row, 'details'));

/** Everything of a row except payload and headers. */
export const summaryOf = (row: Row): WebhookSummary => {
  const { headers: _, ...details } = readDetails(row);
  return summaryWith(row, details);
};

const summaryWith = (row: Row, details: Omit<Details, 'headers'>): WebhookSummary => ({
  webhookId: text(row, 'webhook_id'),
  timestamp: integer(row, 'timestamp'),
  provider: text(row, 'provider'),
  eventType: text(row, 'event_type'),
  mode: modeOf(row.mode),
  account: textOrNull(row, 'account'),
  objectId: textOrNull(row, 'object_id'),
  payloadBytes: integer(row, 'payload_bytes'),
  bodySha256: text(row, 'body_sha256'),
  receivedAt: integer(row, 'received_at'),
  expiresAt: integer(row, 'expires_at'),
  traceId: text(row, 'trace_id'),
  ...stateOf(row),
  ...details,
});

/** Of `briefOf`, by their places: rows without names are read in half the time. */
export const BRIEF_COLUMNS = `position, received_at, webhook_id, timestamp, provider, account, mode, event_type, status, last_error,
  effects, revision`;

export type BriefRow = readonly [
  position: number,
  receivedAt: number,
  webhookId: string,
  timestamp: number,
  provider: string,
  account: string | null,
  mode: string,
  eventType: string,
  status: string,
  lastError: string | null,
  effects: string | null,
  revision: number,
];

export const briefOf = (row: BriefRow): BriefWebhook => {
  const [, receivedAt, webhookId, timestamp, provider, account, mode, eventType, status, lastError, effects, revision] =
    row;
  return {
    webhookId,
    timestamp,
    provider,
    account,
    mode: modeOf(mode),
    eventType,
    receivedAt,
    status: statusIn(status),
    lastError,
    effects: effectsFromText(effects, true),
    revision,
  };
};

export const webhookOf = (row: Row): Webhook => {
  const { headers, ...details } = readDetails(row);
  const payload = row.payload;
  assert(payload instanceof Uint8Array, 'a webhook has its payload beside it');
  return {
    ...summaryWith(row, details),
    headers,
    payload: { keyId: text(row, 'payload_key_id'), bytes: payload },
  };
};
