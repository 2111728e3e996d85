/** What all messages on our queues have in common: a JSON object that says its version. Who reads one trusts nothing. */
import type { EpochMs } from '../../core/webhook.ts';

export type MessageFields =
  | { readonly outcome: 'read'; readonly version: number; readonly fields: Readonly<Record<string, unknown>> }
  /** `reason` names what is wrong and quotes nothing. */
  | { readonly outcome: 'unreadable'; readonly reason: string };

/** Longer than any id that is stored: DynamoDB's keys end at 2048 bytes. */
const TEXT_CHARS_MAX = 2048;

/**
 * The fields of a message of at most this version: `v`, or 0 for a message of before version 0.2, which says none. A newer
 * one is unreadable, because what it means is not known. Never throws.
 */
export const readMessageFields = (body: string, versionMax: number): MessageFields => {
  const value = parse(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { outcome: 'unreadable', reason: 'not a JSON object' };
  }
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const { v: version = 0 } = fields;
  return typeof version === 'number' && Number.isInteger(version) && version >= 0 && version <= versionMax
    ? { outcome: 'read', version, fields }
    : { outcome: 'unreadable', reason: 'version_unknown: of a newer Payhook, or not of Payhook' };
};

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    // The engine's message would quote the body; that it is not JSON is all there is to say.
    return undefined;
  }
};

/** The pointer to a webhook that every message of a queue of work carries, or what is wrong with it. */
export const readPointer = ({
  webhookId,
  timestamp,
  provider,
  traceId,
}: Readonly<Record<string, unknown>>):
  | { readonly webhookId: string; readonly timestamp: number; readonly provider: string; readonly traceId: string }
  | string => {
  if (!isIdText(webhookId)) return 'webhookId is missing or not a text';
  if (!Number.isSafeInteger(timestamp)) return 'timestamp is missing or not a whole number';
  if (!isIdText(provider)) return 'provider is missing or not a text';
  if (!isIdText(traceId)) return 'traceId is missing or not a text';
  return { webhookId, timestamp: Number(timestamp), provider, traceId };
};

/** What a message says that has rested or rests, or what is wrong with it. Nulls for one that never did. */
export const readRest = ({
  enqueuedAt = null,
  dueAt = null,
}: Readonly<Record<string, unknown>>):
  | { readonly enqueuedAt: EpochMs | null; readonly dueAt: EpochMs | null }
  | string => {
  if (!isInstantOrNull(enqueuedAt)) return 'enqueuedAt is not a whole number';
  if (!isInstantOrNull(dueAt)) return 'dueAt is not a whole number';
  return { enqueuedAt, dueAt };
};

const isInstantOrNull = (value: unknown): value is EpochMs | null => value === null || Number.isSafeInteger(value);

export const isIdText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= TEXT_CHARS_MAX;
