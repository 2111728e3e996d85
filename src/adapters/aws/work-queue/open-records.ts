/** The messages of a batch that Lambda has handed out, until each is settled: what is reported as failed comes back. */
import assert from 'node:assert/strict';
import type { SqsAttributes } from './claim.ts';
import { sendUnreadable } from './queue.ts';

/** As much of a record of Lambda's SQS event as is used. */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: SqsAttributes;
}

/** A message that is not a pointer to a webhook. */
export interface UnreadableMessage {
  readonly messageId: string;
  /** What is wrong with it, without a word of it. */
  readonly reason: string;
}

export interface OpenRecords<Record extends SqsRecord = SqsRecord> {
  readonly unreadable: readonly UnreadableMessage[];
  /** The message of a claim; undefined when it was closed before, or is not of this batch. */
  find(receipt: string): Record | undefined;
  /** Receipts of all messages that are open, unreadable ones included. */
  receipts(): readonly string[];
  /** Lambda may remove the message; false when it was closed before, or is not of this batch. */
  close(receipt: string): boolean;
  /** Puts it on the dead-letter queue as it came. Without this it is reported as failed and comes back. */
  setAside(message: UnreadableMessage): Promise<void>;
  /** What the function returns as `batchItemFailures`: each message that is still open, once. */
  failures(): readonly { readonly itemIdentifier: string }[];
}

/**
 * `read` gives the receipt of what it understands, or what is wrong with it. Throws when a record has no id: Lambda would
 * take an answer that leaves it out for success and remove the message.
 */
export const openRecords = <Record extends SqsRecord>(
  deps: Parameters<typeof sendUnreadable>[0],
  records: readonly Record[],
  read: (record: Record) => { readonly receipt: string } | { readonly reason: string },
): OpenRecords<Record> => {
  const open = new Map<string | UnreadableMessage, Record>();
  const unreadable: UnreadableMessage[] = [];
  for (const record of records) {
    const { messageId } = record;
    assert(messageId !== '', 'a message of a batch has an id');
    const found = read(record);
    if ('receipt' in found) open.set(found.receipt, record);
    else {
      const message = { messageId, reason: found.reason };
      unreadable.push(message);
      open.set(message, record);
    }
  }
  return {
    unreadable,
    find: (receipt) => open.get(receipt),
    receipts: () => [...open.values()].map(({ receiptHandle }) => receiptHandle),
    close: (receipt) => open.delete(receipt),
    async setAside(message) {
      const record = open.get(message);
      if (record === undefined) return;
      await sendUnreadable(deps, record.body);
      open.delete(message);
    },
    failures: () =>
      [...new Set([...open.values()].map(({ messageId }) => messageId))].map((itemIdentifier) => ({ itemIdentifier })),
  };
};
