/** An operator asks for a job: what it would do is looked at, and stored with each of its webhooks. */
import type { AuditAppend } from '../audit/audit-log.ts';
import { PayhookError } from '../core/errors.ts';
import { hashedId } from '../core/hashed-id.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import { screenText } from '../core/screen-text.ts';
import type { Actor, Mode } from '../core/webhook.ts';
import {
  countOutcomes,
  hashOfJob,
  type Job,
  type JobFilter,
  type JobPart,
  type JobWebhook,
  type JobWork,
  NO_COUNTS,
} from './job.ts';
import { entryForJob } from './job-entry.ts';
import type { JobStore } from './job-store.ts';
import { type ApprovalLimits, whyApproval } from './needs-approval.ts';
import { createPreviewJob, type PreviewDeps, type Previewed } from './preview-job.ts';

export interface RequestDeps extends PreviewDeps {
  readonly jobs: Pick<JobStore, 'create'>;
  readonly auditLog: AuditAppend;
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Pick<Randomness, 'id'>;
}

export interface JobRequest {
  readonly work: JobWork;
  readonly filter: JobFilter;
  /** Of the payments whose money counts. */
  readonly mode: Mode;
  readonly reason: string;
  readonly requestedBy: Actor;
  readonly webhooksPerSecond: number;
  readonly approvalLimits: ApprovalLimits;
  /** As it was looked at just now; looked at here where it is not given. */
  readonly previewed?: Previewed;
}

/** Throws `usage_wrong` for a filter that nothing can meet, `not_found` when there is nothing that could be done. */
export const createRequestJob =
  (deps: RequestDeps) =>
  async ({ approvalLimits, mode, previewed, ...request }: JobRequest): Promise<Job> => {
    const { work, requestedBy } = request;
    const { preview, webhooks } = previewed ?? (await createPreviewJob(deps)(work, request.filter, mode));
    if (webhooks.length === 0) throw new PayhookError('not_found', 'there is nothing that this job could do');
    const now = deps.clock.now();
    const reason = screenText(request.reason);
    const filter = screenedFilter(request.filter);
    const requested = { ...request, filter, mode, reason, id: deps.randomness.id(), requestedAt: now, preview };
    const why = whyApproval(preview, approvalLimits);
    const parts = partsOf(webhooks);
    const job: Job = {
      ...requested,
      previewHash: hashOfJob(requested, webhooks),
      parts: parts.length,
      state: why === null ? 'running' : 'waiting_for_approval',
      stateReason: null,
      approval: why === null ? null : { why, expiresAt: now + LIMITS.jobApprovalMsMax, decision: null },
      runningSince: now,
      firstOpenPart: 0,
      endedCounts: NO_COUNTS,
      counts: countOutcomes(webhooks),
      carrier: null,
      changedAt: now,
      expiresAt: now + LIMITS.jobKeptForMs,
      revision: 1,
    };
    const entry = { from: null, to: job.state, actor: requestedBy, at: now, reason };
    await deps.auditLog.append([entryForJob(job, { event: 'JOB_REQUESTED', ...entry })]);
    await deps.jobs.create(job, parts);
    return job;
  };

/** By its filter the job is looked at again: an id that looks like a card number becomes what is stored of it. */
const screenedFilter = ({ payment, ...filter }: JobFilter): JobFilter => ({
  ...screened(filter),
  ...(payment === undefined ? {} : { payment: screenText(payment) === payment ? payment : hashedId(payment) }),
});

/** It stays with the job, and what is pasted into a filter may be a card number. No stored id looks like one. */
const screened = <Value>(value: Value): Value => {
  if (typeof value === 'string') return screenText(value) as Value;
  if (Array.isArray(value)) return value.map(screened) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, screened(one)])) as Value;
};

/** What became of one is written beside it: two times, and an error of which JSON may escape each character. */
const BECOMES_BYTES_MAX = 100 + 6 * LIMITS.lastErrorCharsMax;

const partsOf = (webhooks: readonly JobWebhook[]): readonly JobPart[] => {
  const parts: { readonly number: number; readonly revision: number; readonly webhooks: JobWebhook[] }[] = [];
  let leftBytes = 0;
  for (const webhook of webhooks) {
    const bytes = Buffer.byteLength(JSON.stringify(webhook)) + BECOMES_BYTES_MAX;
    const last = parts.at(-1);
    if (last !== undefined && last.webhooks.length < LIMITS.jobPartWebhooksMax && bytes <= leftBytes) {
      last.webhooks.push(webhook);
      leftBytes -= bytes;
    } else {
      parts.push({ number: parts.length, revision: 1, webhooks: [webhook] });
      leftBytes = LIMITS.jobPartBytesMax - bytes;
    }
  }
  return parts;
};
