/** The grammar of `payhook rejected`. */
import { type Command, Option } from 'commander';
import { REJECTION_REASONS } from '../core/ports/provider.ts';
import type { CommandContext } from './command-context.ts';
import { addJsonOption, addPlainListOptions, providerOption, type Run, readName, readReason } from './list-options.ts';
import type { acceptRejected, listRejected } from './rejected.ts';

interface JsonOption {
  readonly json?: boolean;
}

export const addRejectedCommands = (program: Command, context: CommandContext, run: Run): void => {
  const rejected = program
    .command('rejected')
    .description('deliveries that were not found genuine, as far as they are kept');
  const newest = rejected.command('list').description('newest first');
  const list = addPlainListOptions(newest, context.clock.now(), 'rejected')
    .addOption(providerOption())
    .addOption(new Option('--reason <reason>', 'only what was rejected for this').choices(REJECTION_REASONS))
    .option('--address <address>', 'only what came from this address', readName);
  run(list, async (options: Parameters<typeof listRejected>[1]) =>
    (await import('./rejected.ts')).listRejected(context, options),
  );
  const one = (name: string, description: string): Command =>
    addJsonOption(rejected.command(name).description(description).argument('<id>', 'as in the list'));
  run(
    one('show', 'what is known of it, and until when the provider tries again'),
    async (id: string, options: JsonOption) => (await import('./rejected.ts')).showRejected(context, id, options),
  );
  run(one('doctor', 'why is it not found genuine, and what has to change?'), async (id: string, options: JsonOption) =>
    (await import('./rejected.ts')).diagnoseRejected(context, id, options),
  );
  run(one('verify', 'does it verify now, with the secrets of now?'), async (id: string, options: JsonOption) =>
    (await import('./rejected.ts')).verifyRejected(context, id, options),
  );
  const accept = one('accept', 'store and process it as of when it came, if it verifies by now').requiredOption(
    '--reason <text>',
    'why, for the audit trail',
    readReason,
  );
  run(accept, async (id: string, options: Parameters<typeof acceptRejected>[2]) =>
    (await import('./rejected.ts')).acceptRejected(context, id, options),
  );
};
