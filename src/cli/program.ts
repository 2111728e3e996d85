/**
 * The command line's grammar: every command with its options and help. What a command does is in its own file, loaded
 * only when it runs: a server must not carry the rest in its memory.
 */
import { Command, CommanderError, Option } from 'commander';
import { problemOfSuffix } from '../config/aws-names.ts';
import { PORT_DEFAULT } from '../config/environment.ts';
import { PayhookError } from '../core/errors.ts';
import { printable, printableLines } from '../core/printable.ts';
import type { HomeChoice } from '../homes/operator-home.ts';
import { PROVIDERS } from '../providers/providers.ts';
import { SCENARIO_PAYMENTS_MAX, SCENARIO_SEED_MAX } from '../samples/scenarios/scenario.ts';
import { addAuditCommands } from './audit-commands.ts';
import { type CommandContext, refuseAws } from './command-context.ts';
import { DOCS } from './command-name.ts';
import type { ConsoleOptions } from './console.ts';
import { addDataCommands } from './data-commands.ts';
import type { DevOptions } from './dev.ts';
import { addEndpointCommands } from './endpoint-commands.ts';
import { addApprovalCommands, addJobCommands } from './job-commands.ts';
import { addJsonOption, type Run, readCount } from './list-options.ts';
import { narrowHelp } from './narrow-help.ts';
import { addOperatorCommands } from './operator-commands.ts';
import { hasColours, paintLine } from './paint-line.ts';
import { addPaymentCommands } from './payment-commands.ts';
import { addProjectCommands } from './project-commands.ts';
import { addReconcileCommands } from './reconcile-commands.ts';
import { addRejectedCommands } from './rejected-commands.ts';
import type { ExitCode } from './report-failure.ts';
import { addKeyCommands, addSecretCommands } from './secret-commands.ts';
import type { send } from './send.ts';
import type { sendFile } from './send-file.ts';
import type { sendScenario } from './send-scenario.ts';
import type { verifySaved } from './verify.ts';
import type { verifyHome } from './verify-home.ts';
import { payhookVersion } from './version.ts';
import { addWebhookCommands } from './webhook-commands.ts';

/** `help webhooks list` is `webhooks list --help`: commander itself knows the first word only. */
const withHelpLast = ([first, ...others]: readonly string[]): readonly string[] =>
  first === 'help' ? [...others, '--help'] : first === undefined ? [] : [first, ...others];

/** Commands that complete words, or list what commands there are. A server does without what these need. */
const NEEDS_COMPLETION: readonly (string | undefined)[] = ['completion', 'complete', '--help', '-h', undefined];

/** Every command with its options. `run` has a command do something when it is called. */
export const createProgram = (outside: CommandContext, run: Run, samplesHelp: string): Command => {
  const program = new Command('payhook')
    .description('Payment webhooks: received, verified, stored once, processed, audited.')
    .version(`payhook ${payhookVersion()}, Node ${process.versions.node}`)
    .addOption(new Option('--home <home>', 'what the command works on').choices(['local', 'aws']).default('local'))
    .option('--environment-suffix <suffix>', 'with --home aws: which deployed stack, such as dev or prod')
    .option('--operator <name>', 'who you are, where operators are defined: see payhook operators')
    .option('--no-color', 'without colours, as with the variable NO_COLOR')
    .addHelpText('after', OVERVIEW)
    .configureOutput({ outputError: (text, write) => write(printableLines(text.replace(/^error: /, 'payhook: '))) })
    .configureHelp(narrowHelp)
    .showHelpAfterError('(add --help for what is allowed)')
    .exitOverride();
  const paint = (line: string): string =>
    program.opts().color === true && hasColours(outside.env, outside.isTerminal) ? paintLine(line) : line;
  const context: CommandContext = {
    ...outside,
    // Here and nowhere else: whatever a command prints may hold a provider's text.
    print: (line) => outside.print(paint(printable(line))),
    paint,
    warn: (line) => outside.warn(printable(line)),
    operatorName: () => program.opts().operator ?? outside.env.PAYHOOK_OPERATOR,
    home: () => readHomeChoice(program.opts()),
  };
  addServerCommands(program, context, run, samplesHelp);
  addWebhookCommands(program, context, run);
  addJobCommands(program, context, run);
  addApprovalCommands(program, context, run);
  addRejectedCommands(program, context, run);
  addReconcileCommands(program, context, run);
  addEndpointCommands(program, context, run);
  addPaymentCommands(program, context, run);
  addOperatorCommands(program, context, run);
  addAuditCommands(program, context, run);
  addSecretCommands(program, context, run);
  addKeyCommands(program, context, run);
  addDataCommands(program, context, run);
  addProjectCommands(program, context, run);
  return program;
};

/** Whether help can be had of these words: a command, one below it, arguments of either. */
const isThere = (program: Command, [word, ...below]: readonly string[]): boolean => {
  if (word === undefined) return true;
  const command = program.commands.find((one) => one.name() === word);
  return command === undefined ? program.registeredArguments.length > 0 : isThere(command, below);
};

/** Runs one command; 2 when the arguments are wrong (commander has said how by then). */
export const runProgram = async (given: readonly string[], context: CommandContext): Promise<number> => {
  const asked = withHelpLast(given);
  let exitCode: ExitCode = 0;
  const run: Run = (command, action) => {
    command.action(async (...args: unknown[]) => {
      exitCode = await (action as (...args: unknown[]) => Promise<ExitCode>)(...args);
    });
  };
  // The samples are many and only the help of one command lists them.
  const samplesHelp = asked[0] === 'send' ? (await import('./samples-help.ts')).samplesHelp() : '';
  const program = createProgram(context, run, samplesHelp);
  if (NEEDS_COMPLETION.includes(asked[0])) (await import('./completion.ts')).addCompletion(program, context.print);
  // Of what there is not commander would show the help of everything.
  const argv = given[0] === 'help' && !isThere(program, given.slice(1)) ? given.slice(1) : asked;
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help that was asked for ends well; everything else that commander throws is wrong usage, and it has said so.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
};

const readHomeChoice = (options: { readonly home?: string; readonly environmentSuffix?: string }): HomeChoice => {
  const { home, environmentSuffix } = options;
  if (home !== 'aws') {
    if (environmentSuffix === undefined) return { kind: 'local' };
    throw new PayhookError('usage_wrong', '--environment-suffix names a stack on AWS: add --home aws');
  }
  if (environmentSuffix === undefined) {
    throw new PayhookError(
      'usage_wrong',
      '--home aws needs --environment-suffix: the one that was deployed, such as dev',
    );
  }
  const problem = problemOfSuffix(environmentSuffix);
  if (problem !== null) throw new PayhookError('usage_wrong', problem);
  return { kind: 'aws', environmentSuffix };
};

const SEND_HERE =
  'send signs with the secrets of this machine: give the address of the stack with --url, and the same secret in its PAYHOOK_ variable';

/** The values of an option that can be given several times. */
const collected = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

type SendCommandOptions = Parameters<typeof send>[3] & Partial<Parameters<typeof sendFile>[2]>;

const urlOption = ({ env }: CommandContext): Option =>
  new Option('--url <url>', 'where to').default(`http://127.0.0.1:${env.PAYHOOK_PORT ?? PORT_DEFAULT}`);

const [FIRST] = PROVIDERS;
const PROVIDER_NAMES = PROVIDERS.map(({ name }) => name).join(', ');
/** For examples in help texts: what an id of a webhook looks like. */
const OVERVIEW = `
Exit codes: 0 done, 1 the thing asked about is not so,
2 wrong usage or configuration.

First steps:
  payhook dev
      run the server, and see each delivery
  payhook send ${FIRST.name} ${FIRST.firstEventType}
      sign and send an event, see what becomes of it
  payhook webhooks list --status dead_lettered
      what needs a person
  payhook audit verify
      is the audit trail whole?`;

const addServerCommands = (program: Command, context: CommandContext, run: Run, samplesHelp: string): void => {
  const serveCommand = program
    .command('serve')
    .description('run the local home: receive, process, audit, until Ctrl-C or SIGTERM')
    .option('--console', 'also start the console, as a process of its own that ends with the server');
  run(serveCommand, async (options: { readonly console?: boolean }) => {
    refuseAws(context, `serve runs the local home: the AWS home runs by itself, see ${DOCS}/deploy.md`);
    const { serve } = await import('./serve.ts');
    if (options.console !== true) return serve(context);
    const { startConsoleBeside } = await import('./console-beside.ts');
    return serve(context, { onStarted: () => startConsoleBeside(context, process.argv.slice(2)) });
  });

  const devCommand = program
    .command('dev')
    .description('serve, for whoever writes handlers: read again when they change, a line for each delivery')
    .option('--forward <url>', 'hand genuine webhooks on as they came; {provider} in it is the provider’s name');
  run(devCommand, async (options: DevOptions) => {
    refuseAws(context, 'dev runs the local home: leave out --home aws');
    return (await import('./dev.ts')).dev(context, options);
  });

  const sendCommand = program
    .command('send')
    .description('sign a realistic event, or a saved body, as the provider would, and post it')
    .argument('<provider>', PROVIDER_NAMES)
    .argument('[event type]', 'the provider’s own name; see below')
    .option('--file <path>', 'the body in this file, as it is, instead of an event; - is standard input')
    .option('--header <header>', 'with --file: a header to send, "Name: value"; can be given again', collected)
    .option('--show', 'with --file: show all that it became, as webhooks show does')
    .option('--count <n>', 'send this many, each a new event', readCount(1, 10_000_000), 1)
    .option('--rate <n>', 'at most this many a second', readCount(1, 1_000_000))
    .option('--duplicate', 'send each delivery twice: the second one must be answered "duplicate"')
    .option('--tamper', 'change a digit after signing: the server must refuse it')
    .addOption(urlOption(context))
    .addHelpText('after', samplesHelp);
  run(
    addJsonOption(sendCommand),
    async (provider: string, eventType: string | undefined, options: SendCommandOptions) => {
      refuseAws(context, SEND_HERE);
      const { file } = options;
      if (file !== undefined && eventType === undefined) {
        return (await import('./send-file.ts')).sendFile(context, provider, { ...options, file });
      }
      if (eventType !== undefined && file === undefined) {
        return (await import('./send.ts')).send(context, provider, eventType, options);
      }
      throw await (await import('./send.ts')).problemOfSend(context, provider);
    },
  );
  addScenarioCommand(sendCommand, context, run);

  const verifyCommand = program
    .command('verify')
    .description('why does a saved delivery verify or not, and what has to change? Reads the file, never the network')
    .argument('<file>', 'JSON: one delivery, a list, or an object with "vectors"')
    .option('--name <name>', 'only the delivery with this name')
    .addHelpText('after', VERIFY_HELP);
  run(addJsonOption(verifyCommand), async (path: string, options: Parameters<typeof verifySaved>[2]) =>
    (await import('./verify.ts')).verifySaved(context, path, options),
  );
  addVerifyHomeCommand(verifyCommand, context, run);

  const consoleCommand = program
    .command('console')
    .description('look and act in a browser: screens over the home, on this machine alone, until Ctrl-C')
    .option('--no-browser', 'only say where it is, and open no browser');
  run(consoleCommand, async (options: ConsoleOptions) => (await import('./console.ts')).runConsole(context, options));

  const configCommand = program
    .command('config')
    .description('the configuration as it takes effect; checks it, shows no secret');
  run(addJsonOption(configCommand), async (options: { json?: boolean }) =>
    (await import('./config.ts')).showConfig(context, options),
  );
};

/** A command below `send`. Those of its options that `send` has too are read by `send`, wherever they stand. */
const addScenarioCommand = (sendCommand: Command, context: CommandContext, run: Run): void => {
  const scenario = sendCommand
    .command('scenario')
    .description('play whole lives of payments, and check what they come out as; without a name lists the scenarios')
    .argument('[name]', 'such as three-providers')
    .option('--shuffle', 'all webhooks of all payments mixed')
    .option('--duplicate', 'each webhook twice, apart from each other')
    .option('--seed <n>', 'the same order of --shuffle as another time', readCount(0, SCENARIO_SEED_MAX))
    .option('--count <n>', 'this many payments', readCount(1, SCENARIO_PAYMENTS_MAX))
    .addOption(urlOption(context));
  run(addJsonOption(scenario), async (name: string | undefined, options: Parameters<typeof sendScenario>[2]) => {
    refuseAws(context, SEND_HERE);
    const given = Object.entries(sendCommand.opts()).filter(([key]) => sendCommand.getOptionValueSource(key) === 'cli');
    const all: Parameters<typeof sendScenario>[2] = { ...options, ...Object.fromEntries(given) };
    if (sendCommand.opts().tamper === true || sendCommand.opts().rate !== undefined) {
      throw new PayhookError('usage_wrong', '--tamper and --rate are for single events: leave them out with scenario');
    }
    if ((all.count ?? 1) > SCENARIO_PAYMENTS_MAX) {
      throw new PayhookError(
        'usage_wrong',
        `--count ${all.count}: a scenario has at most ${SCENARIO_PAYMENTS_MAX} payments`,
      );
    }
    return (await import('./send-scenario.ts')).sendScenario(context, name, all);
  });
};

/** A command below `verify`. `--json` is read by `verify`, wherever it stands. */
const addVerifyHomeCommand = (verifyCommand: Command, context: CommandContext, run: Run): void => {
  const home = verifyCommand
    .command('home')
    .description('does a running home work? Sends it synthetic webhooks, until they are processed and audited')
    .option('--url <url>', 'what providers call, without their name; with --home aws the WebhookUrl of the stack')
    .option('--provider <name>', 'only this one; can be given again', collected)
    .option('--pass-on', 'handlers and destinations get them too, with isSimulated')
    .option('--wait-seconds <n>', 'how long each may take', readCount(1, VERIFY_HOME_SECONDS_MAX), 60)
    .addHelpText('after', VERIFY_HOME_HELP);
  run(addJsonOption(home), async (options: Parameters<typeof verifyHome>[1]) =>
    (await import('./verify-home.ts')).verifyHome(context, { ...options, ...verifyCommand.opts() }),
  );
};

/** Longer than any stage takes that works at all. */
const VERIFY_HOME_SECONDS_MAX = 3600;

const VERIFY_HOME_HELP = `
Each is signed with the secret of the home and marked as synthetic under it: it changes no payment, no handler and no
destination gets it, and lists show what it is. Exit 1 when one does not come all the way.`;

const VERIFY_HELP = `
A delivery needs "provider", "headers" and "body" (or "body_base64", for bytes that are no text); "secret" (or the
provider's own: hmac_key_hex, webhook_id, notification_url), "clock" and "expect" may stand beside them and else come from
the configuration, and with --home aws from the secrets of the stack:
  { "provider": "${FIRST.name}", "headers": { "${FIRST.secretHeaders[0]}": "…" }, "body": "{…}", "clock": 1736899200 }
Exit 1 when a verdict is not what "expect" says or, without it, when a delivery is not accepted.`;
