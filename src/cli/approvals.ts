/** `payhook approvals`: jobs that wait for a second person, and what that person decides. */

import { PayhookError } from '../core/errors.ts';
import { createDecideOnJob, type Decision } from '../jobs/decide-on-job.ts';
import { describeHindrance } from '../jobs/describe-hindrance.ts';
import type { Job } from '../jobs/job.ts';
import { jobJson } from '../jobs/job-json.ts';
import { listWaiting } from '../jobs/list-waiting.ts';
import { timeText } from '../operate/webhook-json.ts';
import { withOperator } from './act-as.ts';
import { carryHere } from './carry-here.ts';
import { type CommandContext, withHome } from './command-context.ts';
import { jobLines, sumsText, workText } from './job-text.ts';
import { missingJob, warnOfDamaged } from './jobs.ts';
import { type PrintOptions, printList } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';

const HEADER = ['ASKED FOR', 'BY', 'WORK', 'WEBHOOKS', 'MONEY AT RISK', 'WHY', 'UNTIL', 'JOB'];

const row = (job: Job): string[] => [
  timeText(job.requestedAt),
  job.requestedBy.id,
  workText(job.work),
  String(job.preview.webhooks),
  sumsText(job.preview.money),
  job.approval?.why ?? '',
  job.approval === null ? '' : timeText(job.approval.expiresAt),
  job.id,
];

export const listApprovals = (context: CommandContext, options: PrintOptions): Promise<ExitCode> =>
  withHome<ExitCode>(context, async (home) => {
    const { items: waiting, damaged } = await listWaiting(home);
    const json = (job: Job) => jobJson(job, context.clock);
    printList(context, waiting, { header: HEADER, row, json }, options, 'nothing waits for approval');
    warnOfDamaged(context, damaged);
    return 0;
  });

export const decideOnJob = (
  context: CommandContext,
  outcome: Decision['outcome'],
  id: string,
  { reason, json = false }: { readonly reason: string; readonly json?: boolean },
): Promise<ExitCode> => {
  if (reason.trim() === '') throw new PayhookError('usage_wrong', 'say why: --reason "…"');
  return withOperator<ExitCode>(context, 'approve', async (home) => {
    const decided = await createDecideOnJob(home)(id, { outcome, by: home.operator, reason });
    if (decided.outcome === 'missing') throw missingJob(id);
    if (decided.outcome !== 'decided') {
      context.print(json ? JSON.stringify({ jobId: id, ...decided }) : `job ${id} ${describeHindrance(decided)}`);
      return 1;
    }
    if (!json) for (const line of [...jobLines(decided.job, context.clock), '']) context.print(line);
    if (outcome === 'approved') return carryHere(context, home, decided.job, json);
    context.print(json ? JSON.stringify(jobJson(decided.job, context.clock)) : `job ${id} is refused`);
    return 0;
  });
};
