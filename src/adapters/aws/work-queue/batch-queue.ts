/**
 * The work queue as the processor function sees it: Lambda has received a batch of messages and removes those that are
 * not reported back as failed.
 */
import type { Claim, SettleClaims, SettleOutcome } from '../../../core/ports/queue.ts';
import { claimOf, hideClaimed } from './claim.ts';
import { readMessage } from './message.ts';
import { type OpenRecords, openRecords, type SqsRecord } from './open-records.ts';
import { type SqsQueueDeps, sendDeadLetter } from './queue.ts';

export interface SqsBatchItem {
  readonly claim: Claim;
  /** Not null: a dead letter that somebody moved back onto the work queue with SQS's own redrive. */
  readonly deadLetteredRevision: number | null;
}

export interface SqsBatch extends Pick<OpenRecords, 'unreadable' | 'setAside' | 'failures'> {
  readonly items: readonly SqsBatchItem[];
  /**
   * Settles the claims of `items`. `complete` leaves the message to Lambda, which removes it; `deadLetter` puts it on the
   * dead-letter queue first; `retryIn` hides it and reports it as failed, and so does everything that is not settled.
   */
  readonly queue: SettleClaims;
}

/** Throws when a record has no id. */
export const openSqsBatch = (
  deps: SqsQueueDeps,
  { Records: records }: { readonly Records: readonly SqsRecord[] },
): SqsBatch => {
  const claimedAt = deps.clock.now();
  const items: SqsBatchItem[] = [];
  const { unreadable, isOpen, close, setAside, failures } = openRecords(deps, records, (record) => {
    const message = readMessage(record.body);
    if (message.outcome === 'unreadable') return message;
    const claim = claimOf(message.entry, record.receiptHandle, record.attributes, claimedAt);
    items.push({ claim, deadLetteredRevision: message.deadLetteredRevision });
    return claim;
  });

  const hide = async ({ receipt }: Claim, delayMs: number): Promise<SettleOutcome> =>
    isOpen(receipt) ? hideClaimed(deps.client, deps.workQueueUrl, receipt, { delayMs, now: deps.clock.now() }) : 'lost';

  return {
    items,
    unreadable,
    setAside,
    failures,
    queue: {
      complete: async ({ receipt }) => (close(receipt) ? 'settled' : 'lost'),
      async deadLetter({ entry, receipt }, revision) {
        if (!isOpen(receipt)) return 'lost';
        await sendDeadLetter(deps, entry, revision);
        close(receipt);
        return 'settled';
      },
      retryIn: hide,
      putBack: hide,
    },
  };
};
