/** Handlers that compute or loop, in the real server: the edge answers all the while, and nothing is left of them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
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

const CONFIG = {
  providers: { stripe: { toleranceSeconds: 3600 } },
  processing: { attemptsMax: 10, backoffBaseMs: 50, backoffCapMs: 200, handlerMemoryMbMax: 128 },
} as const;

const start = (folder: TestFolder, handle: string, handlerMsMax = 3000): Promise<ServerProcess> => {
  return spawnServer({
    folder,
    config: { ...CONFIG, processing: { ...CONFIG.processing, handlerMsMax } },
    env: { PAYHOOK_STRIPE_SIGNING_SECRETS: STRIPE_SECRET },
    handlers: `
      import { appendFileSync, writeFileSync } from 'node:fs';
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

    await waitUntil('the process of the handlers is gone', () => !isRunning(pid), 30_000);
  });
});
