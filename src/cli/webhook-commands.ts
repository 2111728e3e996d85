/** The grammar of `payhook webhooks`, `causes`, `activity` and `dead-letters`. */
import { type Command, Option } from 'commander';
import { WEBHOOK_STATUSES } from '../core/status.ts';
import { ACTIVITY_WINDOW_NAMES, USUAL_WINDOW } from '../operate/activity-window.ts';
import { PROVIDERS } from '../providers/providers.ts';
import type { showActivity } from './activity.ts';
import type { listCauses } from './causes.ts';
import type { CommandContext } from './command-context.ts';
import type { listDeadLetters, redriveDeadLetters } from './dead-letters.ts';
import { addJobOptions } from './job-commands.ts';
import {
  addFormatOptions,
  addJsonOption,
  addModeOption,
  addOwnerOptions,
  addWebhookListOptions,
  type Run,
  readMoment,
  readPast,
  readReason,
  readSeveral,
} from './list-options.ts';
import type { replayMany } from './request-job.ts';
import type { listWebhooks, showWebhook } from './webhooks.ts';

const WEBHOOK_ID_EXAMPLE = `${PROVIDERS[0].name}:evt_1Nv0FG`;

export const addWebhookCommands = (program: Command, context: CommandContext, run: Run): void => {
  const now = context.clock.now();
  const webhooks = program.command('webhooks').description('stored webhooks');
  const list = webhooks
    .command('list')
    .description('newest first')
    .option('--unknown', 'only those of a type that the catalogue of their provider did not have');
  run(
    addWebhookListOptions(list, now, { statuses: WEBHOOK_STATUSES }),
    async (options: Parameters<typeof listWebhooks>[1]) =>
      (await import('./webhooks.ts')).listWebhooks(context, options),
  );
  const show = webhooks
    .command('show')
    .description('everything about one webhook, and its audit trail')
    .argument('<webhook id>', `such as ${WEBHOOK_ID_EXAMPLE}`)
    .option('--payload', 'decrypt and show the payload too; this is audited, and needs --reason')
    .option('--reason <text>', 'with --payload: why, for the audit trail', readReason);
  run(addJsonOption(show), async (id: string, options: Parameters<typeof showWebhook>[2]) =>
    (await import('./webhooks.ts')).showWebhook(context, id, options),
  );
  const replay = webhooks
    .command('replay')
    .description('process a stored webhook again, from its first attempt; everybody sees the same idempotency ids')
    .argument('[webhook id]', 'one of them, at once; many as a job')
    .option('--only <name>', 'only this handler, or of one webhook only this destination');
  const statuses = `of many, only these, with commas between them: ${WEBHOOK_STATUSES.join(', ')}`;
  addJobOptions(replay, now).option('--status <statuses>', statuses, readSeveral('status', WEBHOOK_STATUSES));
  run(addJsonOption(replay), async (id: string | undefined, options: Parameters<typeof replayMany>[1]) =>
    id === undefined
      ? (await import('./request-job.ts')).replayMany(context, options)
      : (await import('./webhooks.ts')).replayWebhook(context, id, options),
  );

  const causes = program
    .command('causes')
    .description('what was given up or waits for long, by cause, with the money at risk')
    .option('--since <time>', 'received at or after: a time, a day, or an age such as 2h', readPast(now))
    .option('--until <time>', 'received before', readMoment(now));
  run(addFormatOptions(addOwnerOptions(causes)), async (options: Parameters<typeof listCauses>[1]) =>
    (await import('./causes.ts')).listCauses(context, options),
  );

  const activity = program
    .command('activity')
    .description('how many webhooks came over time, what became of them by now, and which provider is silent')
    .addOption(new Option('--window <window>', 'how far back').choices(ACTIVITY_WINDOW_NAMES).default(USUAL_WINDOW));
  run(addFormatOptions(addModeOption(activity)), async (options: Parameters<typeof showActivity>[1]) =>
    (await import('./activity.ts')).showActivity(context, options),
  );

  const deadLetters = program.command('dead-letters').description('webhooks that were given up on');
  const listDead = deadLetters.command('list').description('newest first');
  run(
    addWebhookListOptions(listDead, now, { statuses: null }),
    async (options: Parameters<typeof listDeadLetters>[1]) =>
      (await import('./dead-letters.ts')).listDeadLetters(context, options),
  );
  const redrive = deadLetters
    .command('redrive')
    .description('put dead letters back on the queue: one at once, many as a job')
    .argument('[webhook id]', 'one of them');
  run(
    addJsonOption(addJobOptions(redrive, now)),
    async (id: string | undefined, options: Parameters<typeof redriveDeadLetters>[2]) =>
      (await import('./dead-letters.ts')).redriveDeadLetters(context, id, options),
  );
};
