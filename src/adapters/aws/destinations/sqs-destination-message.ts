/** What a message of a destination's queue says: which payment event to send. A pointer as JSON, never a payload. */
import type { News } from '../../../core/effects.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import type { DestinationClaim, DestinationEntry } from '../../../destinations/destination-queue.ts';
import { isIdText, readMessageFields, readPointer, readRest } from '../message-fields.ts';

export type ReadDestinationMessage =
  | {
      readonly outcome: 'understood';
      readonly entry: DestinationEntry;
      readonly enqueuedAt: EpochMs;
      readonly failures: number;
      /** Before then it rests on; null when it is due as soon as it is handed out. */
      readonly dueAt: EpochMs | null;
    }
  /** `reason` names what is wrong and quotes nothing. */
  | { readonly outcome: 'unreadable'; readonly reason: string };

const VERSION = 1;
const NEWS: readonly News[] = ['news', 'repeated', 'stale'];

/** The queue says which destination it is. */
export const writeDestinationMessage = (
  { webhookId, timestamp, provider, traceId, eventId, news }: DestinationEntry,
  enqueuedAt: EpochMs,
): string => JSON.stringify({ v: VERSION, webhookId, timestamp, provider, traceId, eventId, news, enqueuedAt });

/** Of an entry that waits for its next attempt. */
export const writeResting = (
  { webhookId, timestamp, provider, traceId, eventId, news }: DestinationEntry,
  {
    enqueuedAt,
    failures,
    dueAt,
  }: Pick<DestinationClaim, 'enqueuedAt' | 'failures'> & { readonly dueAt: EpochMs | null },
): string => {
  const fields = { webhookId, timestamp, provider, traceId, eventId, news, enqueuedAt };
  return JSON.stringify({ v: VERSION, ...fields, failures, ...(dueAt === null ? {} : { dueAt }) });
};

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
 * Reads what `writeDestinationMessage`, `writeResting` or `writeGivenUp` wrote, in this version or the one before, out of the
 * queue of `destination`. One that was given up says itself which it is for: whoever moved it back out of the queue that
 * holds those of all destinations may have moved it here. Fields that it does not know are passed over: a newer processor may
 * say more. Never throws.
 */
export const readDestinationMessage = (body: string, destination: string): ReadDestinationMessage => {
  const read = readMessageFields(body, VERSION);
  if (read.outcome === 'unreadable') return read;
  const pointer = readPointer(read.fields);
  if (typeof pointer === 'string') return unreadable(pointer);
  const { eventId, failures = 0, destination: named = destination } = read.fields;
  if (!isIdText(named)) return unreadable('destination is not a name');
  if (!isIdText(eventId) || !eventId.startsWith(pointer.webhookId)) {
    return unreadable('eventId is missing or of another webhook');
  }
  const news = newsOf(read.fields, read.version);
  if (news === undefined) return unreadable('news is missing or not one of its words');
  const rest = readRest(read.fields);
  if (typeof rest === 'string') return unreadable(rest);
  const { enqueuedAt, dueAt } = rest;
  if (enqueuedAt === null) return unreadable('enqueuedAt is missing');
  if (!Number.isSafeInteger(failures) || Number(failures) < 0)
    return unreadable('failures is not a whole number from 0');
  const entry = { ...pointer, destination: named, eventId, news };
  return { outcome: 'understood', entry, enqueuedAt, failures: Number(failures), dueAt };
};
