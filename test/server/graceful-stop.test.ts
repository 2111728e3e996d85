/** Stopping the real process: what is under way is answered, what was acknowledged is there, and nothing stays behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeUnless } from '../support/describe-unless.ts';
import {
  cleanEnvironment,
  createTestFolder,
  LAUNCHER,
  MAIN,
  readStored,
  runCommand,
  type ServerProcess,
  spawnServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { createSigner, SECRET_ENV, type Sign, stripeEvent } from './signed.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

let sign: Sign;
beforeAll(async () => {
  ({ sign } = await createSigner(Date.now()));
});

/** 200, another status, or null when the connection was refused or broken before any answer. */
type Result = { readonly id: string; readonly status: number | null };

const EDGE = { requestsPerSecond: 100_000, requestsBurst: 100_000 };

const deliver = (server: ServerProcess, id: string): Promise<Result> =>
  new Promise((resolve) => {
    const { body, headers } = sign('stripe', stripeEvent(id), { now: Date.now() });
    const sent = request(
      {
        port: server.port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/webhook/stripe',
        headers: { ...headers, 'content-length': body.length },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve({ id, status: response.statusCode ?? null }));
        response.on('error', () => resolve({ id, status: null }));
      },
    );
    sent.on('error', () => resolve({ id, status: null }));
    sent.end(body);
  });

/** Senders that post one delivery after the other until the server is gone. */
const load = async (server: ServerProcess, senders: number): Promise<Result[]> => {
  const results: Result[] = [];
  const send = async (sender: number): Promise<void> => {
    for (let index = 0; ; index += 1) {
      const result = await deliver(server, `evt_${sender}_${index}`);
      results.push(result);
      if (result.status === null) return;
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, index) => send(index)));
  return results;
};

const verifyAudit = async (folder: TestFolder): Promise<{ entries: number; undigested: number }> => {
  const ran = await runCommand(['audit', 'verify', '--json'], writeSetup(folder, { env: SECRET_ENV }));
  expect([ran.code, JSON.parse(ran.stdout)]).toEqual([0, expect.objectContaining({ outcome: 'whole' })]);
  return JSON.parse(ran.stdout);
};

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a server under load', () => {
  test.each(SIGNALS)('answers what is under way on %s, ends with 0, and has lost nothing', async (signal) => {
    using folder = createTestFolder();
    await using server = await spawnServer({ folder, env: SECRET_ENV, config: { edge: EDGE } });
    const loading = load(server, 20);
    await waitUntil('some are stored', () => readStored(folder.data).webhooks.length > 100);

    const startedAt = performance.now();

    const ended = await server.stop(signal);

    const results = await loading;

    // By itself, and not because its time to stop was over.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect([ended.code, ended.signal]).toEqual([0, null]);
    const ids = new Set(readStored(folder.data).webhooks.map((webhook) => webhook.id));
    const acknowledged = results.filter((result) => result.status === 200);
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(acknowledged.filter((result) => !ids.has(`stripe:${result.id}`))).toEqual([]);
    // A sender learns 200 or finds nobody; nobody is told 503 by a server that merely stops.
    expect(results.filter((result) => result.status !== 200 && result.status !== null)).toEqual([]);
    expect(await verifyAudit(folder)).toMatchObject({ undigested: 0 });
    const events = readStored(folder.data).entries.filter((entry) => entry.chain === 'home');
    expect(events.map(({ event, reason }) => [event, reason])).toEqual([
      ['HOME_STARTED', null],
      ['HOME_STOPPED', signal],
    ]);
    expect(server.lines.at(-1)).toMatchObject({ event: 'server.stopped', signal });
    expect(server.lines.filter((line) => line.level === 'error')).toEqual([]);
  });

  test('starts again on the same data, finishes what had waited, and is whole', async () => {
    using folder = createTestFolder();
    const first = await spawnServer({ folder, env: SECRET_ENV });
    const loading = load(first, 20);
    await waitUntil('some are stored', () => readStored(folder.data).webhooks.length > 50);
    await first.stop('SIGKILL');
    const acknowledged = (await loading).filter((result) => result.status === 200);

    await using second = await spawnServer({ folder, env: SECRET_ENV });
    await waitUntil('everything is processed', () => readStored(folder.data).queued === 0);
    expect((await second.stop('SIGTERM')).code).toBe(0);

    const stored = readStored(folder.data).webhooks;
    expect(new Set(stored.map((webhook) => webhook.status))).toEqual(new Set(['processed']));
    const ids = new Set(stored.map((webhook) => webhook.id));
    expect(acknowledged.filter((result) => !ids.has(`stripe:${result.id}`))).toEqual([]);
    expect(await verifyAudit(folder)).toMatchObject({ undigested: 0 });
  });
});

/** Notes each call in a file; ends when another file is there. */
const patientHandler = (folder: TestFolder): string => `
  import { appendFileSync, existsSync } from 'node:fs';
  export const handle = async (webhook, { signal }) => {
    appendFileSync(${JSON.stringify(join(folder.path, 'calls'))}, webhook.webhookId + '\\n');
    while (!existsSync(${JSON.stringify(join(folder.path, 'go'))})) await new Promise((resolve) => setTimeout(resolve, 10));
  };`;

const calls = (folder: TestFolder): string[] => {
  try {
    return readFileSync(join(folder.path, 'calls'), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
};

describe('a server that is told to stop while it starts', () => {
  test.each(SIGNALS)('on %s starts, stops as it always does, and says so in the trail', async (signal) => {
    using folder = createTestFolder();
    const starting = spawn(process.execPath, [MAIN, 'serve'], {
      cwd: folder.path,
      env: cleanEnvironment(writeSetup(folder, { env: SECRET_ENV })),
      stdio: 'ignore',
    });
    const ended = once(starting, 'exit');
    await waitUntil('it has begun', () => existsSync(join(folder.data, 'payhook.db')));

    starting.kill(signal);

    expect(await ended).toEqual([0, null]);
    expect(readStored(folder.data).entries.at(-1)).toMatchObject({ event: 'HOME_STOPPED', reason: signal });
  });
});

describe('a handler under way when the server stops', () => {
  test('finishes, and its result is stored', async () => {
    using folder = createTestFolder();
    await using server = await spawnServer({ folder, env: SECRET_ENV, handlers: patientHandler(folder) });
    expect((await deliver(server, 'evt_slow')).status).toBe(200);
    await waitUntil('the handler is called', () => calls(folder).length === 1);

    const stopping = server.stop('SIGTERM');
    await waitUntil('the server is stopping', () => server.lines.some((line) => line.event === 'server.stopping'));
    writeFileSync(join(folder.path, 'go'), '');

    expect((await stopping).code).toBe(0);
    expect(calls(folder)).toEqual(['stripe:evt_slow']);
    expect(readStored(folder.data)).toMatchObject({ webhooks: [{ status: 'processed' }], queued: 0 });
  });

  test('is called again by the next start when the process was killed', async () => {
    using folder = createTestFolder();
    const handlers = patientHandler(folder);
    const first = await spawnServer({ folder, env: SECRET_ENV, handlers });
    await deliver(first, 'evt_slow');
    await waitUntil('the handler is called', () => calls(folder).length === 1);
    await first.stop('SIGKILL');
    writeFileSync(join(folder.path, 'go'), '');

    await using second = await spawnServer({ folder, env: SECRET_ENV, handlers });

    await waitUntil('it is processed', () => readStored(folder.data).webhooks[0]?.status === 'processed');
    expect(calls(folder)).toEqual(['stripe:evt_slow', 'stripe:evt_slow']);
    expect((await second.stop('SIGTERM')).code).toBe(0);
  });

  test('cannot keep the process when it hangs with a timer of its own; the webhook still waits', async () => {
    using folder = createTestFolder();
    const handlers = `export const handle = () => { setInterval(() => undefined, 1000); return new Promise(() => undefined); };`;
    await using server = await spawnServer({ folder, env: SECRET_ENV, handlers });
    await deliver(server, 'evt_hangs');
    await waitUntil('the handler is called', () => readStored(folder.data).queued === 1);

    const ended = await server.stop('SIGTERM');

    expect([ended.code, ended.signal]).toEqual([0, null]);
    expect(readStored(folder.data)).toMatchObject({ webhooks: [{ status: 'received' }], queued: 1 });
  });
});

const whyNoProc =
  process.platform === 'linux' ? null : 'the children of a process are read from /proc, which only Linux has';

describeUnless(whyNoProc, 'bin/payhook serve', () => {
  test.each(SIGNALS)('stops the server behind it on %s and leaves no process', async (signal) => {
    using folder = createTestFolder();
    await using server = await spawnServer({
      folder,
      env: SECRET_ENV,
      command: [process.execPath, LAUNCHER, 'serve'],
    });
    const launcher = server.child.pid ?? 0;
    const children = readFileSync(`/proc/${launcher}/task/${launcher}/children`, 'utf8').trim().split(' ').map(Number);
    expect(children).toHaveLength(1);

    const ended = await server.stop(signal);

    expect([ended.code, ended.signal]).toEqual([0, null]);
    expect(isRunning(children[0] ?? 0)).toBe(false);
    expect(readStored(folder.data).entries.at(-1)).toMatchObject({ event: 'HOME_STOPPED', reason: signal });
  });
});

test('regression: a server that is stopped in the moment in which it says that it listens stops in order', async () => {
  using folder = createTestFolder();
  const impatient = join(folder.path, 'impatient.cjs');
  writeFileSync(
    impatient,
    `const { write } = process.stderr;
    process.stderr.write = (text, ...rest) => {
      if (String(text).includes('listening on')) process.kill(process.pid, 'SIGTERM');
      return write.call(process.stderr, text, ...rest);
    };`,
  );

  const { code, stdout } = await runCommand([], writeSetup(folder, {}), {
    command: [process.execPath, '--require', impatient, MAIN, 'serve'],
    cwd: folder.path,
  });

  expect([code, stdout]).toEqual([0, expect.stringContaining('"event":"server.stopped"')]);
});
