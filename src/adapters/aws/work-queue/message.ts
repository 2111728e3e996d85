/** What a message of the work queue says: which stored webhook to process. A pointer as JSON, never a payload. */
import type { QueueEntry } from '../../../core/ports/queue.ts';

export interface WorkMessage {
  readonly entry: QueueEntry;
  /** The webhook's revision when it was given up on; null for one that waits for its first attempt or the next one. */
  readonly deadLetteredRevision: number | null;
}

export type ReadMessage =
  | (WorkMessage & { readonly outcome: 'understood' })
  /** `reason` names what is wrong and quotes nothing. */
  | { readonly outcome: 'unreadable'; readonly reason: string };

/** Longer than any id that is stored: DynamoDB's keys end at 2048 bytes. */
const FIELD_CHARS_MAX = 2048;

export const writeMessage = ({ webhookId, timestamp, provider, traceId }: QueueEntry): string =>
  JSON.stringify({ webhookId, timestamp, provider, traceId });

export const writeDeadLetter = (
  { webhookId, timestamp, provider, traceId }: QueueEntry,
  deadLetteredRevision: number,
): string => JSON.stringify({ webhookId, timestamp, provider, traceId, deadLetteredRevision });

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= FIELD_CHARS_MAX;

const isRevision = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;

const unreadable = (reason: string): ReadMessage => ({ outcome: 'unreadable', reason });

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    // The engine's message would quote the body; that it is no JSON is all there is to say.
    return undefined;
  }
};

/**
 * Reads what `writeMessage` or `writeDeadLetter` wrote. Fields that it does not know are passed over: a newer receiver
 * may say more. Never throws.
 */
export const readMessage = (body: string): ReadMessage => {
  const value = parse(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return unreadable('not a JSON object');
  const {
    webhookId,
    timestamp,
    provider,
    traceId,
    deadLetteredRevision = null,
  }: Record<string, unknown> = {
    ...value,
  };
  if (!isText(webhookId)) return unreadable('webhookId is missing or not a text');
  if (!Number.isSafeInteger(timestamp)) return unreadable('timestamp is missing or not a whole number');
  if (!isText(provider)) return unreadable('provider is missing or not a text');
  if (!isText(traceId)) return unreadable('traceId is missing or not a text');
  if (deadLetteredRevision !== null && !isRevision(deadLetteredRevision)) {
    return unreadable('deadLetteredRevision is not a whole number from 1');
  }
  const entry = { webhookId, timestamp: Number(timestamp), provider, traceId };
  return { outcome: 'understood', entry, deadLetteredRevision };
};
