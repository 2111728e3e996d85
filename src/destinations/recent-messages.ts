/**
 * Messages that processing has just made, for the sender of the same process: it need not open and map their webhooks once
 * more. Only a short cut: what is not here is loaded, and has the same bytes.
 */
import { LIMITS } from '../core/limits.ts';
import type { DestinationMessage } from './destination.ts';
import type { DestinationEntry } from './destination-queue.ts';

export interface RecentMessages {
  keep(entry: DestinationEntry, message: DestinationMessage): void;
  find(entry: DestinationEntry): DestinationMessage | undefined;
}

/** The same event is the same message for every destination. */
const keyOf = ({ eventId, timestamp, news }: DestinationEntry): string => `${eventId}@${timestamp} ${news}`;

export const createRecentMessages = (): RecentMessages => {
  const messages = new Map<string, DestinationMessage>();
  return {
    keep(entry, message) {
      messages.set(keyOf(entry), message);
      const oldest = messages.keys().next().value;
      if (messages.size > LIMITS.recentMessagesMax && oldest !== undefined) messages.delete(oldest);
    },
    find: (entry) => messages.get(keyOf(entry)),
  };
};
