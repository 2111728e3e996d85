/**
 * The work queue as the processor function sees it: Lambda has received a batch of messages and removes those that are
 * not reported back as failed.
 */
import type { Claim, SettleClaims } from '../../../core/ports/queue.ts';
import { claimOf, hideAllClaimed, hideClaimed } from './claim.ts';
import { readMessage } from './message.ts';
import { type OpenRecords, openRecords, type SqsRecord } from './open-records.ts';
import { type SqsQueueDeps, sendDeadLetter, sendRestingClaim } from './queue.ts';
import { restMsLeft } from './rest.ts';

export interface SqsBatchItem {
  readonly claim: Claim;
  /** Not null: a dead letter that somebody moved back onto the work queue with SQS's own redrive. */
  readonly deadLetteredRevision: number | null;
  /** Not 0: it rests for longer than SQS can delay a message, and is to rest on for so long. */
  readonly restMsLeft: number;
}

export interface SqsBatch extends Pick<OpenRecords, 'unreadable' | 'setAside' | 'failures'> {
  readonly items: readonly SqsBatchItem[];
  /**
   * Settles the claims of `items`. `complete` leaves the message to Lambda, which removes it; `deadLetter` puts it on the
   * dead-letter queue first, and `retryIn` on the work queue, delayed. `putBack` hides it and reports it as failed; so does
   * everything that is not settled.
   */
  readonly queue: SettleClaims;
  /** What is not settled comes back after so long from now, should nobody be left to say how it ended. */
  hold(ms: number): Promise<void>;
}

/** Throws when a record has no id. */
export const openSqsBatch = (
  deps: SqsQueueDeps,
  { Records: records }: { readonly Records: readonly SqsRecord[] },
): SqsBatch => {
  const { client, clock, workQueueUrl } = deps;
  const claimedAt = clock.now();
  const items: SqsBatchItem[] = [];
  const { unreadable, find, receipts, close, setAside, failures } = openRecords(deps, records, (record) => {
    const message = readMessage(record.body);
    if (message.outcome === 'unreadable') return message;
    const claim = claimOf(message, record.receiptHandle, record.attributes, claimedAt);
    const { deadLetteredRevision, dueAt } = message;
    items.push({ claim, deadLetteredRevision, restMsLeft: restMsLeft(dueAt, claimedAt) });
    return claim;
  });

  return {
    items,
    unreadable,
    setAside,
    failures,
    queue: {
      complete: async ({ receipt }) => (close(receipt) ? 'settled' : 'lost'),
      async deadLetter({ entry, receipt }, revision) {
        if (find(receipt) === undefined) return 'lost';
        await sendDeadLetter(deps, entry, revision);
        close(receipt);
        return 'settled';
      },
      async retryIn(claim, delayMs) {
        const record = find(claim.receipt);
        if (record === undefined) return 'lost';
        await sendRestingClaim(deps, claim, record, delayMs);
        close(claim.receipt);
        return 'settled';
      },
      putBack: async ({ receipt }, delayMs) =>
        find(receipt) === undefined ? 'lost' : hideClaimed(client, workQueueUrl, receipt, delayMs),
    },
    hold: (ms) => hideAllClaimed(client, workQueueUrl, receipts(), ms),
  };
};
