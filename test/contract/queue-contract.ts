/** What every queue keeps: the sentences of the port, as tests. */
import { describe, expect } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { Claim, QueueEntry } from '../../src/core/ports/queue.ts';
import type { Insertion } from '../../src/core/ports/webhook-store.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { NOW } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';
import { type HomeHarness, insertUnqueued, type OpenHome } from './homes.ts';

const LEASE_MS = LIMITS.leaseMs;

const entryOf = ({ webhook }: Insertion): QueueEntry => {
  const { webhookId, timestamp, provider, traceId } = webhook;
  return { webhookId, timestamp, provider, traceId };
};

/** Stores webhooks of these names and puts them on the queue, in this order. */
const enqueueAll = async (home: HomeHarness, ...names: string[]): Promise<void> => {
  for (const insertion of await insertUnqueued(home, ...names)) await home.queue.enqueue(entryOf(insertion));
  await home.settle?.();
};

const claimOne = async (home: HomeHarness): Promise<Claim> => {
  const [claim] = await home.queue.claim(1, LEASE_MS);
  if (claim === undefined) throw new Error('nothing was there to be claimed');
  return claim;
};

const idsOf = (claims: readonly Claim[]): string[] => claims.map((claim) => claim.entry.webhookId);

const defineEnqueueTests = (test: ContractTest, open: OpenHome): void => {
  test('returns the entry and when it was enqueued', async () => {
    await using home = await open();
    const [insertion = insertionOf()] = await insertUnqueued(home, 'evt_ä-🧾');
    home.clock.advance(10);

    await home.queue.enqueue(entryOf(insertion));

    const claim = await claimOne(home);
    expect(claim.entry).toEqual(entryOf(insertion));
    expect(claim.enqueuedAt).toBe(NOW + 10);
  });

  test('carries a pointer only, whatever else the entry that it was given holds', async () => {
    await using home = await open();
    const [insertion = insertionOf()] = await insertUnqueued(home, 'evt_1');

    await home.queue.enqueue(insertion.webhook);

    expect((await claimOne(home)).entry).toEqual(entryOf(insertion));
  });

  test('hides an entry until its delay has passed', async () => {
    await using home = await open();
    const [insertion = insertionOf()] = await insertUnqueued(home, 'evt_1');

    await home.queue.enqueue(entryOf(insertion), 5000);

    home.clock.advance(4999);
    expect(await home.queue.claim(1, LEASE_MS)).toEqual([]);
    home.clock.advance(1);
    expect(await home.queue.claim(1, LEASE_MS)).toHaveLength(1);
  });

  test('merges a webhook that is enqueued twice', async () => {
    await using home = await open();
    await enqueueAll(home, 'evt_1');

    await enqueueAll(home, 'evt_1');

    expect(await home.queue.claim(10, LEASE_MS)).toHaveLength(1);
    expect(await home.queue.depth()).toEqual({ ready: 0, waiting: 1, oldestEnqueuedAt: NOW });
  });

  test('leaves a claim valid when its webhook is enqueued again', async () => {
    await using home = await open();
    await enqueueAll(home, 'evt_1');
    const claim = await claimOne(home);

    await enqueueAll(home, 'evt_1');

    expect(await home.queue.complete(claim)).toBe('settled');
  });

  test('keeps two webhooks with one id and two timestamps apart', async () => {
    await using home = await open();
    const insertions = [NOW - 1, NOW - 2].map((timestamp) => insertionOf({ timestamp }, { status: 'dead_lettered' }));
    for (const insertion of insertions) {
      await home.store.insert(insertion);
      await home.queue.enqueue(entryOf(insertion));
    }
    await home.settle?.();

    const claims = await home.queue.claim(10, LEASE_MS);

    expect(claims.map((claim) => claim.entry.timestamp).sort()).toEqual([NOW - 2, NOW - 1]);
  });
};

const defineClaimTests = (test: ContractTest, open: OpenHome): void => {
  test('counts the claims of an entry that nobody worked on to an end: put back, or left to its lease', async () => {
    await using home = await open();
    await enqueueAll(home, 'evt_1');

    const counts: number[] = [];
    for (let times = 0; times < 2; times += 1) {
      const claim = await claimOne(home);
      counts.push(claim.claimedTimes);
      await home.queue.putBack(claim, 0);
    }
    counts.push((await claimOne(home)).claimedTimes);
    home.clock.advance(LEASE_MS);
    counts.push((await claimOne(home)).claimedTimes);

    expect(counts).toEqual([1, 2, 3, 4]);
  });

  test('counts anew once the entry was given back to be retried, or came back to the queue', async () => {
    await using home = await open();
    await enqueueAll(home, 'evt_1');
    await home.queue.putBack(await claimOne(home), 0);
    await home.queue.retryIn(await claimOne(home), 0);

    const retried = await claimOne(home);
    await home.queue.putBack(retried, 0);
    await home.queue.complete(await claimOne(home));
    await enqueueAll(home, 'evt_1');

    expect([retried.claimedTimes, (await claimOne(home)).claimedTimes]).toEqual([1, 1]);
  });

  test('says that there is nothing to do when there is nothing', async () => {
    await using home = await open();

    expect(await home.queue.claim(10, LEASE_MS)).toEqual([]);
  });

  test('hands out the entry that has been due the longest first', async () => {
    await using home = await open();
    const insertions = await insertUnqueued(home, 'third', 'first', 'second');
    const delays = [300, 100, 200];
    for (const [index, insertion] of insertions.entries()) await home.queue.enqueue(entryOf(insertion), delays[index]);
    home.clock.advance(1000);

    const claims = [...(await home.queue.claim(2, LEASE_MS)), ...(await home.queue.claim(2, LEASE_MS))];

    expect(idsOf(claims)).toEqual(['stripe:first', 'stripe:second', 'stripe:third']);
  });

  test('hands out what is due further away than anything rests: it was given back while the clock was ahead', async () => {
    await using home = await open();
    await enqueueAll(home, 'evt_rests', 'evt_ahead');
    await home.queue.retryIn(await claimOne(home), LIMITS.restMsMax);
    const ahead = await claimOne(home);
    home.clock.advance(400 * DAY_MS);
    await home.queue.retryIn(ahead, 0);
    home.clock.advance(-400 * DAY_MS);

    expect(idsOf(await home.queue.claim(10, LEASE_MS))).toEqual(['stripe:evt_ahead']);
  });

  test('hands out at most as many entries as the limit', async () => {
    await using home = await open();
    await enqueueAll(home, 'evt_1', 'evt_2', 'evt_3');

    expect(await home.queue.claim(2, LEASE_MS)).toHaveLength(2);
    expect(await home.queue.claim(2, LEASE_MS)).toHaveLength(1);
  });

  test('hides a claimed entry until its lease ran out, then hands it out with another receipt', async () => {
    await using home = await open();
    await enqueueAll(home, 'evt_1');
    const first = await claimOne(home);

    home.clock.advance(LEASE_MS - 1);
    expect(await home.queue.claim(1, LEASE_MS)).toEqual([]);
    home.clock.advance(1);

    const second = await claimOne(home);
    expect(second.entry).toEqual(first.entry);
    expect(second.enqueuedAt).toBe(first.enqueuedAt);
    expect(second.receipt).not.toBe(first.receipt);
  });

  test('never hands one entry to two of ten claims that race', async () => {
    await using home = await open();
    await enqueueAll(home, ...Array.from({ length: 30 }, (_, index) => `evt_${index}`));

    const claimed = await Promise.all(Array.from({ length: 10 }, () => home.queue.claim(4, LEASE_MS)));

    const ids = claimed.flatMap(idsOf);
    expect(ids).toHaveLength(30);
    expect(new Set(ids).size).toBe(30);
  });
};

const defineSettleTests = (test: ContractTest, open: OpenHome): void => {
  test('removes a completed entry for good', async () => {
    await using home = await open();
    await enqueueAll(home, 'evt_1', 'evt_2');
    const claim = await claimOne(home);

    expect(await home.queue.complete(claim)).toBe('settled');

    home.clock.advance(10 * LEASE_MS);
    expect(idsOf(await home.queue.claim(10, LEASE_MS))).toEqual(['stripe:evt_2']);
  });

  test('gives an entry back after the wait that was asked for', async () => {
    await using home = await open();
    await enqueueAll(home, 'evt_1');
    const claim = await claimOne(home);

    expect(await home.queue.retryIn(claim, 2 * LEASE_MS)).toBe('settled');

    home.clock.advance(2 * LEASE_MS - 1);
    expect(await home.queue.claim(1, LEASE_MS)).toEqual([]);
    home.clock.advance(1);
    expect(idsOf(await home.queue.claim(1, LEASE_MS))).toEqual(['stripe:evt_1']);
  });

  test('keeps when an entry came to the queue, however often it is given back', async () => {
    await using home = await open();
    await enqueueAll(home, 'evt_1');
    home.clock.advance(LEASE_MS);

    await home.queue.retryIn(await claimOne(home), 0);
    await home.queue.putBack(await claimOne(home), 0);

    expect((await claimOne(home)).enqueuedAt).toBe(NOW);
  });

  test('puts an entry back as if its lease had ended', async () => {
    await using home = await open();
    await enqueueAll(home, 'evt_1');

    expect(await home.queue.putBack(await claimOne(home), 2000)).toBe('settled');

    home.clock.advance(1999);
    expect(await home.queue.claim(1, LEASE_MS)).toEqual([]);
    home.clock.advance(1);
    expect(idsOf(await home.queue.claim(1, LEASE_MS))).toEqual(['stripe:evt_1']);
  });

  test('gives an entry back at once when no wait is asked for', async () => {
    await using home = await open();
    await enqueueAll(home, 'evt_1');

    await home.queue.retryIn(await claimOne(home), 0);

    expect(idsOf(await home.queue.claim(1, LEASE_MS))).toEqual(['stripe:evt_1']);
  });

  for (const action of ['complete', 'retryIn', 'putBack'] as const) {
    const settle = (home: HomeHarness, claim: Claim) =>
      action === 'complete' ? home.queue.complete(claim) : home.queue[action](claim, 0);

    test(`says lost and changes nothing for ${action} with the receipt of a lease that ran out`, async () => {
      await using home = await open();
      await enqueueAll(home, 'evt_1');
      const lost = await claimOne(home);
      home.clock.advance(LEASE_MS);
      const owned = await claimOne(home);

      expect(await settle(home, lost)).toBe('lost');

      expect(await home.queue.claim(1, LEASE_MS)).toEqual([]);
      expect(await home.queue.depth()).toMatchObject({ ready: 0, waiting: 1 });
      expect(await home.queue.complete(owned)).toBe('settled');
    });

    test(`says lost for ${action} with a claim that was completed before`, async () => {
      await using home = await open();
      await enqueueAll(home, 'evt_1');
      const claim = await claimOne(home);
      await home.queue.complete(claim);

      expect(await settle(home, claim)).toBe('lost');
      expect(await home.queue.claim(1, LEASE_MS)).toEqual([]);
    });

    test(`regression: says lost for ${action} with a claim from before the webhook was enqueued anew`, async () => {
      await using home = await open();
      await enqueueAll(home, 'evt_1');
      const old = await claimOne(home);
      await home.queue.complete(old);
      await enqueueAll(home, 'evt_1');
      const fresh = await claimOne(home);

      expect(await settle(home, old)).toBe('lost');
      expect(await home.queue.complete(fresh)).toBe('settled');
    });
  }
};

const defineDepthTests = (test: ContractTest, open: OpenHome): void => {
  test('tells an empty queue from a full one', async () => {
    await using home = await open();

    expect(await home.queue.depth()).toEqual({ ready: 0, waiting: 0, oldestEnqueuedAt: null });
  });

  test('counts what can be claimed now and what waits, and knows the oldest', async () => {
    await using home = await open();
    const [delayed = insertionOf()] = await insertUnqueued(home, 'delayed');
    await home.queue.enqueue(entryOf(delayed), 5000);
    home.clock.advance(1);
    await enqueueAll(home, 'evt_1', 'evt_2', 'evt_3');

    await home.queue.claim(1, LEASE_MS);

    expect(await home.queue.depth()).toEqual({ ready: 2, waiting: 2, oldestEnqueuedAt: NOW });
    home.clock.advance(5000);
    expect(await home.queue.depth()).toEqual({ ready: 3, waiting: 1, oldestEnqueuedAt: NOW });
  });
};

/** Runs the suite against queues that `open` makes, each fresh and empty. */
export const describeQueue = (name: string, open: OpenHome, options: ContractOptions = {}): void => {
  describe(`Queue: ${name}`, () => {
    defineContract(options, (test) => {
      defineEnqueueTests(test, open);
      defineClaimTests(test, open);
      defineSettleTests(test, open);
      defineDepthTests(test, open);
    });
  });
};
