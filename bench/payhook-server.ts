/** Payhook itself: the real server process on a data directory of its own. */
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import bootstrap from '../bootstrap.cjs';
import { spawnNode, stopChild } from './child-processes.ts';
import { SIGNING_SECRET } from './deliveries.ts';

export const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const commandLineOf = (project: string): string => join(project, 'src/cli/main.ts');
export const COMMAND_LINE = commandLineOf(PROJECT);
/** As `bin/payhook` starts it. */
const { NODE_ENVIRONMENT, NODE_FLAGS } = bootstrap;
const CONFIG = fileURLToPath(new URL('./bench.config.ts', import.meta.url));
const START_MS_MAX = 30_000;

export interface PayhookOptions {
  readonly dataDirectory: string;
  /** Whether a handler that reads the payload is called. @default false */
  readonly hasHandler?: boolean;
  /** Whether a handler that computes is called. @default false */
  readonly hasComputingHandler?: boolean;
  /** Whether a handler of payment events that does nothing is called. @default false */
  readonly hasEventHandler?: boolean;
  /** Where payment events are delivered. @default nowhere */
  readonly destinationUrl?: string;
  /** Webhooks processed at the same time. @default the product's */
  readonly concurrency?: number;
  /** Whether everything stays on the queue but the first webhook, whose handler never ends. @default false */
  readonly isReceivingOnly?: boolean;
  /** Another checkout, which runs with a configuration and an environment of its own. @default this one */
  readonly project?: string;
  /** Where CPU profiles of all threads are written when the server stops. @default none */
  readonly profileDirectory?: string | undefined;
}

export interface PayhookServer extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  readonly database: string;
}

/** The environment of a Payhook process: nothing of ours that it would not have elsewhere. */
export const payhookEnvironment = (dataDirectory: string, port: number): Record<string, string | undefined> => ({
  ...NODE_ENVIRONMENT,
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  PAYHOOK_PORT: String(port),
  PAYHOOK_OPERATIONS_PORT: '0',
  PAYHOOK_DATA_DIR: dataDirectory,
  PAYHOOK_CONFIG: CONFIG,
  PAYHOOK_LOG_FORMAT: 'json',
  PAYHOOK_STRIPE_SIGNING_SECRETS: SIGNING_SECRET,
});

/** What the checkout itself would start its server with. */
const environmentOf = async (project: string): Promise<typeof payhookEnvironment> => {
  if (project === PROJECT) return payhookEnvironment;
  const other = await import(pathToFileURL(join(project, 'bench/payhook-server.ts')).href);
  return other.payhookEnvironment;
};

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const isReady = async (port: number): Promise<boolean> => {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
  } catch {
    return false;
  }
};

/** Starts the server and waits until it is ready. Its log lines are written, to /dev/null. */
export const startPayhook = async (options: PayhookOptions): Promise<PayhookServer> => {
  const { dataDirectory, hasHandler = false, hasEventHandler = false, destinationUrl } = options;
  const { isReceivingOnly = false, profileDirectory, project = PROJECT } = options;
  const concurrency = isReceivingOnly ? 1 : options.concurrency;
  const port = await freePort();
  const profiling = profileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`];
  const env = {
    ...(await environmentOf(project))(dataDirectory, port),
    ...(hasHandler ? { BENCH_HANDLER: './handle-webhook.ts' } : {}),
    ...(hasEventHandler ? { BENCH_HANDLER: './handle-event.ts' } : {}),
    ...(options.hasComputingHandler === true ? { BENCH_HANDLER: './handle-compute.ts' } : {}),
    ...(isReceivingOnly ? { BENCH_HANDLER: new URL('./handle-forever.ts', import.meta.url).href } : {}),
    ...(destinationUrl === undefined ? {} : { BENCH_DESTINATION_URL: destinationUrl }),
    ...(concurrency === undefined ? {} : { BENCH_CONCURRENCY: String(concurrency) }),
  };
  const errorLog = `${dataDirectory}.err`;
  const errors = openSync(errorLog, 'a');
  const child = spawnNode([...NODE_FLAGS, ...profiling, commandLineOf(project), 'serve'], env, [
    'ignore',
    'ignore',
    errors,
  ]);
  closeSync(errors);

  const deadline = Date.now() + START_MS_MAX;
  while (!(await isReady(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`the server did not start:\n${readFileSync(errorLog, 'utf8')}`);
    }
    await sleep(50);
  }
  return {
    pid: child.pid ?? 0,
    port,
    database: join(dataDirectory, 'payhook.db'),
    [Symbol.asyncDispose]: () => stopChild(child),
  };
};
