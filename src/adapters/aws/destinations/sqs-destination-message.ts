/** What a message of a destination's queue says: which payment event to send. A pointer as JSON, never a payload. */
import type { EpochMs } from '../../../core/webhook.ts';
import type { DestinationEntry } from '../../../destinations/destination-queue.ts';

export type ReadDestinationMessage =
  | { readonly outcome: 'understood'; readonly entry: DestinationEntry; readonly enqueuedAt: EpochMs }
  /** `reason` names what is wrong and quotes nothing. */
  | { readonly outcome: 'unreadable'; readonly reason: string };

/** Longer than any id that is stored: DynamoDB's keys end at 2048 bytes. */
const FIELD_CHARS_MAX = 2048;

/** The queue says which destination it is. */
export const writeDestinationMessage = (
  { webhookId, timestamp, provider, traceId, eventId, isNews }: DestinationEntry,
  enqueuedAt: EpochMs,
): string => JSON.stringify({ webhookId, timestamp, provider, traceId, eventId, isNews, enqueuedAt });

/** One queue holds what was given up of all destinations, so here the message says which. */
export const writeGivenUp = (entry: DestinationEntry, enqueuedAt: EpochMs): string => {
  const { destination, webhookId, timestamp, provider, traceId, eventId, isNews } = entry;
  return JSON.stringify({ destination, webhookId, timestamp, provider, traceId, eventId, isNews, enqueuedAt });
};

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= FIELD_CHARS_MAX;

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    // The engine's message would quote the body; that it is no JSON is all there is to say.
    return undefined;
  }
};

const unreadable = (reason: string): ReadDestinationMessage => ({ outcome: 'unreadable', reason });

/**
 * Reads what `writeDestinationMessage` or `writeGivenUp` wrote, out of the queue of this destination. Fields that it does
 * not know are passed over: a newer processor may say more. Never throws.
 */
export const readDestinationMessage = (body: string, destination: string): ReadDestinationMessage => {
  const value = parse(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return unreadable('not a JSON object');
  const { webhookId, timestamp, provider, traceId, eventId, isNews, enqueuedAt }: Record<string, unknown> = {
    ...value,
  };
  if (!isText(webhookId)) return unreadable('webhookId is missing or not a text');
  if (!Number.isSafeInteger(timestamp)) return unreadable('timestamp is missing or not a whole number');
  if (!isText(provider)) return unreadable('provider is missing or not a text');
  if (!isText(traceId)) return unreadable('traceId is missing or not a text');
  if (!isText(eventId) || !eventId.startsWith(webhookId)) return unreadable('eventId is missing or of another webhook');
  if (typeof isNews !== 'boolean') return unreadable('isNews is missing or neither true nor false');
  if (!Number.isSafeInteger(enqueuedAt)) return unreadable('enqueuedAt is missing or not a whole number');
  const entry = { webhookId, timestamp: Number(timestamp), destination, eventId, provider, traceId, isNews };
  return { outcome: 'understood', entry, enqueuedAt: Number(enqueuedAt) };
};
