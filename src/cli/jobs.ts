/** `payhook jobs`: how actions on many webhooks are going, and what operators do about them. */

import { assertNever, PayhookError } from '../core/errors.ts';
import { checkTimes } from '../core/match-webhook.ts';
import { type ChangeJobOutcome, createChangeJob, type JobAction } from '../jobs/change-job.ts';
import { type Job, type ShownJobState, shownStateOf } from '../jobs/job.ts';
import { jobJson, jobWebhookJson } from '../jobs/job-json.ts';
import type { DamagedJob, JobsQuery } from '../jobs/job-store.ts';
import { createReportJob } from '../jobs/report-job.ts';
import { timeText } from '../operate/webhook-json.ts';
import { withOperator } from './act-as.ts';
import { carryHere } from './carry-here.ts';
import { type CommandContext, withHome } from './command-context.ts';
import { countsText, jobLines, workText } from './job-text.ts';
import { type PrintOptions, printPage, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';
import { tableLines } from './table.ts';

interface JsonOption {
  readonly json?: boolean;
}

const HEADER = ['ASKED FOR', 'STATE', 'WORK', 'WEBHOOKS', 'SO FAR', 'BY', 'JOB'];

const row = (context: CommandContext, job: Job): string[] => [
  timeText(job.requestedAt),
  shownStateOf(job, context.clock.now()),
  workText(job.work),
  String(job.preview.webhooks),
  countsText(job.counts),
  job.requestedBy.id,
  job.id,
];

export interface ListJobsOptions extends Omit<JobsQuery, 'states' | 'lookAtMax'>, PrintOptions {
  readonly state?: readonly ShownJobState[];
}

export const listJobs = (
  context: CommandContext,
  { format, json, state: states, ...query }: ListJobsOptions,
): Promise<ExitCode> => {
  checkTimes(query);
  return withHome<ExitCode>(context, async ({ jobs }) => {
    const shown: Shown<Job> = {
      header: HEADER,
      row: (job) => row(context, job),
      json: (job) => jobJson(job, context.clock),
    };
    const { damaged, ...page } = await jobs.list({ ...query, states });
    printPage(context, page, shown, { format, json });
    warnOfDamaged(context, damaged);
    return 0;
  });
};

/** Beside the list, which may go on into another program. */
export const warnOfDamaged = (context: CommandContext, damaged: readonly DamagedJob[]): void => {
  for (const { id, why } of damaged) context.warn(`job ${id} is left out: ${why}`);
};

export const missingJob = (id: string): PayhookError =>
  new PayhookError('not_found', `there is no job ${id}: payhook jobs list shows them`);

export const showJob = (
  context: CommandContext,
  id: string,
  { all = false, json = false }: JsonOption & { readonly all?: boolean },
): Promise<ExitCode> =>
  withHome<ExitCode>(context, async (home) => {
    const job = await home.jobs.get(id);
    if (job === undefined) throw missingJob(id);
    const { counts, webhooks } = await createReportJob(home)(job);
    const shown = all
      ? webhooks
      : webhooks.filter(({ outcome }) => outcome === 'failed_again' || outcome === 'not_done');
    if (json) {
      context.print(
        JSON.stringify({ ...jobJson({ ...job, counts }, context.clock), webhooks: shown.map(jobWebhookJson) }),
      );
      return 0;
    }
    for (const line of jobLines({ ...job, counts }, context.clock)) context.print(line);
    if (shown.length === 0) return 0;
    const rows = shown.map(({ webhookId, outcome, detail = '' }) => [outcome, webhookId, detail]);
    for (const line of ['', ...tableLines(['OUTCOME', 'WEBHOOK', 'DETAIL'], rows, context.columns)])
      context.print(line);
    return 0;
  });

export const changeJob = (
  context: CommandContext,
  action: JobAction,
  id: string,
  { reason = null, json = false }: JsonOption & { readonly reason?: string | null },
): Promise<ExitCode> =>
  withOperator<ExitCode>(context, 'put_back', async (home) => {
    const outcome = await createChangeJob(home)(id, action, home.operator, reason);
    const job = outcome.outcome === 'changed' ? outcome.job : await home.jobs.get(id);
    // Also one whose command was killed: it runs, and nobody carries it on.
    if (action === 'resume' && job?.state === 'running' && home.jobsAreCarriedBy === 'command') {
      return carryHere(context, home, job, json);
    }
    return tellChange(context, action, id, outcome, json);
  });

const tellChange = (
  context: CommandContext,
  action: JobAction,
  id: string,
  outcome: ChangeJobOutcome,
  isJson: boolean,
): ExitCode => {
  switch (outcome.outcome) {
    case 'missing':
      throw missingJob(id);
    case 'not_possible':
      context.print(
        isJson ? JSON.stringify({ jobId: id, ...outcome }) : `job ${id} is ${outcome.state}: it cannot ${action} now`,
      );
      return 1;
    case 'changed':
      if (isJson) context.print(JSON.stringify(jobJson(outcome.job, context.clock)));
      else context.print(`job ${id} is ${outcome.job.state}`);
      return 0;
    default:
      return assertNever(outcome);
  }
};
