/** An action on many webhooks: looked at first, then a job. `redrive`, `replay` and `resend` differ in what is done only. */

import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import { PayhookError } from '../core/errors.ts';
import type { WebhookStatus } from '../core/status.ts';
import { type JobFilter, type JobWork, USUAL_WEBHOOKS_PER_SECOND } from '../jobs/job.ts';
import { filterJson, previewJson } from '../jobs/job-json.ts';
import { createPreviewJob } from '../jobs/preview-job.ts';
import { createRequestJob } from '../jobs/request-job.ts';
import { actAs } from './act-as.ts';
import { carryHere } from './carry-here.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { previewLines } from './job-text.ts';
import type { JobFilterOptions } from './list-options.ts';
import type { ExitCode } from './report-failure.ts';
import { configuredDestination } from './webhooks.ts';

export interface JobOptions extends JobFilterOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly reason?: string;
  readonly rate?: number;
  readonly json?: boolean;
}

export const redriveMany = (context: CommandContext, options: JobOptions): Promise<ExitCode> =>
  requestJob(context, { kind: 'redrive' }, options, 'dead_lettered');

export const replayMany = (
  context: CommandContext,
  { only, status, ...options }: JobOptions & { readonly only?: string; readonly status?: readonly WebhookStatus[] },
): Promise<ExitCode> => requestJob(context, { kind: 'replay', only: only ?? null }, options, status);

/** Throws `not_found` for a destination that is not configured. */
export const resendMany = async (
  context: CommandContext,
  destination: string,
  options: JobOptions,
): Promise<ExitCode> => {
  await configuredDestination(context, destination);
  return requestJob(context, { kind: 'resend', destination }, options, undefined);
};

const requestJob = async (
  context: CommandContext,
  work: JobWork,
  options: JobOptions,
  status: JobFilter['status'],
): Promise<ExitCode> => {
  const filter = frozenFilter(context, options, status);
  const { reason, dryRun = false, json = false, rate = USUAL_WEBHOOKS_PER_SECOND } = options;
  if (!dryRun && (reason === undefined || reason.trim() === '')) {
    throw new PayhookError('usage_wrong', 'say why: --reason "…"; or look first what would happen: --dry-run');
  }
  const { config } = await loadSettings(context);
  const mode = options.mode ?? config.mode ?? 'live';
  return withHome<ExitCode>(context, async (home) => {
    if (dryRun || reason === undefined) {
      const { preview } = await createPreviewJob(home)(work, filter, mode);
      if (json) context.print(JSON.stringify({ work, filter: filterJson(filter), preview: previewJson(preview) }));
      else for (const line of previewLines(work, filter, preview)) context.print(line);
      return preview.webhooks > 0 ? 0 : 1;
    }
    const operator = await actAs(context, home.operators, 'put_back');
    const randomness = createSystemRandomness(context.clock);
    const job = await createRequestJob({ ...home, randomness })({
      work,
      filter,
      mode,
      reason,
      requestedBy: operator,
      webhooksPerSecond: rate,
      approvalLimits: {
        webhooksMax: config.jobs.approvalAboveWebhooks ?? null,
        amountMax: config.jobs.approvalAboveAmount ?? null,
      },
    });
    if (!json) for (const line of [...previewLines(work, filter, job.preview), '']) context.print(line);
    return carryHere(context, home, job, json);
  });
};

const frozenFilter = (
  { clock }: CommandContext,
  {
    all = false,
    since,
    until,
    provider,
    account,
    mode,
    eventType,
    object,
    payment,
    handler,
    cause,
    id: ids,
  }: JobOptions,
  status: JobFilter['status'],
): JobFilter => {
  const now = clock.now();
  const given = { since, until, provider, account, mode, eventType, objectId: object, payment, handler, cause, ids };
  if (!all && Object.values(given).every((value) => value === undefined)) {
    throw new PayhookError('usage_wrong', 'say which: one webhook id, a filter such as --since or --cause, or --all');
  }
  return { ...given, status, until: Math.min(until ?? now, now) };
};
