/** One step of the check of what is kept, and what the steps share. */
import type { SQLOutputValue } from 'node:sqlite';
import { webhookChain } from '../../audit/audit.ts';
import type { AuditProblem } from '../../audit/problem.ts';
import type { EpochMs } from '../../core/webhook.ts';

/** One page of a step after a row; `last` is the last row that was looked at, undefined when the step is over. */
export type CheckStep = (
  after: number,
  limit: number,
  now: EpochMs,
) => { readonly problems: readonly AuditProblem[]; readonly last: number | undefined };

/** The chain of the webhook in a row. */
export const chainOfRow = (row: Record<string, SQLOutputValue>): string =>
  webhookChain(String(row.webhookId), Number(row.timestamp));
