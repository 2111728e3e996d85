/** `payhook serve`: runs the local home until it is told to stop. */
import { resolve } from 'node:path';
import { createPinoLogger, type PinoLogger } from '../adapters/pino/pino-logger.ts';
import { DATA_DIRECTORY_DEFAULT, PORT_DEFAULT } from '../config/environment.ts';
import type { Settings } from '../config/load-config.ts';
import type { PayhookError } from '../core/errors.ts';
import type { Provider } from '../core/ports/provider.ts';
import { type RunningServer, type ServeInput, startServer } from '../homes/local/serve.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import { COMMAND } from './command-name.ts';
import type { ExitCode } from './report-failure.ts';

/** Long enough to write out what was printed. */
const EXIT_AFTER_MS = 200;

/** Requests, handlers, destinations and the last digest have ten seconds each at most. */
const STOP_MS_MAX = 45_000;

/** A terminal tells every process of the command, and these tell each other: one Ctrl-C comes several times. */
const SAME_CTRL_C_MS = 1000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ServeHow extends Pick<ServeInput, 'onReceived'> {
  /** @default text on a terminal, JSON elsewhere, or what the settings say */
  readonly logger?: PinoLogger;
  /** Called once the server listens. What it returns is called when it stops. */
  readonly onStarted?: (server: RunningServer, settings: Settings) => () => Promise<void>;
}

/** Resolves with the exit code when the server has stopped. */
export const serve = async (context: CommandContext, how: ServeHow = {}): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const format = how.logger === undefined ? (settings.logFormat ?? (context.isTerminal ? 'text' : 'json')) : 'text';
  const logger = how.logger ?? createPinoLogger({ format, level: settings.logLevel, paint: context.paint });
  const ending = Promise.withResolvers<{ reason: string; exitCode: ExitCode }>();
  const onFatal = (error: PayhookError): void => {
    logger.error('server.broken', { code: error.code, message: error.message });
    ending.resolve({ reason: error.code, exitCode: 1 });
  };

  // Before it starts: whoever asks in the middle of that is heard once it has, and it stops as it always does.
  const unheard = hearSignals(context, (signal) => ending.resolve({ reason: signal, exitCode: 0 }));

  for (const message of settings.warnings) logger.warn('config.unsafe', { message });
  const server = await startServer({ settings, logger, clock: context.clock, onFatal, ...onReceivedOf(how) }).catch(
    (error: unknown) => {
      unheard();
      throw error;
    },
  );
  const { port, operationsPort, directory } = server;
  logger.info('server.started', { port, operations_port: operationsPort, path: directory.path });
  // People read the banner, machines the log: with JSON lines on standard output it goes to standard error.
  for (const line of banner(server, settings)) (format === 'text' ? context.print : context.warn)(line);
  const stopBeside = how.onStarted?.(server, settings);

  const { reason, exitCode } = await ending.promise;
  logger.info('server.stopping', { signal: reason });
  // What is broken may never end: a disk that hangs, a data directory that somebody has taken away.
  const tooSlow = setTimeout(() => {
    logger.error('server.not_stopped', { message: `stopping took longer than ${STOP_MS_MAX} ms` });
    logger.flush();
    process.exit(1);
  }, STOP_MS_MAX).unref();
  await stopBeside?.();
  await server.stop(reason);
  clearTimeout(tooSlow);
  logger.info('server.stopped', { signal: reason });
  logger.flush();
  // A handler that hangs, or a timer that it left behind, must not keep the process: its webhook comes back by its lease.
  setTimeout(() => process.exit(exitCode), EXIT_AFTER_MS).unref();
  return exitCode;
};

/** Returns what makes them end the process again. */
const hearSignals = ({ clock }: CommandContext, onAsked: (signal: string) => void): (() => void) => {
  let askedAt: number | undefined;
  const hear = (signal: string): void => {
    askedAt ??= clock.now();
    // Whoever asks again does not want to wait. Nothing is lost: it is as if the process had been killed.
    if (clock.now() - askedAt > SAME_CTRL_C_MS) process.exit(1);
    onAsked(signal);
  };
  for (const signal of SIGNALS) process.on(signal, hear);
  return () => {
    for (const signal of SIGNALS) process.off(signal, hear);
  };
};

const onReceivedOf = ({ onReceived }: ServeHow): Pick<ServeInput, 'onReceived'> =>
  onReceived === undefined ? {} : { onReceived };

const banner = (server: RunningServer, settings: Settings): string[] => {
  const { directory, secrets } = server;
  const base = baseUrl(server);
  const ours = [...secrets.generated];
  const commands = settings.known
    .filter(({ provider }) => ours.includes(provider.name))
    .map(({ provider }) => sendCommand(server, provider));
  return [
    '',
    `  Payhook is listening on ${base}`,
    ...[...secrets.byProvider.keys()].map((name) => `    POST ${base}/webhook/${name}`),
    `    GET  ${base}/health  /ready`,
    `    GET  ${urlOf(settings.config.edge.operationsHost, server.operationsPort)}/metrics`,
    `  Data: ${directory.path}`,
    ...(ours.length === 0 ? [] : [`  Secrets made for development: ${ours.join(', ')} (${directory.secretsFile})`]),
    ...(commands.length === 0 ? [] : ['', '  Send a first webhook from another terminal:', ...commands]),
    '',
    '  Ctrl-C stops.',
    '',
  ];
};

const urlOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

const baseUrl = ({ host, port }: RunningServer): string => urlOf(host, port);

/** A command that can be copied: it finds this server and signs with its secrets wherever both are. */
const sendCommand = (server: RunningServer, { name, firstEventType }: Provider): string => {
  const isUsualDirectory = server.directory.path === resolve(DATA_DIRECTORY_DEFAULT);
  const directory = isUsualDirectory ? '' : `PAYHOOK_DATA_DIR='${server.directory.path}' `;
  const url = baseUrl(server) === `http://127.0.0.1:${PORT_DEFAULT}` ? '' : ` --url ${baseUrl(server)}`;
  return `    ${directory}${COMMAND} send ${name} ${firstEventType}${url}`;
};
