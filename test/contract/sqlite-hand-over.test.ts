/** What becomes of webhooks that one process holds in memory, when it dies, stops, or keeps them for too long. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqlite, type SqliteExecutor } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { createSqliteHandOver } from '../../src/adapters/sqlite/sqlite-hand-over.ts';
import { createSqliteQueue } from '../../src/adapters/sqlite/sqlite-queue.ts';
import { createSqliteWebhookStore } from '../../src/adapters/sqlite/sqlite-webhook-store.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { Claim } from '../../src/core/ports/queue.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';
import { numbered, processed } from './sqlite-fixtures.ts';

const LEASE_MS = LIMITS.leaseMs;

let directory: string;
let executor: SqliteExecutor;

beforeEach(() => {
  directory = createTemporaryDirectory();
  executor = openSqlite({ path: join(directory, 'payhook.db') });
});

afterEach(async () => {
  await executor.close();
  removeDirectory(directory);
});

const timesClaimed = (claims: readonly Claim[]) =>
  claims.map(({ entry, claimedTimes }) => [entry.webhookId, claimedTimes]);

describe('what a process holds in memory', () => {
  test('is on the queue all the while, where nobody else claims it', async () => {
    const clock = createTestClock();
    const { store } = createSqliteHandOver(executor, clock);
    for (const number of [1, 2, 3]) await store.insert(numbered(number));
    const queue = createSqliteQueue(executor, clock);

    expect(await queue.claim(3, LEASE_MS)).toEqual([]);
    expect(await queue.depth()).toEqual({ ready: 0, waiting: 3, oldestEnqueuedAt: NOW });
  });

  test('is due at the start of the next one when it died, the oldest first, and is no suspect yet', async () => {
    const clock = createTestClock();
    const { store, queue: lost } = createSqliteHandOver(executor, clock);
    for (const number of [1, 2, 3]) await store.insert(numbered(number));
    await lost.claim(1, LEASE_MS);

    expect(await executor.run('queueReleaseAll', { now: NOW })).toBe(3);

    expect(timesClaimed(await createSqliteQueue(executor, clock).claim(3, LEASE_MS))).toEqual([
      ['stripe:evt_1', 1],
      ['stripe:evt_2', 1],
      ['stripe:evt_3', 1],
    ]);
  });

  test('comes due by itself when nothing else happens', async () => {
    const clock = createTestClock();
    const { store } = createSqliteHandOver(executor, clock);
    await store.insert(numbered(1));

    clock.advance(LIMITS.heldMsMax);

    expect(await createSqliteQueue(executor, clock).claim(3, LEASE_MS)).toHaveLength(1);
  });

  test('is left due by a process that stops before it was begun, and is blamed for nothing', async () => {
    const clock = createTestClock();
    const { store, release } = createSqliteHandOver(executor, clock);
    for (const number of [1, 2]) await store.insert(numbered(number));

    await release();

    expect(timesClaimed(await createSqliteQueue(executor, clock).claim(3, LEASE_MS))).toEqual([
      ['stripe:evt_1', 1],
      ['stripe:evt_2', 1],
    ]);
  });

  test('is a suspect when it was claimed and not ended, and none when it only waited for too long', async () => {
    const clock = createTestClock();
    const { store, queue } = createSqliteHandOver(executor, clock);
    for (const number of [1, 2]) await store.insert(numbered(number));
    const [first] = await queue.claim(1, LEASE_MS);
    clock.advance(LIMITS.heldMsMax - LEASE_MS);

    const claims = await queue.claim(3, LEASE_MS);

    expect(timesClaimed(claims).sort()).toEqual([
      ['stripe:evt_1', 2],
      ['stripe:evt_2', 1],
    ]);
    expect(await queue.complete(first!)).toBe('lost');
  });

  test('keeps its entry when it was ended and replayed by somebody else before the claim was given back', async () => {
    const clock = createTestClock();
    const { store, queue } = createSqliteHandOver(executor, clock);
    const { webhook } = numbered(1);
    await store.insert(numbered(1));
    const [claim] = await queue.claim(1, LEASE_MS);
    const others = createSqliteWebhookStore(executor);
    await others.change(webhook, 1, processed);
    await others.change(webhook, 2, { ...processed, status: 'received', reason: 'the operator asked' });

    expect(await store.change(webhook, 1, processed, claim)).toEqual({ outcome: 'stale' });
    expect(await queue.complete(claim!)).toBe('lost');

    expect(timesClaimed(await queue.claim(1, LEASE_MS))).toEqual([['stripe:evt_1', 1]]);
  });

  test('gives its place up when it could not be stored, to whoever stores it then', async () => {
    const clock = createTestClock();
    let isBroken = true;
    const breaking: SqliteExecutor = {
      ...executor,
      run: (name, input) => {
        if (!isBroken || name !== 'webhookInsert') return executor.run(name, input);
        isBroken = false;
        return Promise.reject(new Error('the disk is full'));
      },
    };
    const { store, queue } = createSqliteHandOver(breaking, clock);

    const [first, second] = await Promise.allSettled([store.insert(numbered(1)), store.insert(numbered(1))]);

    expect([first?.status, second]).toMatchObject(['rejected', { value: { outcome: 'inserted', isQueued: true } }]);
    expect(await queue.claim(2, LEASE_MS)).toHaveLength(1);
  });

  test('is not handed out a second time when its delivery comes again', async () => {
    const { store, queue } = createSqliteHandOver(executor, createTestClock());
    await Promise.all([store.insert(numbered(1)), store.insert(numbered(1))]);
    const claims = await queue.claim(2, LEASE_MS);
    await store.insert(numbered(1));

    expect([claims.length, await queue.claim(2, LEASE_MS)]).toEqual([1, []]);
  });
});
