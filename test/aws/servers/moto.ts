/**
 * moto, the emulator that contract tests of SQS, KMS, Secrets Manager, SNS and S3 run against: one process for a test
 * file, on a free port of 127.0.0.1, with a clock that a test can hold still.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SQS } from '@aws-sdk/client-sqs';
import type { Clock } from '../../../src/core/ports/clock.ts';
import type { EpochMs } from '../../../src/core/webhook.ts';
import { TOOL_PATHS } from '../tools/tool-paths.ts';

export interface Moto extends AsyncDisposable {
  readonly url: string;
  /** Makes the server follow a test's clock: each call of this client sets the server's time first. */
  follow(client: SQS, clock: Clock): void;
  /** Sets the server's time, for a client that has no middleware. */
  setClock(at: EpochMs): Promise<void>;
}

const LAUNCHER = join(import.meta.dirname, 'frozen-moto.py');
const READY_MS_MAX = 60_000;
const CLOCK_MS_MAX = 60_000;
const LOG_CHARS_MAX = 20_000;

const portOf = async (child: ChildProcess & { readonly stdout: NodeJS.ReadableStream }): Promise<number> => {
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line', { signal: AbortSignal.timeout(READY_MS_MAX) })) as [string];
  const { port }: { readonly port: number } = JSON.parse(line);
  return port;
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
};

/** Throws, with what it printed, when it does not become ready. */
export const startMoto = async (): Promise<Moto> => {
  // The kernel ends it when the tests end, however they end.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', TOOL_PATHS.python, LAUNCHER], {
    env: { PATH: process.env.PATH ?? '', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-LOG_CHARS_MAX);
  });
  const exited = once(child, 'exit').then(() => {
    throw new Error(`moto ended before it was ready; it said:\n${log}`);
  });
  let port: number;
  try {
    port = await Promise.race([portOf(child), exited]);
  } catch (error) {
    await end(child);
    throw new Error(`moto did not become ready; it said:\n${log}`, { cause: error });
  }
  exited.catch(() => undefined);

  const url = `http://127.0.0.1:${port}`;
  let setTo: EpochMs | undefined;
  const setClock = async (at: EpochMs): Promise<void> => {
    if (setTo === at) return;
    const response = await fetch(`${url}/frozen-clock`, {
      method: 'POST',
      body: String(at),
      signal: AbortSignal.timeout(CLOCK_MS_MAX),
    });
    if (!response.ok) throw new Error(`moto did not set its clock: ${response.status}`);
    setTo = at;
  };

  return {
    url,
    setClock,
    follow: ({ middlewareStack }, clock) =>
      middlewareStack.add(
        (next) => async (args) => {
          await setClock(clock.now());
          return next(args);
        },
        { step: 'initialize', name: 'setServerClock' },
      ),
    [Symbol.asyncDispose]: () => end(child),
  };
};
