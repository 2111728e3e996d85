/** SQL of the queue: one row for each webhook that waits; `due_at` hides it while it is claimed or backs off. */
import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { LIMITS } from '../../core/limits.ts';
import type { Claim, QueueEntry, SettleOutcome, WorkDepth } from '../../core/ports/queue.ts';
import type { EpochMs } from '../../core/webhook.ts';

/** What a change of a webhook does to the queue in the same transaction. */
export interface QueueRows {
  /** Puts the webhook on the queue; one that is there is reset: whoever holds a claim has lost it. */
  put(webhookPosition: number, dueAt: EpochMs, enqueuedAt: EpochMs): void;
  /** The same, but an entry that is there is left as it is. */
  putIfAbsent(webhookPosition: number, dueAt: EpochMs, enqueuedAt: EpochMs): void;
  /** Puts a new webhook on the queue, claimed by the process that holds it in memory; returns the receipt. */
  hold(webhookPosition: number, heldUntil: EpochMs, enqueuedAt: EpochMs): string;
  remove(claim: Claim): SettleOutcome;
  /** Its claims are counted anew. */
  reschedule(claim: Claim, dueAt: EpochMs): SettleOutcome;
  /** Its claims go on being counted. */
  putBack(claim: Claim, dueAt: EpochMs): SettleOutcome;
}

export interface QueueOperations {
  queueEnqueue(input: { entry: QueueEntry; dueAt: EpochMs; enqueuedAt: EpochMs }): void;
  queueClaim(input: { limit: number; now: EpochMs; leaseMs: number }): readonly Claim[];
  queueComplete(claim: Claim): SettleOutcome;
  queueReschedule(input: { claim: Claim; dueAt: EpochMs }): SettleOutcome;
  queuePutBack(input: { claim: Claim; dueAt: EpochMs }): SettleOutcome;
  /** Makes every claimed entry due now: only for a home that has just started and knows that it is the only one. */
  queueReleaseAll(input: { now: EpochMs }): number;
  /** Counts to `LIMITS.depthCountedMax` and no further. */
  queueDepth(input: { now: EpochMs }): WorkDepth;
}

/** A receipt is `{webhook position}.{number of the claim}`. */
const receiptOf = (position: number, claimNumber: number): string => `${position}.${claimNumber}`;

const readReceipt = (receipt: string): [position: number, claimNumber: number] => {
  const dot = receipt.indexOf('.');
  const position = Number(receipt.slice(0, dot));
  const claimNumber = Number(receipt.slice(dot + 1));
  assert(Number.isInteger(position) && Number.isInteger(claimNumber), 'a receipt of this queue');
  return [position, claimNumber];
};

export const positionOfClaim = ({ receipt }: Claim): number => readReceipt(receipt)[0];

/** The claim of the process that stored the webhook: no other claim has this number, and no entry gets it twice. */
const HELD = -1;

export const createQueueRows = (db: DatabaseSync): QueueRows => {
  const put = db.prepare(`INSERT INTO queue (webhook_position, due_at, enqueued_at, claim_number) VALUES (?, ?, ?, 0)
    ON CONFLICT (webhook_position) DO UPDATE SET due_at = excluded.due_at, enqueued_at = excluded.enqueued_at,
      claim_number = 0, claimed_times = 0`);
  const putIfAbsent =
    db.prepare(`INSERT INTO queue (webhook_position, due_at, enqueued_at, claim_number) VALUES (?, ?, ?, 0)
    ON CONFLICT (webhook_position) DO NOTHING`);
  const hold = db.prepare(
    `INSERT INTO queue (webhook_position, due_at, enqueued_at, claim_number) VALUES (?, ?, ?, ${HELD})`,
  );
  const remove = db.prepare('DELETE FROM queue WHERE webhook_position = ? AND claim_number = ?');
  const reschedule = db.prepare(
    'UPDATE queue SET due_at = ?, claimed_times = 0 WHERE webhook_position = ? AND claim_number = ?',
  );
  // A claim of a process that held the webhook was counted by nobody yet.
  const putBack = db.prepare(`UPDATE queue SET due_at = ?, claimed_times = max(claimed_times, ?)
    WHERE webhook_position = ? AND claim_number = ?`);
  const settled = (changes: number | bigint): SettleOutcome => (changes === 1 ? 'settled' : 'lost');
  return {
    put: (webhookPosition, dueAt, enqueuedAt) => void put.run(webhookPosition, dueAt, enqueuedAt),
    putIfAbsent: (webhookPosition, dueAt, enqueuedAt) => void putIfAbsent.run(webhookPosition, dueAt, enqueuedAt),
    hold(webhookPosition, heldUntil, enqueuedAt) {
      hold.run(webhookPosition, heldUntil, enqueuedAt);
      return receiptOf(webhookPosition, HELD);
    },
    remove: (claim) => settled(remove.run(...readReceipt(claim.receipt)).changes),
    reschedule: (claim, dueAt) => settled(reschedule.run(dueAt, ...readReceipt(claim.receipt)).changes),
    putBack: (claim, dueAt) => settled(putBack.run(dueAt, claim.claimedTimes, ...readReceipt(claim.receipt)).changes),
  };
};

export const createQueueOperations = (db: DatabaseSync, rows: QueueRows): QueueOperations => {
  const positionOf = db.prepare('SELECT position FROM payment_webhooks WHERE webhook_id = ? AND timestamp = ?');
  const due = db.prepare(`SELECT q.webhook_position AS position, q.enqueued_at AS enqueuedAt,
      w.webhook_id AS webhookId, w.timestamp, w.provider, w.trace_id AS traceId
    FROM queue q JOIN payment_webhooks w ON w.position = q.webhook_position
    WHERE q.due_at <= ? ORDER BY q.due_at LIMIT ?`);
  const pullBack = db.prepare(`UPDATE queue SET due_at = ?1 WHERE due_at > ?1 + ${LIMITS.restMsMax}`);
  // 48 bits, which a JavaScript number holds; a number that counted would start anew with each entry.
  const lease = db.prepare(`UPDATE queue SET due_at = ?, claim_number = 1 + (random() & 0xffffffffffff),
    claimed_times = claimed_times + 1
    WHERE webhook_position = ? RETURNING claim_number AS claimNumber, claimed_times AS claimedTimes`);
  const releaseAll =
    db.prepare(`UPDATE queue SET due_at = ?1 WHERE due_at > ?1 AND claim_number <> 0 AND webhook_position IN
    (SELECT position FROM payment_webhooks WHERE position = webhook_position
      AND (next_attempt_at IS NULL OR next_attempt_at <= ?1))`);
  // Counting ends at a bound, and the oldest is looked for where it is nearly always: among the first in order of arrival
  // and the first that were due. A queue of any length costs milliseconds.
  const depth = db.prepare(`SELECT
    (SELECT count(*) FROM (SELECT 1 FROM queue WHERE due_at <= ?1 LIMIT ?2)) AS ready,
    (SELECT count(*) FROM (SELECT 1 FROM queue WHERE due_at > ?1 LIMIT ?2)) AS waiting,
    (SELECT min(enqueued_at) FROM (
      SELECT enqueued_at FROM (SELECT enqueued_at FROM queue ORDER BY webhook_position LIMIT 1000)
      UNION ALL
      SELECT enqueued_at FROM (SELECT enqueued_at FROM queue ORDER BY due_at LIMIT 1000))) AS oldestEnqueuedAt`);

  return {
    queueEnqueue({ entry, dueAt, enqueuedAt }) {
      const row = positionOf.get(entry.webhookId, entry.timestamp);
      assert(row !== undefined, 'only stored webhooks are enqueued');
      rows.putIfAbsent(Number(row.position), dueAt, enqueuedAt);
    },
    queueClaim({ limit, now, leaseMs }) {
      pullBack.run(now);
      return due.all(now, limit).map((row): Claim => {
        const position = Number(row.position);
        const leased = lease.get(now + leaseMs, position);
        return {
          entry: {
            webhookId: String(row.webhookId),
            timestamp: Number(row.timestamp),
            provider: String(row.provider),
            traceId: String(row.traceId),
          },
          receipt: receiptOf(position, Number(leased?.claimNumber)),
          enqueuedAt: Number(row.enqueuedAt),
          claimedTimes: Number(leased?.claimedTimes),
        };
      });
    },
    queueComplete: rows.remove,
    queueReschedule: ({ claim, dueAt }) => rows.reschedule(claim, dueAt),
    queuePutBack: ({ claim, dueAt }) => rows.putBack(claim, dueAt),
    queueReleaseAll: ({ now }) => Number(releaseAll.run(now).changes),
    queueDepth: ({ now }) => depth.get(now, LIMITS.depthCountedMax) as unknown as WorkDepth,
  };
};
