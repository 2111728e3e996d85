/** What a message of a destination's queue says: which payment event to send. A pointer as JSON, never a payload. */
import type { News } from '../../../core/effects.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import type { DestinationEntry } from '../../../destinations/destination-queue.ts';
import { isIdText, readMessageFields, readPointer } from '../message-fields.ts';

export type ReadDestinationMessage =
  | { readonly outcome: 'understood'; readonly entry: DestinationEntry; readonly enqueuedAt: EpochMs }
  /** `reason` names what is wrong and quotes nothing. */
  | { readonly outcome: 'unreadable'; readonly reason: string };

const VERSION = 1;
const NEWS: readonly News[] = ['news', 'repeated', 'stale'];

/** The queue says which destination it is. */
export const writeDestinationMessage = (
  { webhookId, timestamp, provider, traceId, eventId, news }: DestinationEntry,
  enqueuedAt: EpochMs,
): string => JSON.stringify({ v: VERSION, webhookId, timestamp, provider, traceId, eventId, news, enqueuedAt });

/** One queue holds what was given up of all destinations, so here the message says which. */
export const writeGivenUp = (entry: DestinationEntry, enqueuedAt: EpochMs): string => {
  const { destination, webhookId, timestamp, provider, traceId, eventId, news } = entry;
  const fields = { destination, webhookId, timestamp, provider, traceId, eventId, news, enqueuedAt };
  return JSON.stringify({ v: VERSION, ...fields });
};

/** Before version 1 a message said whether it was news and nothing else. */
const newsOf = ({ news, isNews }: Readonly<Record<string, unknown>>, version: number): News | undefined => {
  if (version === 0) return typeof isNews === 'boolean' ? (isNews ? 'news' : 'repeated') : undefined;
  return NEWS.find((known) => known === news);
};

const unreadable = (reason: string): ReadDestinationMessage => ({ outcome: 'unreadable', reason });

/**
 * Reads what `writeDestinationMessage` or `writeGivenUp` wrote, in this version or the one before, out of the queue of this
 * destination. Fields that it does not know are passed over: a newer processor may say more. Never throws.
 */
export const readDestinationMessage = (body: string, destination: string): ReadDestinationMessage => {
  const read = readMessageFields(body, VERSION);
  if (read.outcome === 'unreadable') return read;
  const pointer = readPointer(read.fields);
  if (typeof pointer === 'string') return unreadable(pointer);
  const { eventId, enqueuedAt } = read.fields;
  if (!isIdText(eventId) || !eventId.startsWith(pointer.webhookId)) {
    return unreadable('eventId is missing or of another webhook');
  }
  const news = newsOf(read.fields, read.version);
  if (news === undefined) return unreadable('news is missing or not one of its words');
  if (!Number.isSafeInteger(enqueuedAt)) return unreadable('enqueuedAt is missing or not a whole number');
  return {
    outcome: 'understood',
    entry: { ...pointer, destination, eventId, news },
    enqueuedAt: Number(enqueuedAt),
  };
};
