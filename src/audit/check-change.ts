/** Whether the change that an entry tells follows from the entries before it, and what a webhook holds after it. */
import { NO_EFFECTS } from '../core/effects.ts';
import { isTransitionAllowed, WEBHOOK_STATUSES, type WebhookStatus } from '../core/status.ts';
import { type AuditEntry, type AuditRecord, isOfStoring } from './audit.ts';
import { type AuditProblem, problem } from './problem.ts';
import { type StateOfWebhook, stateSha256 } from './webhook-facts.ts';

/** What the entries of a chain say of its webhook; null for what entries of before version 0.2 did not say. */
export interface KnownState {
  readonly status: string | null;
  readonly sha256: string | null;
}

const NOTHING: KnownState = { status: null, sha256: null };

const statusOf = (text: string | null): WebhookStatus | undefined => WEBHOOK_STATUSES.find((known) => known === text);

/** What every webhook holds when it was just accepted. */
export const stateWhenAccepted = (record: AuditRecord): StateOfWebhook | undefined => {
  const status = statusOf(record.change?.to ?? null);
  if (!isOfStoring(record.event) || status === undefined) return undefined;
  const { reason: lastError, ts, actor: changedBy } = record;
  const changedAt = Date.parse(ts);
  return {
    status,
    attempts: 0,
    lastError,
    nextAttemptAt: null,
    effects: NO_EFFECTS,
    changedAt,
    changedBy,
    revision: 1,
  };
};

export const stateAfterEntry = (record: AuditRecord, before: KnownState | undefined): KnownState => {
  const accepted = stateWhenAccepted(record);
  if (accepted !== undefined) return { status: accepted.status, sha256: stateSha256(accepted) };
  if (record.change === null) return before ?? NOTHING;
  return { status: record.change.to, sha256: record.state?.afterSha256 ?? null };
};

/** The webhook stood elsewhere, or held something else, than the entry before left it with: somebody changed it between. */
export const changeProblem = (
  { position, chainId }: AuditEntry,
  { change, event, state }: AuditRecord,
  before: KnownState | undefined,
): AuditProblem | undefined => {
  if (change === null) return undefined;
  const unexplained = (what: string): AuditProblem =>
    problem('unexplained_change', `entry ${position} of chain ${chainId} ${what}`, { position, chainId });
  const { from, to } = change;
  const [known, next] = [statusOf(from), statusOf(to)];
  const isAllowed =
    known === undefined
      ? from === null
      : event === 'DELETED' || (next !== undefined && isTransitionAllowed(known, next));
  if (!isAllowed) return unexplained(`tells a change from ${from} to ${to}, which Payhook never makes`);
  if (before === undefined) return undefined;
  if (before.status !== null && before.status !== from) {
    return unexplained(
      `begins at ${from}, and the entry before it ended at ${before.status}: the webhook was changed between them by something else than Payhook`,
    );
  }
  const isOther = state !== undefined && before.sha256 !== null && before.sha256 !== state.beforeSha256;
  return isOther
    ? unexplained(
        `found its webhook other than the entry before it had left it (attempts, error, times, effects or revision): something else than Payhook changed it between them`,
      )
    : undefined;
};
