/** `payhook dead-letters`: what was given up on, and putting it back on the queue. */
import { PayhookError } from '../core/errors.ts';
import { describeReplay } from '../operate/describe-replay.ts';
import { createRedrive } from '../process/replay.ts';
import { withOperator } from './act-as.ts';
import { type CommandContext, withHome } from './command-context.ts';
import type { WebhookListOptions } from './list-options.ts';
import type { ExitCode } from './report-failure.ts';
import { type JobOptions, redriveMany } from './request-job.ts';
import { findWebhook, printWebhooks } from './webhooks.ts';

export const listDeadLetters = (context: CommandContext, options: WebhookListOptions): Promise<ExitCode> =>
  withHome<ExitCode>(context, (home) => printWebhooks(context, home, options, { status: 'dead_lettered' }));

/** One webhook by id at once, or a job of many. */
export const redriveDeadLetters = (
  context: CommandContext,
  webhookId: string | undefined,
  options: JobOptions,
): Promise<ExitCode> => {
  if (webhookId === undefined) return redriveMany(context, options);
  if (options.all === true || options.dryRun === true) {
    throw new PayhookError('usage_wrong', '--all and --dry-run are for many: leave them out, or the webhook id');
  }
  return withOperator<ExitCode>(context, 'put_back', async (home) => {
    const webhook = await findWebhook(home, webhookId);
    const outcome = await createRedrive(home)(webhook, home.operator, options.reason ?? null);
    const { isDone, text } = describeReplay(outcome);
    const json = JSON.stringify({ webhookId: webhook.webhookId, outcome: outcome.outcome });
    context.print(options.json === true ? json : `${webhook.webhookId} ${text}`);
    if (isDone) await home.forgetDeadLetters(new Set([webhook.webhookId]));
    return isDone ? 0 : 1;
  });
};
