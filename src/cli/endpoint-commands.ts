/** The grammar of `payhook doctor` and `payhook endpoints`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ENDPOINTS_APIS } from '../providers/endpoints-apis.ts';
import type { CommandContext } from './command-context.ts';
import type { doctor } from './doctor.ts';
import type { createEndpoint, listEndpoints, updateEndpoint } from './endpoints.ts';
import { addFormatOptions, addJsonOption, type Run, readReason } from './list-options.ts';

const providerOption = (what: string): Option =>
  new Option('--provider <name>', what).choices(ENDPOINTS_APIS.map(({ provider }) => provider));

const readUrl = (text: string): string => {
  const url = URL.parse(text);
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return text;
  throw new InvalidArgumentError(
    'Give what the provider is to call, such as https://hooks.shop.example/webhook/<provider>.',
  );
};

const addChangeOptions = (command: Command): Command =>
  command
    .addOption(providerOption('whose endpoint').makeOptionMandatory())
    .addOption(new Option('--mode <mode>', 'which, where there is a credential of each').choices(['live', 'test']))
    .option('--yes', 'do it; without it you see what would be done')
    .option('--reason <text>', 'why, for the audit trail', readReason);

const DOCTOR_HELP = `
Asks the providers whose API credential is in the environment: does an endpoint of theirs lead here, is it enabled, does it
get the types that are mapped, in which API version? Exit 1 when something is not as it should be, or could not be asked.`;

export const addEndpointCommands = (program: Command, context: CommandContext, run: Run): void => {
  const look = program
    .command('doctor')
    .description('does what the providers deliver come here, and is it what is known?')
    .addOption(providerOption('only this provider'))
    .addHelpText('after', DOCTOR_HELP);
  run(addJsonOption(look), async (options: Parameters<typeof doctor>[1]) =>
    (await import('./doctor.ts')).doctor(context, options),
  );
  const endpoints = program.command('endpoints').description('what the providers deliver to');
  const list = endpoints
    .command('list')
    .description('what is registered with them')
    .addOption(providerOption('only this provider'));
  run(addFormatOptions(list), async (options: Parameters<typeof listEndpoints>[1]) =>
    (await import('./endpoints.ts')).listEndpoints(context, options),
  );
  const create = addChangeOptions(
    endpoints
      .command('create')
      .description('have a provider deliver to a URL, with the types that are mapped')
      .requiredOption('--url <url>', 'what the provider is to call', readUrl)
      .option('--secret-file <path>', 'a new file for the secret that its deliveries are verified with'),
  );
  run(create, async (options: Parameters<typeof createEndpoint>[1]) =>
    (await import('./endpoints.ts')).createEndpoint(context, options),
  );
  const update = addChangeOptions(
    endpoints
      .command('update')
      .description('add the types that are mapped to an endpoint; enable it, or have it lead elsewhere')
      .option('--id <id>', 'which, where several lead here')
      .option('--url <url>', 'what the provider is to call from now on', readUrl)
      .option('--enable', 'have a disabled one get deliveries again'),
  );
  run(update, async (options: Parameters<typeof updateEndpoint>[1]) =>
    (await import('./endpoints.ts')).updateEndpoint(context, options),
  );
};
