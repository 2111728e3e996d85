/**
 * What waits moves on, whatever became of its place on the queue: the rule in both homes. Where the queue lives in the store a
 * claim whose holder is gone comes back; where it is a system of its own and has lost the entry, a sweep finds the webhook.
 */
import { describe, expect } from 'vitest';
import { NO_EFFECTS } from '../../src/core/effects.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { Claim } from '../../src/core/ports/queue.ts';
import type { WaitingWebhooks } from '../../src/core/ports/waiting-webhooks.ts';
import type { StatusChange } from '../../src/core/ports/webhook-store.ts';
import type { WebhookStatus } from '../../src/core/status.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { createReplay } from '../../src/process/replay.ts';
import type { SweepOutcome } from '../../src/process/sweep.ts';
import { insertionOf } from '../support/insertion.ts';
import { type ContractTest, defineContract } from './contract-tests.ts';
import { getStored, type HomeHarness, insertQueued } from './homes.ts';

export interface MovesOnHarness extends HomeHarness {
  /** What happens to a claim of which nobody will ever hear again, at the worst. */
  readonly lose: (claim: Claim) => Promise<void>;
  /** Undefined where nothing sweeps. */
  readonly sweep: (() => Promise<SweepOutcome>) | undefined;
}

export interface WaitingWebhooksHarness extends MovesOnHarness {
  readonly waiting: WaitingWebhooks;
  readonly sweep: () => Promise<SweepOutcome>;
}

const { webhook } = insertionOf();
const OPERATOR = { type: 'operator', id: 'ada' } as const;

const changeTo = (home: HomeHarness, status: WebhookStatus, nextAttemptAt: number | null = null): StatusChange => ({
  status,
  attempts: 1,
  lastError: null,
  nextAttemptAt,
  effects: NO_EFFECTS,
  changedAt: home.clock.now(),
  actor: { type: 'component', id: 'processor' },
  reason: null,
});

const claimOne = async (home: HomeHarness): Promise<Claim> => {
  const [claim] = await home.queue.claim(1, LIMITS.leaseMs);
  if (claim === undefined) throw new Error('nothing was there to be claimed');
  return claim;
};

const claimable = async (home: MovesOnHarness): Promise<readonly string[]> => {
  await home.settle?.();
  await home.sweep?.();
  await home.settle?.();
  return (await home.queue.claim(100, LIMITS.leaseMs)).map(({ entry }) => entry.webhookId);
};

/** Inserts it, makes one attempt that fails, and leaves it on the queue until its next one. */
const insertRetrying = async (home: HomeHarness, nextInMs: number): Promise<Claim> => {
  await insertQueued(home, insertionOf());
  const claim = await claimOne(home);
  const change = changeTo(home, 'retrying', home.clock.now() + nextInMs);
  const result = await home.store.change(webhook, 1, change, claim);
  if (result.outcome === 'changed' && !result.isSettled) await home.queue.retryIn(claim, nextInMs);
  await home.settle?.();
  home.clock.advance(nextInMs);
  return claimOne(home);
};

const defineMovesOnTests = (test: ContractTest, open: () => Promise<MovesOnHarness>): void => {
  test('what was received and whose claim is lost is claimable again after the time of being stuck, once', async () => {
    await using home = await open();
    await insertQueued(home, insertionOf());
    await home.lose(await claimOne(home));

    home.clock.advance(LIMITS.stuckMs);

    expect(await claimable(home)).toEqual([webhook.webhookId]);
    expect(await claimable(home)).toEqual([]);
  });

  test('what waits for its next attempt and whose claim is lost is claimable again after the same time', async () => {
    await using home = await open();
    await home.lose(await insertRetrying(home, 3 * HOUR_MS));

    home.clock.advance(LIMITS.stuckMs);

    expect(await claimable(home)).toEqual([webhook.webhookId]);
    expect(await getStored(home, webhook)).toMatchObject({ status: 'retrying', attempts: 1 });
  });

  test('what was replayed and whose claim is lost is claimable again, however long ago it was received', async () => {
    await using home = await open();
    await insertQueued(home, insertionOf());
    const claim = await claimOne(home);
    const ended = await home.store.change(webhook, 1, changeTo(home, 'processed'), claim);
    if (ended.outcome === 'changed' && !ended.isSettled) await home.queue.complete(claim);
    home.clock.advance(100 * DAY_MS);
    // Everything was looked at by now, and it had ended.
    expect(await claimable(home)).toEqual([]);
    await createReplay(home)(await getStored(home, webhook), OPERATOR, null);
    await home.lose(await claimOne(home));

    home.clock.advance(LIMITS.stuckMs);

    expect(await claimable(home)).toEqual([webhook.webhookId]);
  });

  test('what has ended is never claimable again', async () => {
    await using home = await open();
    await insertQueued(home, insertionOf());
    const claim = await claimOne(home);
    const ended = await home.store.change(webhook, 1, changeTo(home, 'processed'), claim);
    if (ended.outcome === 'changed' && !ended.isSettled) await home.queue.complete(claim);

    home.clock.advance(10 * DAY_MS);

    expect(await claimable(home)).toEqual([]);
  });

  test('what is not due is left alone for as long as it was told to wait', async () => {
    await using home = await open();
    await insertQueued(home, insertionOf());
    const claim = await claimOne(home);
    const result = await home.store.change(
      webhook,
      1,
      changeTo(home, 'retrying', home.clock.now() + LIMITS.retryInMsMax),
      claim,
    );
    if (result.outcome === 'changed' && !result.isSettled) await home.queue.retryIn(claim, LIMITS.retryInMsMax);

    home.clock.advance(LIMITS.retryInMsMax - 1);

    expect(await claimable(home)).toEqual([]);
    expect(await getStored(home, webhook)).toMatchObject({ revision: 2 });
  });
};

const idsOf = async (waiting: WaitingWebhooks, until: number, pagesMax = Number.POSITIVE_INFINITY) => {
  const ids: string[] = [];
  let pages = 0;
  for await (const page of waiting.walk(until)) {
    ids.push(...page.map(({ webhookId }) => webhookId));
    pages += 1;
    if (pages >= pagesMax) break;
  }
  return ids.toSorted();
};

const defineWalkTests = (test: ContractTest, open: () => Promise<WaitingWebhooksHarness>): void => {
  test('a walk finds what waits and came before its time, and nothing else', async () => {
    await using home = await open();
    const at = home.clock.now();
    const insert = (name: string, receivedAt: number, status: 'received' | 'dead_lettered' = 'received') =>
      home.store.insert(insertionOf({ webhookId: `stripe:${name}`, receivedAt }, { status }));
    await insert('waits', at);
    await insert('dead', at, 'dead_lettered');
    await insert('too_young', at + 1);

    expect(await idsOf(home.waiting, at + 1)).toEqual(['stripe:waits']);
  });

  test('walks that are broken off again and again come to everything that waits', async () => {
    await using home = await open();
    const names = Array.from({ length: 230 }, (_, n) => `stripe:evt_${String(n).padStart(3, '0')}`);
    const at = home.clock.now();
    for (const [n, webhookId] of names.entries()) {
      await home.store.insert(insertionOf({ webhookId, receivedAt: at + n }));
    }
    const seen = new Set<string>();

    for (let walk = 0; walk < 20 && seen.size < names.length; walk += 1) {
      // The page at which it is broken off is not finished: two pages get on by one.
      for (const id of await idsOf(home.waiting, at + names.length, 4)) seen.add(id);
    }

    expect([...seen].toSorted()).toEqual(names);
  });

  test('of two sweeps at the same time one queues a webhook', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    await home.settle?.();
    home.clock.advance(LIMITS.stuckMs);

    const outcomes = await Promise.all([home.sweep(), home.sweep()]);

    const counts = outcomes.map((outcome) => (outcome.outcome === 'swept' ? outcome.queuedAgain : Number.NaN));
    expect(counts.toSorted()).toEqual([0, 1]);
    expect(await home.queue.claim(10, LIMITS.leaseMs)).toHaveLength(1);
  });
};

/** For homes in which nothing sweeps, because the queue lives in the store. */
export const describeMovesOn = (name: string, open: () => Promise<MovesOnHarness>): void => {
  describe(`what waits moves on: ${name}`, () => {
    defineContract({}, (test) => defineMovesOnTests(test, open));
  });
};

/** For a store and a queue that are two systems. */
export const describeWaitingWebhooks = (name: string, open: () => Promise<WaitingWebhooksHarness>): void => {
  describeMovesOn(name, open);
  describe(`WaitingWebhooks: ${name}`, () => {
    defineContract({}, (test) => defineWalkTests(test, open));
  });
};
