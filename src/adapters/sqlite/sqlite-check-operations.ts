/**
 * SQL of the check: stored webhooks as the trail's check wants them, and what is kept beside them, one step after the
 * other and in pages, so that each call is short and sees one moment of the database.
 */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { AuditedWebhook } from '../../audit/audited-webhooks.ts';
import type { AuditProblem } from '../../audit/problem.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { createCheckPayments } from './sqlite-check-payments.ts';
import { createCheckRows, createCheckSchema, createCheckTransmissions } from './sqlite-check-rows.ts';
import type { CheckStep } from './sqlite-check-step.ts';
import { createCheckWebhooks } from './sqlite-check-webhooks.ts';
import type { RowMacs } from './sqlite-row-macs.ts';
import { WEBHOOK_COLUMNS, webhookOf } from './sqlite-webhook-rows.ts';

/** Where a check of what is kept goes on: a step, and the last row of it that was looked at. */
export interface CheckCursor {
  readonly step: number;
  readonly after: number;
}

export interface CheckedPage {
  readonly problems: readonly AuditProblem[];
  /** Undefined when there is nothing more to check. */
  readonly next: CheckCursor | undefined;
}

export interface CheckOperations {
  checkWebhooks(chainIds: readonly string[]): readonly AuditedWebhook[];
  checkRemoved(input: { readonly chainId: string; readonly endHash: string }): boolean;
  checkKept(input: { cursor: CheckCursor; limit: number; now: EpochMs }): CheckedPage;
}

export const createCheckOperations = (db: DatabaseSync, macs: RowMacs): CheckOperations => {
  const get = db.prepare(`SELECT ${WEBHOOK_COLUMNS} FROM payment_webhooks WHERE webhook_id = ? AND timestamp = ?`);
  const createSteps = (): readonly CheckStep[] => [
    createCheckSchema(db),
    ...(macs.hasKeys() ? [createCheckRows(db)] : []),
    createCheckWebhooks(db),
    createCheckTransmissions(db),
    createCheckPayments(db),
  ];
  const lastOfRemoved = db.prepare('SELECT max(end_position) AS position FROM webhook_tombstones WHERE chain_id = ?');
  const removedOf = (chainId: string): readonly AuditedWebhook[] => {
    const position = lastOfRemoved.get(chainId)?.position;
    return typeof position === 'number' ? [{ outcome: 'removed', chainId, lastPosition: position }] : [];
  };
  const tombstone = db.prepare('SELECT 1 FROM webhook_tombstones WHERE chain_id = ? AND end_hash = ?');
  // Made when the first check asks: a server never does.
  let steps: readonly CheckStep[] | undefined;
  return {
    checkWebhooks: (chainIds) =>
      chainIds.flatMap((chainId): readonly AuditedWebhook[] => {
        const at = chainId.lastIndexOf('@');
        const found = readOrNot(() => get.get(chainId.slice(0, at), Number(chainId.slice(at + 1))), chainId);
        return found === undefined ? removedOf(chainId) : [found];
      }),
    checkRemoved: ({ chainId, endHash }) => tombstone.get(chainId, endHash) !== undefined,
    checkKept({ cursor, limit, now }) {
      steps ??= createSteps();
      const step = steps[cursor.step];
      if (step === undefined) return { problems: [], next: undefined };
      const { problems, last } = atOneMoment(db, () => step(cursor.after, limit, now));
      const next = last === undefined ? { step: cursor.step + 1, after: 0 } : { step: cursor.step, after: last };
      return { problems, next };
    },
  };
};

/** A row of somebody else's making may hold what no row of ours holds, such as a number beyond 2^53. */
const readOrNot = (
  read: () => Record<string, SQLOutputValue> | undefined,
  chainId: string,
): AuditedWebhook | undefined => {
  try {
    const row = read();
    if (row === undefined) return undefined;
    const webhook = webhookOf(row);
    const head = { seq: Number(row.audit_seq), hash: String(row.audit_hash) };
    return { outcome: 'read', chainId, webhook, head, place: Number(row.position) };
  } catch {
    return { outcome: 'unreadable', chainId };
  }
};

/** Several statements that see the same state of the database, whatever is written meanwhile. */
const atOneMoment = <Result>(db: DatabaseSync, read: () => Result): Result => {
  if (db.isTransaction) return read();
  db.exec('BEGIN');
  try {
    return read();
  } finally {
    db.exec('COMMIT');
  }
};
