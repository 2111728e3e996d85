/** What happens to a job that may run now: a server carries it on, or this command does until it rests. */

import { setTimeout as pause } from 'node:timers/promises';
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import { PayhookError } from '../core/errors.ts';
import { SECOND_MS } from '../core/time.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { createCarryJob } from '../jobs/carry-job.ts';
import type { Job, JobWebhook } from '../jobs/job.ts';
import { jobJson } from '../jobs/job-json.ts';
import { createReportJob } from '../jobs/report-job.ts';
import type { CommandContext } from './command-context.ts';
import { countsText } from './job-text.ts';
import type { ExitCode } from './report-failure.ts';

/** While somebody else carries it on: this command looks on, and takes over when that one is not heard of any more. */
const BUSY_PAUSE_MS = 2 * SECOND_MS;

/** Prints what comes next, or how it went. */
export const carryHere = async (
  context: CommandContext,
  home: OperatorHome,
  job: Job,
  isJson: boolean,
): Promise<ExitCode> => {
  if (job.state === 'waiting_for_approval') {
    const next = `payhook approvals approve ${job.id}, by somebody else`;
    tell(context, job, isJson, `job ${job.id} waits for a second person, for ${job.approval?.why}: ${next}`);
    return 0;
  }
  if (home.jobsAreCarriedBy === 'server') {
    const next = `the server carries it on, one webhook first: payhook jobs show ${job.id}`;
    tell(context, job, isJson, `job ${job.id}: ${next}`);
    return 0;
  }
  if (!isJson) {
    context.print(
      `job ${job.id}: this command carries it on; when it is ended, go on with payhook jobs resume ${job.id}`,
    );
  }
  const rested = await carryToRest(context, home, job.id);
  const { webhooks, counts } = await createReportJob(home)(rested);
  await home.forgetDeadLetters(await noDeadLettersOf(home, webhooks));
  const state = rested.stateReason === null ? rested.state : `${rested.state}, ${rested.stateReason}`;
  tell(context, { ...rested, counts }, isJson, `job ${job.id} is ${state}: ${countsText(counts)}`);
  return rested.state === 'done' ? 0 : 1;
};

/** Of what was put back; what has died again meanwhile lies there anew. */
const noDeadLettersOf = async (
  { store }: Pick<OperatorHome, 'store'>,
  webhooks: readonly JobWebhook[],
): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>();
  for (const one of webhooks) {
    if (one.startedAt === undefined || one.outcome === 'not_done') continue;
    if (one.outcome === 'failed_again' && (await store.get(one))?.status === 'dead_lettered') continue;
    ids.add(one.webhookId);
  }
  return ids;
};

const tell = (context: CommandContext, job: Job, isJson: boolean, line: string): void =>
  context.print(isJson ? JSON.stringify(jobJson(job, context.clock)) : line);

const carryToRest = async (context: CommandContext, home: OperatorHome, id: string): Promise<Job> => {
  const carry = createCarryJob({ ...home, carrierId: createSystemRandomness(context.clock).id() });
  let told = '';
  for (;;) {
    const carried = await carry(id);
    switch (carried.outcome) {
      case 'rests':
        return carried.job;
      case 'missing':
        throw new PayhookError('not_found', `job ${id} is not there any more`);
      case 'busy':
        await pause(BUSY_PAUSE_MS);
        break;
      case 'goes_on': {
        const counts = countsText(carried.job.counts);
        if (context.isTerminal && counts !== told) context.warn(counts);
        told = counts;
        await pause(carried.waitMs);
        break;
      }
      default:
        return carried satisfies never;
    }
  }
};
