/**
 * SQL of retention: what has had its time is removed in small batches, each in one transaction with its audit entry. A page
 * looks at a bounded number of rows in the order of an index, and says where the next one goes on.
 */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { type AuditDraft, type AuditEntry, RETENTION_CHAIN, readRecord, webhookChain } from '../../audit/audit.ts';
import { effectsFromText } from '../../core/effects.ts';
import { LIMITS } from '../../core/limits.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { viewOf } from './sqlite-payment-operations.ts';
import { prepareInsertWithMac, type RowMacs } from './sqlite-row-macs.ts';

/** The last row that a page of webhooks or payments looked at. */
export interface RetentionMark {
  readonly at: EpochMs;
  readonly position: number;
}

export interface RetentionInput<Mark> {
  readonly now: EpochMs;
  /** Nothing that came, or changed, within this time is removed, whatever its row says. */
  readonly keptMs: number;
  /** Where the page before ended. */
  readonly after: Mark | undefined;
}

export interface RetentionPage<Mark> {
  readonly removed: number;
  /** Undefined when there is nothing more to look at. */
  readonly next: Mark | undefined;
}

/** The key of the last subject that a page looked at. */
export type SubjectMark = readonly [kind: string, id: string, provider: string, account: string];

export interface RetentionOperations {
  /**
   * Webhooks that have ended, with all that belongs to them alone. What the trail says of a webhook's time counts. One that
   * is held, waits, or has an entry that waits for a destination stays.
   */
  retentionWebhooks(input: RetentionInput<RetentionMark>): RetentionPage<RetentionMark>;
  /** Payments that nothing has changed for so long, once no webhook of their events is stored any more. */
  retentionPayments(input: RetentionInput<RetentionMark>): RetentionPage<RetentionMark>;
  /** What is known of invoices, subscriptions and the like, and was not changed for so long. */
  retentionSubjects(input: RetentionInput<SubjectMark>): RetentionPage<SubjectMark>;
}

type Row = Record<string, SQLOutputValue>;

export const RETENTION_SQL = {
  webhooks: `SELECT position, webhook_id AS webhookId, timestamp, provider, status, received_at AS at, effects,
      audit_position AS auditPosition, audit_hash AS auditHash FROM payment_webhooks
    WHERE received_at <= ?1 AND (received_at, position) > (?2, ?3) ORDER BY received_at, position LIMIT ${LIMITS.retentionLookedAtMax}`,
  payments: `SELECT position, provider, account, stored_at AS at, changed_at AS changedAt FROM payments
    WHERE stored_at <= ?1 AND (stored_at, position) > (?2, ?3) ORDER BY stored_at, position LIMIT ${LIMITS.retentionLookedAtMax}`,
  subjects: `SELECT kind, subject_id AS id, provider, account, changed_at AS changedAt FROM payment_subjects
    WHERE (kind, subject_id, provider, account) > (?, ?, ?, ?) ORDER BY kind, subject_id, provider, account
    LIMIT ${LIMITS.retentionLookedAtMax}`,
} as const;

export const createRetentionOperations = (
  db: DatabaseSync,
  macs: RowMacs,
  appendAudit: (drafts: readonly AuditDraft[]) => void,
): RetentionOperations => {
  const heldPayments = createHeldPayments(db);
  const removeWebhook = createRemoveWebhook(db, macs);
  const removePayment = createRemovePayment(db);
  const webhooks = db.prepare(RETENTION_SQL.webhooks);
  const payments = db.prepare(RETENTION_SQL.payments);
  const subjects = db.prepare(RETENTION_SQL.subjects);
  const removeSubject = db.prepare(
    'DELETE FROM payment_subjects WHERE kind = ? AND subject_id = ? AND provider = ? AND account = ?',
  );

  /** Removes what `remove` takes of these rows, up to a batch, and tells the trail. */
  const batch = <Mark>(
    what: string,
    now: EpochMs,
    rows: readonly Row[],
    remove: (row: Row) => boolean,
    markOf: (row: Row) => Mark,
  ): RetentionPage<Mark> => {
    let removed = 0;
    let last: Row | undefined;
    for (const row of rows) {
      if (removed >= LIMITS.retentionBatchMax) break;
      if (remove(row)) removed += 1;
      last = row;
    }
    if (removed > 0) appendAudit([retentionDraft(what, removed, now)]);
    return { removed, next: last === undefined ? undefined : markOf(last) };
  };
  const markOf = ({ at, position }: Row): RetentionMark => ({ at: Number(at), position: Number(position) });

  return {
    retentionWebhooks({ now, keptMs, after }) {
      const rows = webhooks.all(now - keptMs, after?.at ?? 0, after?.position ?? 0);
      const held = heldPayments();
      return batch('webhooks', now, rows, (row) => removeWebhook(row, now, held), markOf);
    },
    retentionPayments({ now, keptMs, after }) {
      const rows = payments.all(now - keptMs, after?.at ?? 0, after?.position ?? 0);
      const held = heldPayments();
      const remove = (row: Row): boolean => Number(row.changedAt) <= now - keptMs && removePayment(row, held);
      return batch('payments', now, rows, remove, markOf);
    },
    retentionSubjects({ now, keptMs, after = ['', '', '', ''] }) {
      const keyOf = ({ kind, id, provider, account }: Row): SubjectMark => [
        String(kind),
        String(id),
        String(provider),
        String(account),
      ];
      const remove = (row: Row): boolean => {
        if (Number(row.changedAt) > now - keptMs) return false;
        removeSubject.run(...keyOf(row));
        return true;
      };
      return batch('subjects', now, subjects.all(...after), remove, keyOf);
    },
  };
};

export const retentionDraft = (what: string, count: number, at: EpochMs): AuditDraft => ({
  chainId: RETENTION_CHAIN,
  at,
  actor: { type: 'component', id: 'retention' },
  event: 'RETENTION_APPLIED',
  outcome: 'success',
  reason: null,
  origin: { sourceAddress: null, requestId: null, traceId: null },
  resource: { type: 'home', id: what },
  change: null,
  count,
});

/** Positions of payments that are held, under whatever name. */
const createHeldPayments = (db: DatabaseSync) => {
  const positions = db.prepare(`SELECT n.payment_position AS position FROM legal_holds h
    JOIN payment_names n ON n.name_id = h.id WHERE h.kind = 'payment'`);
  return (): ReadonlySet<number> => new Set(positions.all().map(({ position }) => Number(position)));
};

const HAS_ENDED: ReadonlySet<unknown> = new Set(['processed', 'ignored', 'dead_lettered']);

const createRemoveWebhook = (db: DatabaseSync, macs: RowMacs) => {
  const hold = db.prepare("SELECT 1 FROM legal_holds WHERE kind = 'webhook' AND id = ?");
  const waits = db.prepare("SELECT 1 FROM destination_entries WHERE webhook_position = ? AND state = 'waiting'");
  const named = db.prepare('SELECT payment_position AS position FROM payment_names WHERE name_id = ? AND provider = ?');
  const entry = db.prepare(
    'SELECT position, chain_id AS chainId, text, hash, previous_position AS previous FROM audit_entries WHERE position = ?',
  );
  const transmission = db.prepare('DELETE FROM transmissions WHERE provider = ? AND transmission_id = ?');
  const putTombstone = prepareInsertWithMac(db, macs, 'webhook_tombstones', 'ON CONFLICT DO NOTHING');
  const removals = [
    'DELETE FROM queue WHERE webhook_position = ?',
    'DELETE FROM destination_entries WHERE webhook_position = ?',
    'DELETE FROM webhook_payloads WHERE webhook_position = ?',
    'DELETE FROM payment_webhooks WHERE position = ?',
  ].map((sql) => db.prepare(sql));

  /** What the trail says of it being accepted; undefined when the trail does not lead there. */
  const acceptedOf = (chainId: string, end: number) => {
    let position: number | null = end;
    for (let steps = 0; position !== null && steps < LIMITS.listLimitMax; steps += 1) {
      const row: Row | undefined = entry.get(position);
      if (row === undefined || row.chainId !== chainId) return undefined;
      if (row.previous === null) return readRecord(row as unknown as AuditEntry);
      position = Number(row.previous);
    }
    return undefined;
  };

  const isHeld = (row: Row, held: ReadonlySet<number>): boolean => {
    if (hold.get(String(row.webhookId)) !== undefined) return true;
    if (held.size === 0) return false;
    const { events } = effectsFromText(row.effects === null ? null : String(row.effects));
    return events.some(
      ({ paymentId }) =>
        paymentId !== null &&
        named.all(paymentId, String(row.provider)).some(({ position }) => held.has(Number(position))),
    );
  };

  return (row: Row, now: EpochMs, held: ReadonlySet<number>): boolean => {
    const position = Number(row.position);
    if (!HAS_ENDED.has(row.status) || waits.get(position) !== undefined || isHeld(row, held)) return false;
    const chainId = webhookChain(String(row.webhookId), Number(row.timestamp));
    const accepted = acceptedOf(chainId, Number(row.auditPosition));
    // The row could have been edited to be removed; the trail cannot. What it does not vouch for stays to be found.
    if (accepted?.event !== 'WEBHOOK_ACCEPTED' || (accepted.received?.expiresAt ?? now) > now) return false;
    putTombstone({
      chain_id: chainId,
      end_hash: String(row.auditHash),
      end_position: Number(row.auditPosition),
      removed_at: now,
    });
    for (const removal of removals) removal.run(position);
    if (accepted.received?.transmission !== undefined) {
      transmission.run(String(row.provider), accepted.received.transmission);
    }
    return true;
  };
};

const createRemovePayment = (db: DatabaseSync) => {
  const events = db.prepare('SELECT event_id AS id, event FROM payment_events WHERE payment_position = ?');
  const webhook = db.prepare('SELECT 1 FROM payment_webhooks WHERE webhook_id = ?');
  const removeName = db.prepare(
    'DELETE FROM payment_names WHERE name_id = ? AND provider = ? AND account = ? AND payment_position = ?',
  );
  const removals = [
    'DELETE FROM payment_events WHERE payment_position = ?',
    'DELETE FROM payments WHERE position = ?',
  ].map((sql) => db.prepare(sql));

  return (row: Row, held: ReadonlySet<number>): boolean => {
    const position = Number(row.position);
    if (held.has(position)) return false;
    const rows = events.all(position);
    // The second event of a webhook and those after it have its id with a number behind it.
    const isNeeded = rows.some(({ id }) => webhook.get(String(id).replace(/#\d+$/, '')) !== undefined);
    if (isNeeded || rows.length === 0) return false;
    const { names } = viewOf(`[${rows.map(({ event }) => event).join(',')}]`);
    for (const { id } of names) removeName.run(id, String(row.provider), String(row.account), position);
    for (const removal of removals) removal.run(position);
    return true;
  };
};
