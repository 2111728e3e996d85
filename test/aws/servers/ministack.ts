/** ministack, the emulator that a whole stack is deployed to: started on a free port of 127.0.0.1, ended with the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOOL_PATHS } from '../tools/tool-paths.ts';
import { listeningAddresses } from './ministack-listeners.ts';

export interface Ministack extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Forgets everything that was created. */
  reset(): Promise<void>;
  /** The end of what it printed. */
  log(): string;
}

const READY_MS_MAX = 60_000;
const POLL_MS = 25;
/** The port found free may be taken before the server has it. */
const STARTS_MAX = 3;
const LOG_CHARS_MAX = 200_000;
/** How many invocations may be under way in an account of AWS; the Lambda host bounds the processes. */
const ACCOUNT_CONCURRENCY = 1_000;

const findFreePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const environmentFor = (port: number, directory: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: directory,
  TMPDIR: directory,
  BIND_HOST: '127.0.0.1',
  GATEWAY_PORT: String(port),
  // What it calls itself in the URLs of queues: otherwise the SDK would take them for another host's.
  MINISTACK_HOST: '127.0.0.1',
  // Listeners besides the one that is wanted, on all interfaces.
  SFTP_ENABLED: '0',
  IOT_MTLS_ENABLED: '0',
  LAMBDA_ACCOUNT_CONCURRENCY: String(ACCOUNT_CONCURRENCY),
  LAMBDA_ASYNC_RETRY_BASE_SECONDS: '1',
  LOG_LEVEL: 'WARNING',
});

const isReady = async (url: string): Promise<boolean> => {
  try {
    const { ok } = await fetch(`${url}/_ministack/ready`, { signal: AbortSignal.timeout(10_000) });
    return ok;
  } catch {
    return false;
  }
};

const whenReady = async (url: string, child: ChildProcess): Promise<boolean> => {
  const until = performance.now() + READY_MS_MAX;
  while (performance.now() < until && child.exitCode === null && child.signalCode === null) {
    if (await isReady(url)) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return false;
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
};

/** Throws when it does not become ready, or listens on any other address than its own on 127.0.0.1. */
export const startMinistack = async (): Promise<Ministack> => {
  const directory = mkdtempSync(join(tmpdir(), 'payhook-ministack-'));
  let log = '';
  for (let starts = 0; starts < STARTS_MAX; starts += 1) {
    const port = await findFreePort();
    const url = `http://127.0.0.1:${port}`;
    // The kernel ends it when the tests end, however they end.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', TOOL_PATHS.python, '-m', 'ministack'], {
      cwd: directory,
      env: environmentFor(port, directory),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer): void => {
      log = (log + chunk.toString()).slice(-LOG_CHARS_MAX);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    if (!(await whenReady(url, child))) {
      await end(child);
      continue;
    }
    const pid = child.pid ?? 0;
    const addresses = listeningAddresses(pid);
    if (addresses.join() !== `127.0.0.1:${port}`) {
      await end(child);
      throw new Error(`ministack listens on ${addresses.join(', ')}: only 127.0.0.1:${port} is meant to be there`);
    }
    return {
      url,
      pid,
      reset: async () => {
        const response = await fetch(`${url}/_ministack/reset`, { method: 'POST' });
        if (!response.ok) throw new Error(`ministack did not reset: ${response.status} ${await response.text()}`);
      },
      log: () => log,
      [Symbol.asyncDispose]: async () => {
        await end(child);
        await rm(directory, { recursive: true, force: true });
      },
    };
  }
  await rm(directory, { recursive: true, force: true });
  throw new Error(`ministack did not become ready within ${READY_MS_MAX} ms; it said:\n${log}`);
};
