/**
 * Handlers that do to their process whatever code can do to one, in the real server: the good webhooks beside them are
 * processed, the killers are dead letters after few calls, and the edge answers all the while.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { KILLERS_MODULE } from '../handlers/killers.ts';
import { createTestClock } from '../support/clock.ts';
import {
  createTestFolder,
  post,
  readStored,
  type ServerProcess,
  spawnServer,
  type TestFolder,
  waitUntil,
} from '../support/running-server.ts';
import { STRIPE_SECRET, stripeDelivery } from '../support/test-home.ts';

const GOOD = 500;
/** The last ones do not end the process: they let an error escape. */
const KILLERS = ['exit', 'abort', 'sigkill', 'heap', 'native', 'loop', 'close', 'forge', 'unawaited', 'timer'] as const;
const CALLS_MAX = 10;
const SENDERS = 8;

const CONFIG = {
  providers: { stripe: { toleranceSeconds: 3600 } },
  processing: { attemptsMax: 5, backoffBaseMs: 50, backoffCapMs: 200, handlerMemoryMbMax: 128 },
} as const;

const start = (folder: TestFolder, handle: string, handlerMsMax = 2000): Promise<ServerProcess> => {
  writeFileSync(join(folder.path, 'killers.mjs'), KILLERS_MODULE);
  return spawnServer({
    folder,
    config: { ...CONFIG, processing: { ...CONFIG.processing, handlerMsMax } },
    env: { PAYHOOK_STRIPE_SIGNING_SECRETS: STRIPE_SECRET },
    handlers: `
      import { appendFileSync, writeFileSync } from 'node:fs';
      import { handle as kill } from './killers.mjs';
      const note = (text) => appendFileSync(import.meta.dirname + '/calls.txt', text + '\\n');
      export const handle = async (webhook, context) => { ${handle} };`,
  });
};

const calls = (folder: TestFolder): string[] =>
  existsSync(join(folder.path, 'calls.txt'))
    ? readFileSync(join(folder.path, 'calls.txt'), 'utf8').trim().split('\n')
    : [];

const clock = createTestClock(Date.now());
const deliver = async (server: ServerProcess, id: string): Promise<number> =>
  (await post(server.url, 'stripe', stripeDelivery(clock, id))).status;

/** Asks until it is told to stop; returns how long each answer took. */
const watchHealth = (server: ServerProcess) => {
  const tookMs: number[] = [];
  let isOver = false;
  const run = async (): Promise<readonly number[]> => {
    while (!isOver) {
      const began = performance.now();
      expect((await fetch(`${server.url}/health`)).status).toBe(200);
      tookMs.push(performance.now() - began);
      await pause(25);
    }
    return tookMs;
  };
  const watched = run();
  return {
    stop: () => {
      isOver = true;
      return watched;
    },
  };
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Infinity;

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('I3 always ends, I4 effects', () => {
  test(`a killer of each of ${KILLERS.length} sorts among ${GOOD} webhooks costs those nothing, and nothing is refused`, {
    timeout: 900_000,
  }, async () => {
    using folder = createTestFolder();
    await using server = await start(
      folder,
      `note(webhook.webhookId);
       const kind = /evt_kill_(\\w+)/.exec(webhook.webhookId)?.[1];
       if (kind !== undefined) await kill({ ...webhook, webhookId: 'killer:' + kind }, context);`,
    );
    const ids = Array.from({ length: GOOD }, (_, index) => `evt_${index}`);
    for (const [index, kind] of KILLERS.entries()) ids.splice((index * GOOD) / KILLERS.length, 0, `evt_kill_${kind}`);

    const health = watchHealth(server);
    const statuses: number[] = [];
    const waiting = [...ids];
    await Promise.all(
      Array.from({ length: SENDERS }, async () => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) statuses.push(await deliver(server, id));
      }),
    );
    const ended = (): number =>
      server.lines.filter(
        ({ event, outcome }) =>
          event === 'attempt.finished' && (outcome === 'processed' || outcome === 'dead_lettered'),
      ).length;
    await waitUntil('every webhook has ended', () => ended() === ids.length, 850_000);
    const tookMs = await health.stop();

    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(median(tookMs)).toBeLessThan(250);
    const stored = readStored(folder.data);
    expect(stored.queued).toBe(0);
    const statusOf = new Map(stored.webhooks.map(({ id, status }) => [id, status]));
    const called = Map.groupBy(calls(folder), (id) => id);
    for (const id of ids.map((one) => `stripe:${one}`)) {
      const isKiller = id.includes('kill');
      expect([id, statusOf.get(id)]).toEqual([id, isKiller ? 'dead_lettered' : 'processed']);
      const times = called.get(id)?.length ?? 0;
      expect(times, id).toBeGreaterThan(0);
      expect(times, id).toBeLessThanOrEqual(CALLS_MAX);
      const chain = stored.entries.filter(({ chain }) => chain.startsWith(`${id}@`));
      expect(
        chain.filter(({ event }) => event === 'WEBHOOK_ACCEPTED'),
        id,
      ).toHaveLength(1);
    }
    const text = JSON.stringify(server.lines) + server.stderr();
    expect(text).not.toContain('4111111111111111');
    expect(server.child.exitCode).toBeNull();
  });
});

describe('a handler that computes', () => {
  test('is not noticed at the edge', async () => {
    using folder = createTestFolder();
    await using server = await start(
      folder,
      `if (!webhook.webhookId.endsWith('evt_compute')) return;
       note('began');
       const until = performance.now() + 8000;
       while (performance.now() < until);
       note('ended');`,
      20_000,
    );
    expect(await deliver(server, 'evt_compute')).toBe(200);
    await waitUntil('it computes', () => calls(folder).includes('began'));

    const health = watchHealth(server);
    const statuses = [];
    for (let index = 0; index < 20; index += 1) statuses.push(await deliver(server, `evt_${index}`));
    const wereAnsweredMeanwhile = !calls(folder).includes('ended');
    const tookMs = await health.stop();

    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(wereAnsweredMeanwhile).toBe(true);
    expect(median(tookMs)).toBeLessThan(250);
    await waitUntil('all are processed', () => readStored(folder.data).queued === 0);
  });
});

describe('a server that is killed', () => {
  test('leaves no process behind, not even one in an endless loop', async () => {
    using folder = createTestFolder();
    await using server = await start(
      folder,
      `writeFileSync(import.meta.dirname + '/pid.txt', String(process.pid));
       for (;;);`,
    );
    const pidFile = join(folder.path, 'pid.txt');
    await deliver(server, 'evt_1');
    await waitUntil('it loops', () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isRunning(pid)).toBe(true);

    await server.stop('SIGKILL');

    await waitUntil('the process of the handlers is gone', () => !isRunning(pid));
  });
});
