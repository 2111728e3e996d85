/** SQL of webhooks and queue: insert, change and claim, each with its audit entry and queue entry in one transaction. */
import assert from 'node:assert/strict';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { ChainEnd } from '../../audit/audit.ts';
import { entriesForInsert, entryForChange, stateAfter } from '../../audit/entries.ts';
import type { StateOfWebhook } from '../../audit/webhook-facts.ts';
import { effectsToText } from '../../core/effects.ts';
import type { Page, PageOfMany } from '../../core/page.ts';
import type { Claim } from '../../core/ports/queue.ts';
import {
  type ChangeOutcome,
  type Insertion,
  type InsertOutcome,
  type StatusChange,
  stateWhenInserted,
  type WebhookFilter,
} from '../../core/ports/webhook-store.ts';
import { isTransitionAllowed, isWaiting } from '../../core/status.ts';
import type { BriefWebhook, EpochMs, Webhook, WebhookKey, WebhookSummary } from '../../core/webhook.ts';
import type { AppendAfter } from './sqlite-audit-operations.ts';
import { positionOfClaim, type QueueRows } from './sqlite-queue-operations.ts';
import { createWebhookLists } from './sqlite-webhook-list.ts';
import {
  INSERT_COLUMNS,
  insertValues,
  STATE_COLUMNS,
  stateOf,
  statusOf,
  WEBHOOK_COLUMNS,
  webhookOf,
} from './sqlite-webhook-rows.ts';

/** `heldUntil`: the process that inserts it keeps it in memory, and its entry comes due then at the latest. */
export type SqliteInsertion = Insertion & { readonly heldUntil?: EpochMs | null };

/** `heldReceipt`: of the entry of a webhook that was inserted and is held. */
export type SqliteInsertOutcome = InsertOutcome & { readonly heldReceipt?: string };

export interface ChangeInput {
  readonly key: WebhookKey;
  readonly revision: number;
  readonly change: StatusChange;
  readonly claim: Claim | undefined;
}

export interface WebhookOperations {
  /** `endOf`: asked for the change that ends it, in the same write, once it is known to be new. */
  webhookInsert(insertion: SqliteInsertion, endOf?: () => StatusChange | undefined): SqliteInsertOutcome;
  webhookGet(key: WebhookKey): Webhook | undefined;
  webhookFind(webhookId: string): readonly Webhook[];
  webhookChange(input: ChangeInput): ChangeOutcome;
  webhookList(filter: WebhookFilter): Page<WebhookSummary>;
  webhookListBrief(filter: WebhookFilter): PageOfMany<BriefWebhook>;
}

type Row = Record<string, SQLOutputValue>;

export const createWebhookOperations = (
  db: DatabaseSync,
  appendAfter: AppendAfter,
  queue: QueueRows,
): WebhookOperations => ({
  webhookInsert: createInsert(db, appendAfter, queue),
  webhookChange: createChange(db, appendAfter, queue),
  ...createReads(db),
});

const createInsert = (db: DatabaseSync, appendAfter: AppendAfter, queue: QueueRows) => {
  const existing = db.prepare(`SELECT position, status, json_extract(details, '$.contentHash') AS content_hash
    FROM payment_webhooks WHERE webhook_id = ? AND timestamp = ?`);
  const insert = db.prepare(
    `INSERT INTO payment_webhooks (${INSERT_COLUMNS}) VALUES (${INSERT_COLUMNS.split(',').fill('?').join(', ')})`,
  );
  const insertPayload = db.prepare('INSERT INTO webhook_payloads (webhook_position, payload) VALUES (?, ?)');
  const transmission = db.prepare('SELECT body_sha256 FROM transmissions WHERE provider = ? AND transmission_id = ?');
  const keepTransmission = db.prepare(
    'INSERT INTO transmissions (provider, transmission_id, body_sha256) VALUES (?, ?, ?)',
  );

  /** Whether this transmission was seen with another body; remembers it when it is new. */
  const isConflict = ({ webhook, transmission: sent }: Insertion): boolean => {
    if (sent === null) return false;
    const seen = transmission.get(webhook.provider, sent.id);
    if (seen === undefined) {
      keepTransmission.run(webhook.provider, sent.id, webhook.bodySha256);
      return false;
    }
    return seen.body_sha256 !== webhook.bodySha256;
  };

  return (insertion: SqliteInsertion, endOf?: () => StatusChange | undefined): SqliteInsertOutcome => {
    const { webhook, heldUntil = null } = insertion;
    if (isConflict(insertion)) return { outcome: 'conflict' };

    const stored = existing.get(webhook.webhookId, webhook.timestamp);
    if (stored !== undefined) {
      const status = statusOf(stored);
      if (isWaiting(status)) queue.putIfAbsent(Number(stored.position), webhook.receivedAt, webhook.receivedAt);
      return { outcome: 'duplicate', status, isQueued: true, contentHash: contentHashIn(stored) };
    }

    let end: ChainEnd | undefined;
    for (const draft of entriesForInsert(insertion)) end = appendAfter(draft, end);
    assert(end !== undefined, 'every insert leaves an audit entry');
    let state: StateOfWebhook = stateWhenInserted(insertion);
    const change = endOf?.();
    if (change !== undefined) {
      assert(
        isTransitionAllowed(state.status, change.status),
        `what is ${state.status} may not become ${change.status}`,
      );
      end = appendAfter(entryForChange({ ...webhook, ...state }, change), end);
      state = stateAfter(state.revision, change);
    }
    const { lastInsertRowid } = insert.run(...insertValues(webhook, state), end.position, end.seq, end.hash);
    const position = Number(lastInsertRowid);
    insertPayload.run(position, webhook.payload.bytes);
    if (heldUntil !== null) {
      const heldReceipt = queue.hold(position, heldUntil, webhook.receivedAt);
      return { outcome: 'inserted', isQueued: true, heldReceipt };
    }
    if (isWaiting(state.status)) queue.put(position, webhook.receivedAt, webhook.receivedAt);
    return { outcome: 'inserted', isQueued: true };
  };
};

const contentHashIn = ({ content_hash: hash }: Row): string | undefined =>
  typeof hash === 'string' ? hash : undefined;

const createChange = (db: DatabaseSync, appendAfter: AppendAfter, queue: QueueRows) => {
  const found = `SELECT position, trace_id, ${STATE_COLUMNS}, audit_position, audit_seq, audit_hash FROM payment_webhooks`;
  const read = db.prepare(`${found} WHERE webhook_id = ? AND timestamp = ?`);
  const readAt = db.prepare(`${found} WHERE position = ? AND webhook_id = ? AND timestamp = ?`);
  const update = db.prepare(`UPDATE payment_webhooks SET status = ?, attempts = ?, last_error = ?, next_attempt_at = ?,
    changed_at = ?, changed_by = ?, revision = ?, effects = ?, audit_position = ?, audit_seq = ?, audit_hash = ? WHERE position = ?`);

  /** A waiting status is claimable again at its time, an ended one leaves the queue; a lost claim is left alone. */
  const settle = (position: number, change: StatusChange, claim: Claim | undefined): boolean => {
    if (change.status === 'received') queue.put(position, change.changedAt, change.changedAt);
    else if (claim === undefined) return false;
    else if (change.status === 'retrying') queue.reschedule(claim, change.nextAttemptAt ?? change.changedAt);
    else queue.remove(claim);
    return true;
  };

  return (input: ChangeInput): ChangeOutcome => {
    const { key, change, claim } = input;
    const row =
      claim === undefined
        ? read.get(key.webhookId, key.timestamp)
        : readAt.get(positionOfClaim(claim), key.webhookId, key.timestamp);
    if (row === undefined) return { outcome: 'missing' };
    if (row.revision !== input.revision) return { outcome: 'stale' };
    const before = { ...key, traceId: String(row.trace_id), ...stateOf(row) };
    const { status: from } = before;
    assert(isTransitionAllowed(from, change.status), `a webhook that is ${from} may not become ${change.status}`);

    const end = appendAfter(entryForChange(before, change), chainEndOf(row));
    const position = Number(row.position);
    const revision = input.revision + 1;
    update.run(
      change.status,
      change.attempts,
      change.lastError,
      change.nextAttemptAt,
      change.changedAt,
      JSON.stringify(change.actor),
      revision,
      effectsToText(change.effects),
      end.position,
      end.seq,
      end.hash,
      position,
    );
    return { outcome: 'changed', revision, isSettled: settle(position, change, claim) };
  };
};

const chainEndOf = (row: Row): ChainEnd => ({
  position: Number(row.audit_position),
  seq: Number(row.audit_seq),
  hash: String(row.audit_hash),
});

const createReads = (
  db: DatabaseSync,
): Pick<WebhookOperations, 'webhookGet' | 'webhookFind' | 'webhookList' | 'webhookListBrief'> => {
  const get = db.prepare(`SELECT ${WEBHOOK_COLUMNS} FROM payment_webhooks WHERE webhook_id = ? AND timestamp = ?`);
  const find = db.prepare(`SELECT ${WEBHOOK_COLUMNS} FROM payment_webhooks WHERE webhook_id = ?
    ORDER BY timestamp DESC LIMIT 100`);

  return {
    webhookGet({ webhookId, timestamp }) {
      const row = get.get(webhookId, timestamp);
      return row === undefined ? undefined : webhookOf(row);
    },
    webhookFind: (webhookId) => find.all(webhookId).map(webhookOf),
    ...createWebhookLists(db),
  };
};
