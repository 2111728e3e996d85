/**
 * DynamoDB Local, AWS's own emulator of tables and streams: one process, in memory, on a free port. It has no option to
 * listen on 127.0.0.1 only; it holds nothing but what tests put there, and ends with them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TOOL_PATHS } from '../tools/tool-paths.ts';

export interface DynamodbLocal extends AsyncDisposable {
  readonly url: string;
}

const READY_MS_MAX = 60_000;
const LOG_CHARS_MAX = 20_000;
/** Small, and quick to start. */
const JVM = ['-Xmx512m', '-XX:TieredStopAtLevel=1'];

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** Throws, with what it printed, when it does not answer in time. */
export const startDynamodbLocal = async (): Promise<DynamodbLocal> => {
  const port = await freePort();
  const jar = join(TOOL_PATHS.dynamodbLocal, 'DynamoDBLocal.jar');
  const library = `-Djava.library.path=${join(TOOL_PATHS.dynamodbLocal, 'DynamoDBLocal_lib')}`;
  const temporary = mkdtempSync(join(tmpdir(), 'payhook-dynamodb-'));
  const options = ['-port', String(port), '-inMemory', '-sharedDb', '-disableTelemetry'];
  // The kernel ends it when the tests end, however they end.
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'java', ...JVM, library, `-Djava.io.tmpdir=${temporary}`, '-jar', jar, ...options],
    { cwd: TOOL_PATHS.dynamodbLocal, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-LOG_CHARS_MAX);
    });
  }
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + READY_MS_MAX;
  // It answers any request, rightly or wrongly made, once it is up.
  while (!(await isUp(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`DynamoDB Local did not start; it said:\n${log}`);
    }
    await pause(50);
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const closed = once(child, 'close');
        child.kill('SIGKILL');
        await closed;
      }
      await rm(temporary, { recursive: true, force: true });
    },
  };
};

const isUp = async (url: string): Promise<boolean> => {
  try {
    await fetch(url, { signal: AbortSignal.timeout(10_000) });
    return true;
  } catch {
    // Not yet: what it says in the end is in the log.
    return false;
  }
};
