/** The grammar of `payhook reconcile`. */
import { Argument, type Command, Option } from 'commander';
import { EVENTS_APIS } from '../providers/events-apis.ts';
import type { CommandContext } from './command-context.ts';
import { addFormatOptions, addJsonOption, type Run, readMoment } from './list-options.ts';
import type { reconcile } from './reconcile.ts';
import type { reconcilePayments } from './reconcile-payments.ts';
import type { reconcileStatus } from './reconcile-status.ts';

const HELP = `
Asks the providers for what happened, with the credentials in the environment, and makes webhooks of what no delivery
brought: stored, audited and processed like any other, once. Begins where the run before came to; the first run begins
now, and --since goes back, as far as the provider lists. Exit 1 when a list could not be gone through.`;

const PAYMENTS_HELP = `
Asks the providers for payments, refunds, disputes and payouts, further back than their events go, and says where a state or
an amount is another than here. Reads and changes nothing. One that was interrupted goes on where it was, within a day. Exit 1
when something differs, or a list could not be gone through.`;

const NAMES = EVENTS_APIS.map(({ provider }) => provider);

const providerOption = (): Option => new Option('--provider <name>', 'only this provider').choices(NAMES);

export const addReconcileCommands = (program: Command, context: CommandContext, run: Run): void => {
  const command = program
    .command('reconcile')
    .description('what the providers list, against what was delivered: recovers what is missing')
    .addOption(providerOption())
    .option('--since <time>', 'from here on: a time, a day, or an age such as 2h', readMoment(context.clock.now()))
    .option('--dry-run', 'look and say what is missing; store nothing')
    .addHelpText('after', HELP);
  run(addJsonOption(command), async (options: Parameters<typeof reconcile>[1]) =>
    (await import('./reconcile.ts')).reconcile(context, options),
  );
  const enable = command
    .command('enable')
    .description('has a provider list its events that does not do so by itself, from now on')
    .addArgument(new Argument('<provider>', 'which provider').choices(NAMES));
  run(enable, async (provider: string) => (await import('./reconcile-enable.ts')).reconcileEnable(context, provider));
  const status = command.command('status').description('up to when each list was checked, and what was found');
  // `--json` is an option of `reconcile` too, which reads what it knows wherever it stands; below, the help shows it.
  run(addFormatOptions(status), async (options: Parameters<typeof reconcileStatus>[1]) =>
    (await import('./reconcile-status.ts')).reconcileStatus(context, { ...options, ...command.opts() }),
  );
  const payments = command
    .command('payments')
    .description('what the providers hold, against the payments here')
    .addOption(providerOption())
    .option('--since <time>', 'made at or after: a time, a day, or an age such as 90d; 30d unless given')
    .option('--anew', 'from its beginning, where an earlier check of the same was interrupted')
    .addHelpText('after', PAYMENTS_HELP);
  run(addFormatOptions(payments), async (options: Parameters<typeof reconcilePayments>[1]) =>
    (await import('./reconcile-payments.ts')).reconcilePayments(context, { ...options, ...command.opts() }),
  );
};
