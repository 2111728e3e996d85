/** Jobs as JSON, for `--json` and for the console: the one place where they become it. Stable. */
import type { Clock } from '../core/ports/clock.ts';
import { timeText } from '../operate/webhook-json.ts';
import { type Job, type JobPreview, type JobWebhook, shownStateOf } from './job.ts';

export const filterJson = ({ since, until, ...rest }: Job['filter']) => ({
  ...rest,
  since: since === undefined ? null : timeText(since),
  until: timeText(until),
});

export const previewJson = ({ scannedUntil, ...preview }: JobPreview) => ({
  ...preview,
  scannedUntil: scannedUntil === null ? null : timeText(scannedUntil),
});

export const jobJson = (job: Job, clock: Pick<Clock, 'now'>) => ({
  jobId: job.id,
  state: shownStateOf(job, clock.now()),
  stateReason: job.stateReason,
  requestedAt: timeText(job.requestedAt),
  requestedBy: job.requestedBy,
  reason: job.reason,
  work: job.work,
  filter: filterJson(job.filter),
  preview: previewJson(job.preview),
  previewHash: job.previewHash,
  webhooksPerSecond: job.webhooksPerSecond,
  approval:
    job.approval === null
      ? null
      : {
          why: job.approval.why,
          expiresAt: timeText(job.approval.expiresAt),
          decision:
            job.approval.decision === null
              ? null
              : { ...job.approval.decision, at: timeText(job.approval.decision.at) },
        },
  counts: job.counts,
  changedAt: timeText(job.changedAt),
});

export const jobWebhookJson = ({ webhookId, outcome, detail, startedAt, endedAt }: JobWebhook) => ({
  webhookId,
  outcome,
  detail: detail ?? null,
  startedAt: startedAt === undefined ? null : timeText(startedAt),
  endedAt: endedAt === undefined ? null : timeText(endedAt),
});
