/** The grammar of jobs: the options that many webhooks are chosen by, and `payhook jobs`. */
import type { Command } from 'commander';
import { LIMITS } from '../core/limits.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { JobAction } from '../jobs/change-job.ts';
import { SHOWN_JOB_STATES, USUAL_WEBHOOKS_PER_SECOND } from '../jobs/job.ts';
import type { decideOnJob, listApprovals } from './approvals.ts';
import type { CommandContext } from './command-context.ts';
import type { changeJob, listJobs, showJob } from './jobs.ts';
import {
  addFormatOptions,
  addJobFilterOptions,
  addJsonOption,
  addPlainListOptions,
  type Run,
  readCount,
  readReason,
  readSeveral,
} from './list-options.ts';

/** What every action on many webhooks takes. */
export const addJobOptions = (command: Command, now: EpochMs): Command =>
  addJobFilterOptions(command.option('--all', 'all of them, where no other filter is given'), now)
    .option('--dry-run', 'only say what would happen: how many, how much money, who is called, what is impossible')
    .option('--reason <text>', 'why, for the audit trail; a job needs one', readReason)
    .option(
      '--rate <n>',
      `webhooks of a job a second, after the first one (${USUAL_WEBHOOKS_PER_SECOND})`,
      readCount(1, LIMITS.jobWebhooksPerSecondMax),
    );

const ACTIONS: Readonly<Record<JobAction, string>> = {
  pause: 'put nothing more back for now',
  resume: 'go on with a job that was paused or has stopped; one webhook goes first',
  cancel: 'end a job; what was put back already goes on by itself',
};

export const addJobCommands = (program: Command, context: CommandContext, run: Run): void => {
  const jobs = program.command('jobs').description('actions on many webhooks: redrive, replay, resend');
  const list = jobs
    .command('list')
    .description('newest first')
    .option('--state <states>', `only these: ${SHOWN_JOB_STATES.join(', ')}`, readSeveral('state', SHOWN_JOB_STATES));
  run(addPlainListOptions(list, context.clock.now(), 'asked for'), async (options: Parameters<typeof listJobs>[1]) =>
    (await import('./jobs.ts')).listJobs(context, options),
  );
  const show = jobs
    .command('show')
    .description('everything about one job, and what became of each webhook that is not simply done')
    .argument('<job id>')
    .option('--all', 'each webhook');
  run(addJsonOption(show), async (id: string, options: Parameters<typeof showJob>[2]) =>
    (await import('./jobs.ts')).showJob(context, id, options),
  );
  for (const [action, description] of Object.entries(ACTIONS)) {
    const command = jobs
      .command(action)
      .description(description)
      .argument('<job id>')
      .option('--reason <text>', 'why, for the audit trail', readReason);
    run(addJsonOption(command), async (id: string, options: Parameters<typeof changeJob>[3]) =>
      (await import('./jobs.ts')).changeJob(context, action as JobAction, id, options),
    );
  }
};

const DECISIONS = {
  approve: ['approved', 'agree to a job of somebody else, which runs then'],
  refuse: ['refused', 'say no to a job of somebody else, which ends then'],
} as const;

export const addApprovalCommands = (program: Command, context: CommandContext, run: Run): void => {
  const approvals = program.command('approvals').description('jobs that wait for a second person');
  const list = approvals.command('list').description('newest first; payhook jobs show says everything about one');
  run(addFormatOptions(list), async (options: Parameters<typeof listApprovals>[1]) =>
    (await import('./approvals.ts')).listApprovals(context, options),
  );
  for (const [word, [outcome, description]] of Object.entries(DECISIONS)) {
    const command = approvals
      .command(word)
      .description(description)
      .argument('<job id>')
      .requiredOption('--reason <text>', 'why, for the audit trail', readReason);
    run(addJsonOption(command), async (id: string, options: Parameters<typeof decideOnJob>[3]) =>
      (await import('./approvals.ts')).decideOnJob(context, outcome, id, options),
    );
  }
};
