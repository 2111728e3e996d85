/** The grammar of `payhook secrets` and `payhook keys`. */
import { Argument, type Command } from 'commander';
import { credentialsNameOf, EVENTS_APIS } from '../providers/events-apis.ts';
import { PROVIDERS } from '../providers/providers.ts';
import type { CommandContext } from './command-context.ts';
import type { rotateKeys } from './keys.ts';
import { addFormatOptions, addJsonOption, type Run, readReason } from './list-options.ts';
import type { PrintOptions } from './print-list.ts';

export const addSecretCommands = (program: Command, context: CommandContext, run: Run): void => {
  const secrets = program
    .command('secrets')
    .description('signing secrets: of a deployed stack (--home aws), and how they are used');
  const set = secrets
    .command('set')
    .description('replace the secrets by those on standard input, one a line; two while one is rolled')
    .argument(
      '<name>',
      `${PROVIDERS.map(({ name }) => name).join(', ')}, ${EVENTS_APIS.map(credentialsNameOf).join(', ')}, or destination-<name>`,
    );
  run(set, async (name: string) => (await import('./secrets.ts')).setSecrets(context, name));
  const show = secrets
    .command('show')
    .description('how many secrets each provider and destination has, and since when');
  run(addFormatOptions(show), async (options: PrintOptions) =>
    (await import('./secrets.ts')).showSecrets(context, options),
  );
  const status = secrets
    .command('status')
    .description(
      'which secret verifies what comes, in either home; which one is safe to remove, which verified nothing',
    );
  run(addFormatOptions(status), async (options: PrintOptions) =>
    (await import('./secrets-status.ts')).showSecretStatus(context, options),
  );
};

export const addKeyCommands = (program: Command, context: CommandContext, run: Run): void => {
  const keys = program.command('keys').description('the key files of the data directory');
  const list = keys.command('list').description('fingerprint of each key, what it is for, and what needs it');
  run(addFormatOptions(list), async (options: PrintOptions) => (await import('./keys.ts')).listKeys(context, options));
  const rotate = keys
    .command('rotate')
    .description('use a new key from now on, beside the old one; stop the server first')
    .addArgument(new Argument('[purpose]', 'which; both unless one is named').choices(['payload', 'audit']))
    .option('--reason <text>', 'why, for the audit trail', readReason);
  run(
    addJsonOption(rotate),
    async (purpose: Parameters<typeof rotateKeys>[1], options: Parameters<typeof rotateKeys>[2]) =>
      (await import('./keys.ts')).rotateKeys(context, purpose, options),
  );
};
