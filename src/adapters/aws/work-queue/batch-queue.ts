/**
 * The work queue as the processor function sees it: Lambda has received a batch of messages and removes those that are
 * not reported back as failed.
 */
import assert from 'node:assert/strict';
import type { Claim, SettleClaims } from '../../../core/ports/queue.ts';
import { claimOf, hideClaimed, type SqsAttributes } from './claim.ts';
import { readMessage } from './message.ts';
import { type SqsQueueDeps, sendDeadLetter, sendUnreadable } from './queue.ts';

/** As much of a record of Lambda's SQS event as is used. */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: SqsAttributes;
}

export interface SqsBatchItem {
  readonly claim: Claim;
  /** Not null: a dead letter that somebody moved back onto the work queue with SQS's own redrive. */
  readonly deadLetteredRevision: number | null;
}

/** A message that is not a pointer to a webhook. */
export interface UnreadableMessage {
  readonly messageId: string;
  /** What is wrong with it, without a word of it. */
  readonly reason: string;
}

export interface SqsBatch {
  readonly items: readonly SqsBatchItem[];
  readonly unreadable: readonly UnreadableMessage[];
  /**
   * Settles the claims of `items`. `complete` leaves the message to Lambda, which removes it; `deadLetter` puts it on the
   * dead-letter queue first; `retryIn` hides it and reports it as failed, and so does everything that is not settled.
   */
  readonly queue: SettleClaims;
  /** Puts it on the dead-letter queue as it came. Without this it is reported as failed and comes back. */
  setAside(message: UnreadableMessage): Promise<void>;
  /** What the function returns as `batchItemFailures`: each message that was not settled, once. */
  failures(): readonly { readonly itemIdentifier: string }[];
}

/** Throws when a record has no id: Lambda would take an answer that leaves it out for success and remove the message. */
export const openSqsBatch = (
  deps: SqsQueueDeps,
  { Records: records }: { readonly Records: readonly SqsRecord[] },
): SqsBatch => {
  const claimedAt = deps.clock.now();
  /** What is not settled yet. */
  const open = new Map<Claim['receipt'] | UnreadableMessage, SqsRecord>();
  const items: SqsBatchItem[] = [];
  const unreadable: UnreadableMessage[] = [];

  for (const record of records) {
    const { messageId, receiptHandle, body, attributes } = record;
    assert(messageId !== '', 'a message of a batch has an id');
    const message = readMessage(body);
    if (message.outcome === 'understood') {
      const claim = claimOf(message.entry, receiptHandle, attributes, claimedAt);
      items.push({ claim, deadLetteredRevision: message.deadLetteredRevision });
      open.set(claim.receipt, record);
    } else {
      const found = { messageId, reason: message.reason };
      unreadable.push(found);
      open.set(found, record);
    }
  }

  return {
    items,
    unreadable,
    queue: {
      complete: async ({ receipt }) => (open.delete(receipt) ? 'settled' : 'lost'),
      async deadLetter({ entry, receipt }, revision) {
        if (!open.has(receipt)) return 'lost';
        await sendDeadLetter(deps, entry, revision);
        open.delete(receipt);
        return 'settled';
      },
      async retryIn({ receipt }, delayMs) {
        if (!open.has(receipt)) return 'lost';
        return hideClaimed(deps.client, deps.workQueueUrl, receipt, { delayMs, now: deps.clock.now() });
      },
    },
    async setAside(message) {
      const record = open.get(message);
      if (record === undefined) return;
      await sendUnreadable(deps, record.body);
      open.delete(message);
    },
    failures: () => {
      const messageIds = new Set([...open.values()].map(({ messageId }) => messageId));
      return [...messageIds].map((itemIdentifier) => ({ itemIdentifier }));
    },
  };
};
