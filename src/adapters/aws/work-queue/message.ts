/** What a message of the work queue says: which stored webhook to process. A pointer as JSON, never a payload. */
import type { QueueEntry } from '../../../core/ports/queue.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import { readMessageFields, readPointer, readRest } from '../message-fields.ts';

export interface WorkMessage {
  readonly entry: QueueEntry;
  /** The webhook's revision when it was given up on; null for one that waits for its first attempt or the next one. */
  readonly deadLetteredRevision: number | null;
  /** When the webhook came to the queue; null for a message that never rested: then when SQS says that it was sent. */
  readonly enqueuedAt: EpochMs | null;
  /** Before then nothing is to be done but to rest on; null when it is due as soon as it is handed out. */
  readonly dueAt: EpochMs | null;
}

export type ReadMessage =
  | (WorkMessage & { readonly outcome: 'understood' })
  /** `reason` names what is wrong and quotes nothing. */
  | { readonly outcome: 'unreadable'; readonly reason: string };

const VERSION = 1;

export const writeMessage = ({ webhookId, timestamp, provider, traceId }: QueueEntry): string =>
  JSON.stringify({ v: VERSION, webhookId, timestamp, provider, traceId });

/** Of a webhook that waits for its next attempt. */
export const writeResting = (
  { webhookId, timestamp, provider, traceId }: QueueEntry,
  enqueuedAt: EpochMs,
  dueAt: EpochMs | null,
): string =>
  JSON.stringify({
    v: VERSION,
    webhookId,
    timestamp,
    provider,
    traceId,
    enqueuedAt,
    ...(dueAt === null ? {} : { dueAt }),
  });

export const writeDeadLetter = (
  { webhookId, timestamp, provider, traceId }: QueueEntry,
  deadLetteredRevision: number,
): string => JSON.stringify({ v: VERSION, webhookId, timestamp, provider, traceId, deadLetteredRevision });

const isRevision = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;

/**
 * Reads what `writeMessage`, `writeResting` or `writeDeadLetter` wrote, in this version or the one before. Fields that it does not know
 * are passed over: a newer receiver may say more. Never throws.
 */
export const readMessage = (body: string): ReadMessage => {
  const read = readMessageFields(body, VERSION);
  if (read.outcome === 'unreadable') return read;
  const entry = readPointer(read.fields);
  if (typeof entry === 'string') return { outcome: 'unreadable', reason: entry };
  const { deadLetteredRevision = null } = read.fields;
  if (deadLetteredRevision !== null && !isRevision(deadLetteredRevision)) {
    return { outcome: 'unreadable', reason: 'deadLetteredRevision is not a whole number from 1' };
  }
  const rest = readRest(read.fields);
  if (typeof rest === 'string') return { outcome: 'unreadable', reason: rest };
  return { outcome: 'understood', entry, deadLetteredRevision, ...rest };
};
