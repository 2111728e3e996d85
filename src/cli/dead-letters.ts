/** `payhook dead-letters`: what was given up on, and putting it back on the queue. */
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Webhook } from '../core/webhook.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { describeReplay } from '../operate/describe-replay.ts';
import { createRedrive } from '../process/replay.ts';
import { type CommandContext, withHome } from './command-context.ts';
import type { WebhookListOptions } from './list-options.ts';
import type { ExitCode } from './report-failure.ts';
import { findWebhook, printWebhooks, type ReplayOptions } from './webhooks.ts';

export const listDeadLetters = (context: CommandContext, options: WebhookListOptions): Promise<ExitCode> =>
  withHome<ExitCode>(context, (home) => printWebhooks(context, home, options, { status: 'dead_lettered' }));

export interface RedriveOptions extends ReplayOptions {
  readonly all?: boolean;
  readonly provider?: string;
}

/** One webhook by id, or all dead letters (of one provider), at most `listLimitMax` in one call. */
export const redriveDeadLetters = (
  context: CommandContext,
  webhookId: string | undefined,
  options: RedriveOptions,
): Promise<ExitCode> =>
  withHome<ExitCode>(context, async (home) => {
    if ((webhookId === undefined) === (options.all !== true)) {
      throw new PayhookError('usage_wrong', 'say which: payhook dead-letters redrive <webhookId>, or --all');
    }
    const webhooks =
      webhookId === undefined ? await allDeadLetters(home, options.provider) : [await findWebhook(home, webhookId)];
    const redrive = createRedrive(home);
    let refused = 0;
    const putBack = new Set<string>();
    for (const webhook of webhooks) {
      const outcome = await redrive(webhook, home.operator, options.reason ?? null);
      const { isDone, text } = describeReplay(outcome);
      if (isDone) putBack.add(webhook.webhookId);
      else refused += 1;
      const json = JSON.stringify({ webhookId: webhook.webhookId, outcome: outcome.outcome });
      context.print(options.json === true ? json : `${webhook.webhookId} ${text}`);
    }
    await home.forgetDeadLetters(putBack);
    if (options.json !== true && webhookId === undefined)
      context.print(`${webhooks.length - refused} of ${webhooks.length} dead letters are on the queue again`);
    return refused === 0 ? 0 : 1;
  });

const allDeadLetters = async ({ store }: OperatorHome, provider: string | undefined): Promise<readonly Webhook[]> => {
  const { items: listed } = await store.list({ status: 'dead_lettered', provider, limit: LIMITS.listLimitMax });
  const webhooks = await Promise.all(listed.map((summary) => store.get(summary)));
  return webhooks.filter((webhook) => webhook !== undefined);
};
