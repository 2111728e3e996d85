/** `payhook serve`: runs the local home until it is told to stop. */
import { createPinoLogger } from '../adapters/pino/pino-logger.ts';
import type { PayhookError } from '../core/errors.ts';
import { type RunningServer, startServer } from '../server/serve.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';

/** Long enough to write out what was printed. */
const EXIT_AFTER_MS = 200;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with the exit code when the server has stopped. */
export const serve = async (context: CommandContext): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const format = settings.logFormat ?? (context.isTerminal ? 'text' : 'json');
  const logger = createPinoLogger({ format, level: settings.logLevel });
  const ending = Promise.withResolvers<{ reason: string; exitCode: ExitCode }>();
  const onFatal = (error: PayhookError): void => {
    logger.error('server.broken', { code: error.code, message: error.message });
    ending.resolve({ reason: error.code, exitCode: 1 });
  };

  const server = await startServer({ settings, logger, clock: context.clock, onFatal });
  logger.info('server.started', { port: server.port, path: server.directory.path });
  // People read the banner, machines the log: with JSON lines on standard output it goes to standard error.
  for (const line of banner(server)) (format === 'text' ? context.print : context.warn)(line);

  for (const signal of SIGNALS) process.on(signal, () => ending.resolve({ reason: signal, exitCode: 0 }));
  const { reason, exitCode } = await ending.promise;
  logger.info('server.stopping', { signal: reason });
  await server.stop(reason);
  logger.info('server.stopped', { signal: reason });
  logger.flush();
  // A handler that hangs, or a timer that it left behind, must not keep the process: its webhook comes back by its lease.
  setTimeout(() => process.exit(exitCode), EXIT_AFTER_MS).unref();
  return exitCode;
};

const SAMPLES: Readonly<Record<string, string>> = {
  stripe: 'payment_intent.succeeded',
  paypal: 'PAYMENT.CAPTURE.COMPLETED',
  square: 'payment.updated',
};

const banner = ({ host, port, directory, secrets }: RunningServer): string[] => {
  const base = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const ours = [...secrets.generated];
  const sendable = ours.find((name) => SAMPLES[name] !== undefined);
  return [
    '',
    `  Payhook is listening on ${base}`,
    ...[...secrets.byProvider.keys()].map((name) => `    POST ${base}/webhook/${name}`),
    `    GET  ${base}/health  /ready  /metrics`,
    `  Data: ${directory.path}`,
    ...(ours.length === 0 ? [] : [`  Secrets made for development: ${ours.join(', ')} (${directory.secretsFile})`]),
    ...(sendable === undefined
      ? []
      : [
          '',
          '  Send a first webhook from another terminal:',
          `    bin/payhook send ${sendable} ${SAMPLES[sendable]}${port === 8080 ? '' : ` --url ${base}`}`,
        ]),
    '',
    '  Ctrl-C stops.',
    '',
  ];
};
