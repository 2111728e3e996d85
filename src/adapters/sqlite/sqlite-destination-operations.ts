/** SQL of what waits for destinations: one row for each event and destination; `due_at` hides it while it is claimed. */
import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import type { News } from '../../core/effects.ts';
import { LIMITS } from '../../core/limits.ts';
import type { EpochMs, WebhookKey } from '../../core/webhook.ts';
import type {
  DestinationClaim,
  DestinationDepth,
  DestinationEntry,
  DestinationState,
  DestinationStatus,
  Settlement,
} from '../../destinations/destination-queue.ts';

export interface DestinationOperations {
  destinationPut(input: { entries: readonly DestinationEntry[]; at: EpochMs }): void;
  destinationOfWebhook(key: WebhookKey): readonly DestinationStatus[];
  /** Counts to `LIMITS.depthCountedMax` and no further. */
  destinationDepth(destinations: readonly string[]): readonly DestinationDepth[];
  destinationClaim(input: {
    destination: string;
    limit: number;
    now: EpochMs;
    leaseMs: number;
  }): readonly DestinationClaim[];
  destinationSettle(input: { settlements: readonly Settlement[]; at: EpochMs }): void;
  /** Makes the oldest entries due that wait for their time and are not claimed; returns how many it made due. */
  destinationHasten(input: { destination: string; limit: number; now: EpochMs }): number;
  /** Makes every claimed entry due now: only for a home that has just started and knows that it is the only one. */
  destinationReleaseAll(input: { now: EpochMs }): void;
}

/** The first event of a webhook has the webhook's id, the second `#2` after it. */
const eventNumberOf = ({ eventId, webhookId }: DestinationEntry): number =>
  eventId === webhookId ? 1 : Number(eventId.slice(webhookId.length + 1));
const eventIdOf = (webhookId: string, eventNumber: number): string =>
  eventNumber === 1 ? webhookId : `${webhookId}#${eventNumber}`;

/** A receipt is `{webhook position}.{event number}.{claim number}.{destination}`. */
const readReceipt = (
  receipt: string,
): [webhookPosition: number, eventNumber: number, destination: string, claimNumber: number] => {
  const [position, eventNumber, claimNumber, ...name] = receipt.split('.');
  assert(name.length > 0, 'a receipt of this queue');
  return [Number(position), Number(eventNumber), name.join('.'), Number(claimNumber)];
};

export const createDestinationOperations = (db: DatabaseSync): DestinationOperations => ({
  ...createPut(db),
  ...createReads(db),
  ...createClaims(db),
});

const createPut = (db: DatabaseSync): Pick<DestinationOperations, 'destinationPut'> => {
  const positionOf = db.prepare('SELECT position FROM payment_webhooks WHERE webhook_id = ? AND timestamp = ?');
  const put = db.prepare(`INSERT INTO destination_entries (webhook_position, event_number, destination, news, state,
      failures, last_error, enqueued_at, changed_at, due_at, claim_number)
    VALUES (?1, ?2, ?3, ?4, 'waiting', 0, NULL, ?5, ?5, ?5, 0)
    ON CONFLICT DO UPDATE SET news = excluded.news, state = 'waiting', failures = 0, last_error = NULL,
      enqueued_at = excluded.enqueued_at, changed_at = excluded.changed_at, due_at = excluded.due_at, claim_number = 0
    WHERE state <> 'waiting'`);
  return {
    destinationPut({ entries, at }) {
      for (const entry of entries) {
        const row = positionOf.get(entry.webhookId, entry.timestamp);
        assert(row !== undefined, 'only events of stored webhooks are delivered');
        put.run(Number(row.position), eventNumberOf(entry), entry.destination, entry.news, at);
      }
    },
  };
};

const createReads = (db: DatabaseSync): Pick<DestinationOperations, 'destinationOfWebhook' | 'destinationDepth'> => {
  const ofWebhook = db.prepare(`SELECT d.event_number AS eventNumber, d.destination, d.state, d.failures,
      d.last_error AS lastError, d.enqueued_at AS enqueuedAt, d.changed_at AS changedAt
    FROM payment_webhooks w JOIN destination_entries d ON d.webhook_position = w.position
    WHERE w.webhook_id = ? AND w.timestamp = ? ORDER BY d.event_number, d.destination`);
  // Both by their partial index, and no further than a bound: a destination that was down for days costs milliseconds.
  const counted = (state: DestinationState) =>
    db.prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM destination_entries
      WHERE destination = ? AND state = '${state}' LIMIT ${LIMITS.depthCountedMax})`);
  const [waiting, givenUp] = [counted('waiting'), counted('given_up')];
  const oldest = db.prepare(`SELECT enqueued_at AS enqueuedAt FROM destination_entries
    WHERE destination = ? AND state = 'waiting' ORDER BY enqueued_at LIMIT 1`);
  return {
    destinationOfWebhook: ({ webhookId, timestamp }) =>
      ofWebhook.all(webhookId, timestamp).map(
        (row): DestinationStatus => ({
          destination: String(row.destination),
          eventId: eventIdOf(webhookId, Number(row.eventNumber)),
          state: row.state as DestinationState,
          failures: Number(row.failures),
          lastError: row.lastError === null ? null : String(row.lastError),
          enqueuedAt: Number(row.enqueuedAt),
          changedAt: Number(row.changedAt),
        }),
      ),
    destinationDepth: (destinations) =>
      destinations.map((destination): DestinationDepth => {
        const first = oldest.get(destination);
        return {
          destination,
          waiting: Number(waiting.get(destination)?.n),
          givenUp: Number(givenUp.get(destination)?.n),
          oldestEnqueuedAt: first === undefined ? null : Number(first.enqueuedAt),
        };
      }),
  };
};

type Claims = Omit<DestinationOperations, 'destinationPut' | 'destinationOfWebhook' | 'destinationDepth'>;

const createClaims = (db: DatabaseSync): Claims => {
  // The index holds all that is looked at before an entry is due, so that many that back off cost little to pass by.
  const due = db.prepare(`SELECT webhook_position AS position, event_number AS eventNumber
    FROM destination_entries WHERE destination = ?1 AND state = 'waiting' AND (due_at <= ?2 OR due_at > ?2 + ${LIMITS.restMsMax})
    ORDER BY enqueued_at, webhook_position, event_number LIMIT ?3`);
  const lease = db.prepare(`UPDATE destination_entries SET due_at = ?, claim_number = 1 + (random() & 0xffffffffffff)
    WHERE webhook_position = ? AND event_number = ? AND destination = ?
    RETURNING claim_number AS claimNumber, failures, enqueued_at AS enqueuedAt, news`);
  const webhookAt = db.prepare(`SELECT webhook_id AS webhookId, timestamp, provider, trace_id AS traceId
    FROM payment_webhooks WHERE position = ?`);
  const ofClaim = 'WHERE webhook_position = ? AND event_number = ? AND destination = ? AND claim_number = ?';
  const end = db.prepare(`UPDATE destination_entries SET state = ?, failures = failures + ?,
    last_error = coalesce(?, last_error), changed_at = ?, claim_number = 0 ${ofClaim}`);
  const wait = db.prepare(`UPDATE destination_entries SET due_at = ?, failures = failures + 1, last_error = ?,
    changed_at = ?, claim_number = 0 ${ofClaim}`);
  const putBack = db.prepare(`UPDATE destination_entries SET due_at = ?, claim_number = 0 ${ofClaim}`);
  const hasten = db.prepare(`UPDATE destination_entries SET due_at = ?2
    WHERE destination = ?1 AND (webhook_position, event_number) IN (
      SELECT webhook_position, event_number FROM destination_entries
      WHERE destination = ?1 AND state = 'waiting' AND due_at > ?2 AND claim_number = 0
      ORDER BY enqueued_at, webhook_position, event_number LIMIT ?3)`);
  const releaseAll = db.prepare(`UPDATE destination_entries SET due_at = ?, claim_number = 0
    WHERE state = 'waiting' AND claim_number > 0`);

  const settle = (settlement: Settlement, at: EpochMs): void => {
    const place = readReceipt(settlement.claim.receipt);
    switch (settlement.outcome) {
      case 'delivered':
        end.run('delivered', 0, null, at, ...place);
        break;
      case 'given_up':
        end.run('given_up', 1, settlement.error, at, ...place);
        break;
      case 'failed':
        wait.run(settlement.dueAt, settlement.error, at, ...place);
        break;
      case 'put_back':
        putBack.run(settlement.dueAt, ...place);
        break;
      default:
        settlement satisfies never;
    }
  };

  return {
    destinationClaim: ({ destination, limit, now, leaseMs }) =>
      due.all(destination, now, limit).map((row): DestinationClaim => {
        const [position, eventNumber] = [Number(row.position), Number(row.eventNumber)];
        const leased = lease.get(now + leaseMs, position, eventNumber, destination);
        const webhook = webhookAt.get(position);
        assert(leased !== undefined && webhook !== undefined, 'an entry belongs to a stored webhook');
        const webhookId = String(webhook.webhookId);
        return {
          entry: {
            webhookId,
            timestamp: Number(webhook.timestamp),
            destination,
            eventId: eventIdOf(webhookId, eventNumber),
            provider: String(webhook.provider),
            traceId: String(webhook.traceId),
            news: leased.news as News,
          },
          receipt: `${position}.${eventNumber}.${leased.claimNumber}.${destination}`,
          enqueuedAt: Number(leased.enqueuedAt),
          failures: Number(leased.failures),
        };
      }),
    destinationSettle({ settlements, at }) {
      for (const settlement of settlements) settle(settlement, at);
    },
    destinationHasten: ({ destination, limit, now }) => Number(hasten.run(destination, now, limit).changes),
    destinationReleaseAll: ({ now }) => void releaseAll.run(now),
  };
};
