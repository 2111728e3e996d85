/**
 * The command line's grammar: every command with its options and help. What a command does is in its own file, loaded
 * only when it runs: a server must not carry the rest in its memory.
 */
import { Command, CommanderError, Option } from 'commander';
import { problemOfSuffix } from '../config/aws-names.ts';
import { PORT_DEFAULT } from '../config/environment.ts';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import { printable, printableLines } from '../core/printable.ts';
import { WEBHOOK_STATUSES } from '../core/status.ts';
import type { HomeChoice } from '../homes/operator-home.ts';
import { PAYMENT_STATUSES } from '../payments/payment.ts';
import { PROVIDERS } from '../providers/providers.ts';
import { SCENARIO_PAYMENTS_MAX, SCENARIO_SEED_MAX } from '../samples/scenarios/scenario.ts';
import type { showAudit } from './audit.ts';
import type { listCauses } from './causes.ts';
import type { CommandContext } from './command-context.ts';
import type { listDeadLetters, redriveDeadLetters } from './dead-letters.ts';
import type { testDestination } from './destinations.ts';
import type { DevOptions } from './dev.ts';
import {
  addJsonOption,
  addListOptions,
  addOwnerOptions,
  addShortListOptions,
  addWebhookListOptions,
  type Run,
  readCount,
  readMoment,
  readReason,
} from './list-options.ts';
import { narrowHelp } from './narrow-help.ts';
import { hasColours, paintLine } from './paint-line.ts';
import type { listPayments, showPayment } from './payments.ts';
import { addProjectCommands } from './project-commands.ts';
import type { recoverAudit } from './recover-audit.ts';
import type { acceptRejected, listRejected } from './rejected.ts';
import type { ExitCode } from './report-failure.ts';
import { addKeyCommands, addSecretCommands } from './secret-commands.ts';
import type { send } from './send.ts';
import type { sendFile } from './send-file.ts';
import type { sendScenario } from './send-scenario.ts';
import type { verifySaved } from './verify.ts';
import type { verifyHome } from './verify-home.ts';
import { payhookVersion } from './version.ts';
import type { listWebhooks, replayWebhook, showWebhook } from './webhooks.ts';

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
    home: () => readHomeChoice(program.opts()),
  };
  addServerCommands(program, context, run, samplesHelp);
  addWebhookCommands(program, context, run);
  addRejectedCommands(program, context, run);
  addPaymentCommands(program, context, run);
  addAuditCommands(program, context, run);
  addSecretCommands(program, context, run);
  addKeyCommands(program, context, run);
  addProjectCommands(program, context, run);
  return program;
};

/** Runs one command; 2 when the arguments are wrong (commander has said how by then). */
export const runProgram = async (given: readonly string[], context: CommandContext): Promise<number> => {
  const argv = withHelpLast(given);
  let exitCode: ExitCode = 0;
  const run: Run = (command, action) => {
    command.action(async (...args: unknown[]) => {
      exitCode = await (action as (...args: unknown[]) => Promise<ExitCode>)(...args);
    });
  };
  // The samples are many and only the help of one command lists them.
  const samplesHelp = argv[0] === 'send' ? (await import('./samples-help.ts')).samplesHelp() : '';
  const program = createProgram(context, run, samplesHelp);
  if (NEEDS_COMPLETION.includes(argv[0])) (await import('./completion.ts')).addCompletion(program);
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

const refuseAws = (context: CommandContext, why: string): void => {
  if (context.home().kind === 'aws') throw new PayhookError('usage_wrong', why);
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
const WEBHOOK_ID_EXAMPLE = `${FIRST.name}:evt_1Nv0FG`;

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
    .description('run the local home: receive, process, audit, until Ctrl-C or SIGTERM');
  run(serveCommand, async () => {
    refuseAws(context, 'serve runs the local home: the AWS home runs by itself, see docs/deploy.md');
    return (await import('./serve.ts')).serve(context);
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
      throw new PayhookError(
        'usage_wrong',
        `send takes an event type or --file, one of them: payhook send ${provider} --file body.json, or a type that payhook send --help lists`,
      );
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

const addWebhookCommands = (program: Command, context: CommandContext, run: Run): void => {
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
    .option('--payload', 'decrypt and show the payload too; this is audited');
  run(addJsonOption(show), async (id: string, options: Parameters<typeof showWebhook>[2]) =>
    (await import('./webhooks.ts')).showWebhook(context, id, options),
  );
  const replay = webhooks
    .command('replay')
    .description('process a stored webhook again, from its first attempt; everybody sees the same idempotency ids')
    .argument('<webhook id>')
    .option('--only <name>', 'only this handler, or only this destination')
    .option('--reason <text>', 'why, for the audit trail', readReason);
  run(addJsonOption(replay), async (id: string, options: Parameters<typeof replayWebhook>[2]) =>
    (await import('./webhooks.ts')).replayWebhook(context, id, options),
  );

  const causes = program
    .command('causes')
    .description('what was given up or waits for long, by cause, with the money at risk')
    .option('--since <time>', 'received at or after: a time, a day, or an age such as 2h', readMoment(now))
    .option('--until <time>', 'received before', readMoment(now));
  run(addJsonOption(addOwnerOptions(causes)), async (options: Parameters<typeof listCauses>[1]) =>
    (await import('./causes.ts')).listCauses(context, options),
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
    .description('put dead letters back on the queue')
    .argument('[webhook id]', 'one of them')
    .option('--all', `all of them, ${LIMITS.listLimitMax} at a time`)
    .option('--provider <name>', 'with --all: only this provider')
    .option('--reason <text>', 'why, for the audit trail', readReason);
  run(addJsonOption(redrive), async (id: string | undefined, options: Parameters<typeof redriveDeadLetters>[2]) =>
    (await import('./dead-letters.ts')).redriveDeadLetters(context, id, options),
  );
};

const addRejectedCommands = (program: Command, context: CommandContext, run: Run): void => {
  const rejected = program
    .command('rejected')
    .description('deliveries that were not found genuine, as far as they are kept');
  const newest = rejected.command('list').description('newest first');
  const list = addShortListOptions(newest, context.clock.now(), 'rejected');
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

interface JsonOption {
  readonly json?: boolean;
}

const addPaymentCommands = (program: Command, context: CommandContext, run: Run): void => {
  const find = program
    .command('find')
    .description('find a webhook or a payment by whatever id you have; shows it, or lists several')
    .argument(
      '<id>',
      'of a webhook, event, payment, refund, dispute, customer, subscription, your own reference, a trace',
    );
  run(addJsonOption(find), async (id: string, options: { json?: boolean }) =>
    (await import('./find.ts')).findAnything(context, id, options),
  );

  const payments = program.command('payments').description('what the payment events of each payment add up to');
  const list = addListOptions(payments.command('list').description('newest first'), context.clock.now(), {
    statuses: PAYMENT_STATUSES,
    at: 'first seen',
  }).option(
    '--related <id>',
    'only what this belongs to: refund, dispute, customer, subscription, invoice, your own reference',
  );
  run(list, async (options: Parameters<typeof listPayments>[1]) =>
    (await import('./payments.ts')).listPayments(context, options),
  );
  const show = payments
    .command('show')
    .description('one payment with its amounts and everything that happened to it')
    .argument('<payment id>', 'any id that the provider has for it: order, payment, authorization, capture, charge');
  run(addJsonOption(show), async (id: string, options: Parameters<typeof showPayment>[2]) =>
    (await import('./payments.ts')).showPayment(context, id, options),
  );

  const destinations = program.command('destinations').description('where payment events are delivered on');
  const listAll = destinations.command('list').description('what waits for each one, and what was given up');
  run(addJsonOption(listAll), async (options: { json?: boolean }) =>
    (await import('./destinations.ts')).listDestinations(context, options),
  );
  const test = destinations
    .command('test')
    .description('send one message of type payhook.test, signed as all others, from this machine')
    .argument('<name>');
  run(addJsonOption(test), async (name: string, options: Parameters<typeof testDestination>[2]) => {
    refuseAws(context, 'test sends from this machine with its secrets: leave out --home aws');
    return (await import('./destinations.ts')).testDestination(context, name, options);
  });
};

const addAuditCommands = (program: Command, context: CommandContext, run: Run): void => {
  const audit = program.command('audit').description('the audit trail');
  const show = audit
    .command('show')
    .description('the entries of one webhook; without an id the newest entries of all')
    .argument('[webhook id]')
    .option('--limit <n>', 'how many of all at most', readCount(1, LIMITS.listLimitMax), 50);
  run(addJsonOption(show), async (id: string | undefined, options: Parameters<typeof showAudit>[2]) =>
    (await import('./audit.ts')).showAudit(context, id, options),
  );
  const verify = audit
    .command('verify')
    .description('is the trail whole, and everything stored as it says? Names what was edited, removed or added')
    .option('--digest <number:hash>', 'this digest, written down elsewhere, must be in the trail')
    .option('--deep', 'open every payload too');
  run(addJsonOption(verify), async ({ digest, ...options }: { digest?: string; deep?: boolean; json?: boolean }) => {
    const { readDigest, verifyAudit } = await import('./audit.ts');
    return verifyAudit(context, { ...options, ...(digest === undefined ? {} : { digest: readDigest(digest) }) });
  });
  const recover = audit
    .command('recover')
    .description('with --home aws: put into the trail what its change feed gave up on, and empty the bucket of it')
    .option('--dry-run', 'only say what would be done');
  run(addJsonOption(recover), async (options: Parameters<typeof recoverAudit>[1]) =>
    (await import('./recover-audit.ts')).recoverAudit(context, options),
  );
};
