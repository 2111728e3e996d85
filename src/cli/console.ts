/** `payhook console`: the screens over a home, on this machine alone, until it is told to stop. */
import { createInterface } from 'node:readline';
import { createHttpCertificateSource } from '../adapters/http/http-certificate-source.ts';
import { createPinoLogger, type PinoLogger } from '../adapters/pino/pino-logger.ts';
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import type { Settings } from '../config/load-config.ts';
import { shownConfig } from '../config/shown-config.ts';
import type { ConsoleDeps, RequestLine } from '../console/api/console-deps.ts';
import { startConsole } from '../console/api/start-console.ts';
import { awsRoleOf } from '../console/aws-role.ts';
import { loadClient } from '../console/load-client.ts';
import { asPayhookError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import { createDestinationDesk } from '../homes/destination-desk.ts';
import { listKeyFiles } from '../homes/local/list-key-files.ts';
import { type Health, lookAtHealth } from '../homes/local/look-at-health.ts';
import { readRunningState } from '../homes/local/running-state.ts';
import { lookAtSecretUse } from '../homes/look-at-secret-use.ts';
import { openLocalDirectory } from '../homes/open-home.ts';
import { withSecretSource } from '../homes/open-secret-source.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { createRejectedCases } from '../homes/rejected-cases.ts';
import { lookAtStored } from '../operate/look-at-stored.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { openBrowser } from './open-browser.ts';
import type { ExitCode } from './report-failure.ts';
import { createMemoryReturn } from './return-memory.ts';
import { stepBehind } from './step-behind.ts';
import { payhookVersion } from './version.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ConsoleOptions {
  /** Whether one is opened, where there is one. */
  readonly browser: boolean;
}

/** Resolves when it has stopped. */
export const runConsole = async (context: CommandContext, { browser }: ConsoleOptions): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const client = await loadClient();
  const format = settings.logFormat ?? (context.isTerminal ? 'text' : 'json');
  const logger = createPinoLogger({ format, level: settings.logLevel, paint: context.paint });
  const answered = createMemoryReturn(globalThis.gc);
  // As with serve: people read the link, machines the log.
  const say = format === 'text' ? context.print : context.warn;
  return withHome<ExitCode>(context, async (home) => {
    const signal = Promise.withResolvers<void>();
    // Ctrl-C comes twice, from the terminal and from what started this: the second one must not end it before it has ended.
    for (const name of SIGNALS) process.on(name, () => signal.resolve());
    const choice = context.home();
    const running = await startConsole(
      {
        home,
        choice,
        config: settings.config,
        providers: settings.known.map(({ provider }) => provider).filter(({ name }) => settings.secrets.has(name)),
        ...questionsOf(context, settings, home, logger),
        role:
          choice.kind === 'local' ? 'operator' : awsRoleOf(home.operators.user.id, settings.config.console.awsRoles),
        version: payhookVersion(),
        client,
        randomness: createSystemRandomness(context.clock),
        onRequest: (line) => {
          logRequest(logger, line);
          answered();
        },
        onBug: (error) => {
          const { code, message } = asPayhookError(error);
          logger.error('console.broken', { code, message });
        },
      },
      settings.consolePort,
    );
    const sayLink = (): void => say(`  ${running.newLink()}`);
    for (const line of ['', '  The console is open on this machine. This link works once, within two minutes:'])
      say(line);
    sayLink();
    // Beside a server it began with that, and not because somebody wants to look now.
    const isWanted = browser && context.isTerminal && process.channel === undefined;
    if (isWanted && (await openBrowser(running.url, context.env))) {
      for (const line of ['', '  A browser opens too: type the number that it shows here.']) say(line);
    }
    // Behind the browser's own start, which would inherit it. Over AWS no server is on this machine.
    if (choice.kind === 'local') stepBehind();
    for (const line of ['', '  Enter makes another link, Ctrl-C stops.', '']) say(line);
    const input = createInterface({ input: process.stdin }).on('line', (typed) => {
      const number = typed.replaceAll(/\s/g, '');
      if (number === '') sayLink();
      else
        say(
          running.admit(number) ? '  That browser is let in.' : '  No browser shows that number: load its page again.',
        );
    });
    // Beside a server: it has ended, and so does this, however it ended.
    process.once('disconnect', () => signal.resolve());
    await signal.promise;
    input.close();
    await running.stop();
    logger.flush();
    return 0;
  });
};

/** What the screens ask besides the home: each as the command does that has the same name. */
const questionsOf = (context: CommandContext, settings: Settings, home: OperatorHome, logger: PinoLogger) => {
  const choice = context.home();
  return {
    rejectedCases: createRejectedCases({
      settings,
      home,
      withSecrets: (use) => withSecretSource(choice, { settings, clock: context.clock }, use),
      certificates: createHttpCertificateSource({}),
      onAlert: (summary) => logger.warn('console.alert', { message: summary }),
    }),
    destinationDesk: createDestinationDesk({ settings, clock: context.clock }, choice.kind),
    shownConfig: shownConfig(settings),
    warnings: settings.warnings,
    lookAtHealth: () =>
      choice.kind === 'local' ? healthOf(settings, context.clock) : lookAtStored(home, namesOf(settings)),
    readServer: async () => (choice.kind === 'local' ? readRunningState(settings.dataDirectory, context.clock) : null),
    checkPayments: async ({ provider, ...asked }) => {
      // Nobody asks for it most days, and it is a megabyte of modules.
      const { checkPaymentsOf } = await import('./reconcile-payments.ts');
      return checkPaymentsOf(settings, context, provider)(home, asked);
    },
    areRejectedKept: settings.rejectedKeptForMs !== null,
    retentionMs: settings.retentionMs,
    rejectedKeptForMs: settings.rejectedKeptForMs,
    awsRoles: settings.config.console.awsRoles,
    lookAtSecretUse: () => lookAtSecretUse(choice, { settings, clock: context.clock }, home),
    listKeyFiles:
      choice.kind === 'local'
        ? () => openLocalDirectory({ settings, clock: context.clock }, (local) => listKeyFiles(local.home.executor))
        : null,
  } satisfies Partial<ConsoleDeps>;
};

const namesOf = ({ destinations }: Settings): string[] => destinations.map(({ name }) => name);

const healthOf = (settings: Settings, clock: Clock): Promise<Health> =>
  openLocalDirectory({ settings, clock }, (local) => lookAtHealth(local, namesOf(settings)));

/** What was changed, opened or went wrong. Looking at lists is most of it, and pages look by themselves. */
const logRequest = (logger: PinoLogger, { method, route, status, durationMs }: RequestLine): void => {
  if (method === 'GET' && status < 400) return;
  logger.info('console.request', { kind: method, path: route, http_status: status, duration_ms: durationMs });
};
