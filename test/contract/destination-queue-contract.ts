/** What every destination queue keeps: the sentences of the port, as tests. */
import { describe, expect } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { WebhookStore } from '../../src/core/ports/webhook-store.ts';
import { DAY_MS } from '../../src/core/time.ts';
import type {
  DestinationClaim,
  DestinationEntry,
  DestinationQueues,
  DestinationStatus,
  Settlement,
} from '../../src/destinations/destination-queue.ts';
import { NOW, type TestClock } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';

export interface DestinationQueueHarness extends AsyncDisposable {
  readonly queue: DestinationQueues;
  /** Entries point at webhooks of this store. */
  readonly store: WebhookStore;
  readonly clock: TestClock;
}

/** Each is fresh and empty. */
export type OpenDestinationQueue = () => Promise<DestinationQueueHarness>;

const LEASE_MS = LIMITS.leaseMs;

/** The first event of webhook `stripe:{name}`, for `ledger`. */
const entryOf = (name: string, overrides: Partial<DestinationEntry> = {}): DestinationEntry => ({
  webhookId: `stripe:${name}`,
  timestamp: NOW - 5000,
  destination: 'ledger',
  eventId: `stripe:${name}`,
  provider: 'stripe',
  traceId: `trace-${name}`,
  news: 'news',
  ...overrides,
});

/** Puts the entries together, after their webhooks were stored. */
const put = async (home: DestinationQueueHarness, ...entries: readonly DestinationEntry[]): Promise<void> => {
  for (const { webhookId, timestamp, provider, traceId } of entries) {
    await home.store.insert(insertionOf({ webhookId, timestamp, provider, traceId }));
  }
  await home.queue.put(entries, home.clock.now());
};

const claimOne = async (home: DestinationQueueHarness, destination = 'ledger'): Promise<DestinationClaim> => {
  const [claim] = await home.queue.claim(destination, 1, LEASE_MS);
  if (claim === undefined) throw new Error('nothing was there to be claimed');
  return claim;
};

const claimAll = (home: DestinationQueueHarness, destination = 'ledger') =>
  home.queue.claim(destination, 100, LEASE_MS);

const settle = (home: DestinationQueueHarness, ...settlements: readonly Settlement[]): Promise<void> =>
  home.queue.settle(settlements, home.clock.now());

const eventIdsOf = (claims: readonly DestinationClaim[]): string[] => claims.map(({ entry }) => entry.eventId);

/** What became of the one entry of that webhook. */
const statusOf = async (home: DestinationQueueHarness, name: string): Promise<DestinationStatus> => {
  const [status, ...others] = await home.queue.ofWebhook(entryOf(name));
  if (status === undefined || others.length > 0) throw new Error('the webhook was expected to have one entry');
  return status;
};

const untouched: DestinationStatus = {
  destination: 'ledger',
  eventId: 'stripe:evt_1',
  state: 'waiting',
  failures: 0,
  lastError: null,
  enqueuedAt: NOW,
  changedAt: NOW,
};

const definePutTests = (test: ContractTest, open: OpenDestinationQueue): void => {
  test('hands out what was put, with when it was put', async () => {
    await using home = await open();
    const entry = entryOf('evt_ä-🧾#', { news: 'repeated', destination: 'a-1' });
    home.clock.advance(10);

    await put(home, entry);

    const claim = await claimOne(home, 'a-1');
    expect(claim.entry).toEqual(entry);
    expect(claim).toMatchObject({ enqueuedAt: NOW + 10, failures: 0 });
  });

  test('carries a pointer only, whatever else the entry that it was given holds', async () => {
    await using home = await open();
    const more = { ...entryOf('evt_1'), payload: new Uint8Array([1]) };

    await put(home, more);

    expect((await claimOne(home)).entry).toEqual(entryOf('evt_1'));
  });

  test('puts nothing when there is nothing to put', async () => {
    await using home = await open();

    await home.queue.put([], NOW);

    expect(await claimAll(home)).toEqual([]);
  });

  test('keeps events, destinations and webhooks with one id apart', async () => {
    await using home = await open();
    const entries = [
      entryOf('evt_1'),
      entryOf('evt_1', { eventId: 'stripe:evt_1#2' }),
      entryOf('evt_1', { timestamp: NOW - 4000 }),
    ];

    await put(home, ...entries, entryOf('evt_1', { destination: 'bus' }));

    expect((await claimAll(home)).map(({ entry }) => entry)).toEqual(entries);
    expect((await claimAll(home, 'bus')).map(({ entry }) => entry)).toEqual([entryOf('evt_1', { destination: 'bus' })]);
  });

  test('leaves an entry that waits already as it is, with its failures and its time', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    await settle(home, { claim: await claimOne(home), outcome: 'failed', error: 'timed_out', dueAt: NOW + 5000 });
    const before = await statusOf(home, 'evt_1');
    home.clock.advance(1000);

    await put(home, entryOf('evt_1'));

    expect(await statusOf(home, 'evt_1')).toEqual(before);
    expect(await claimAll(home)).toEqual([]);
    home.clock.advance(4000);
    expect(await claimOne(home)).toMatchObject({ enqueuedAt: NOW, failures: 1 });
  });

  test('leaves a claim valid when its entry is put again', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    const claim = await claimOne(home);

    await put(home, entryOf('evt_1'));

    expect(await claimAll(home)).toEqual([]);
    await settle(home, { claim, outcome: 'delivered' });
    expect(await statusOf(home, 'evt_1')).toMatchObject({ state: 'delivered' });
  });

  for (const outcome of ['delivered', 'given_up'] as const) {
    test(`makes an entry that was ${outcome} wait again, from its first attempt`, async () => {
      await using home = await open();
      await put(home, entryOf('evt_1', { news: 'repeated' }));
      await settle(home, { claim: await claimOne(home), outcome: 'failed', error: 'answered_5xx', dueAt: NOW });
      const claim = await claimOne(home);
      await settle(home, outcome === 'delivered' ? { claim, outcome } : { claim, outcome, error: 'answered_5xx' });
      home.clock.advance(1000);

      await put(home, entryOf('evt_1'));

      expect(await statusOf(home, 'evt_1')).toEqual({ ...untouched, enqueuedAt: NOW + 1000, changedAt: NOW + 1000 });
      const again = await claimOne(home);
      expect(again).toMatchObject({ entry: entryOf('evt_1'), enqueuedAt: NOW + 1000, failures: 0 });
      await settle(home, { claim, outcome: 'given_up', error: 'of a claim from before' });
      expect(await statusOf(home, 'evt_1')).toMatchObject({ state: 'waiting', lastError: null });
    });
  }

  test('waits once when it is put by several at the same moment', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    await settle(home, { claim: await claimOne(home), outcome: 'delivered' });

    await Promise.all(Array.from({ length: 10 }, () => home.queue.put([entryOf('evt_1')], home.clock.now())));

    expect(await claimAll(home)).toHaveLength(1);
  });
};

const defineClaimTests = (test: ContractTest, open: OpenDestinationQueue): void => {
  test('says that there is nothing to do when there is nothing', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1', { destination: 'bus' }));

    expect(await claimAll(home)).toEqual([]);
    expect(await claimAll(home, 'bu')).toEqual([]);
  });

  test('hands out the oldest first, whatever was put in which order', async () => {
    await using home = await open();
    for (const [name, age] of [
      ['third', 100],
      ['first', 300],
      ['second', 200],
    ] as const) {
      home.clock.set(NOW - age);
      await put(home, entryOf(name));
    }
    home.clock.set(NOW);

    const claims = [...(await home.queue.claim('ledger', 2, LEASE_MS)), ...(await claimAll(home))];

    expect(eventIdsOf(claims)).toEqual(['stripe:first', 'stripe:second', 'stripe:third']);
  });

  test('hands out the events of one webhook in their order', async () => {
    await using home = await open();
    const ids = ['stripe:evt_1', ...Array.from({ length: 11 }, (_, index) => `stripe:evt_1#${index + 2}`)];

    await put(home, ...ids.map((eventId) => entryOf('evt_1', { eventId })));

    expect(eventIdsOf(await claimAll(home))).toEqual(ids);
  });

  test('hands out what is due further away than anything rests: it was put there while the clock was ahead', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    home.clock.advance(400 * DAY_MS);
    await put(home, entryOf('evt_2'));
    home.clock.advance(-400 * DAY_MS);

    const claims = await home.queue.claim('ledger', 10, LEASE_MS);

    expect(claims.map(({ entry }) => entry.webhookId)).toEqual(['stripe:evt_1', 'stripe:evt_2']);
    expect(await home.queue.claim('ledger', 10, LEASE_MS)).toEqual([]);
  });

  test('hands out at most as many as the limit, and at most once', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'), entryOf('evt_2'), entryOf('evt_3'));

    expect(await home.queue.claim('ledger', 2, LEASE_MS)).toHaveLength(2);
    expect(await home.queue.claim('ledger', 2, LEASE_MS)).toHaveLength(1);
    expect(await home.queue.claim('ledger', 2, LEASE_MS)).toEqual([]);
  });

  test('passes over an older entry whose time has not come', async () => {
    await using home = await open();
    await put(home, entryOf('evt_old'));
    await settle(home, { claim: await claimOne(home), outcome: 'failed', error: 'timed_out', dueAt: NOW + 5000 });
    home.clock.advance(10);
    await put(home, entryOf('evt_new'));

    expect(eventIdsOf(await claimAll(home))).toEqual(['stripe:evt_new']);
  });

  test('hands out the older of two that are due, also when the younger was due before it', async () => {
    await using home = await open();
    await put(home, entryOf('evt_old'));
    await settle(home, { claim: await claimOne(home), outcome: 'failed', error: 'timed_out', dueAt: NOW + 5000 });
    home.clock.advance(10);
    await put(home, entryOf('evt_new'));
    home.clock.advance(5000);

    expect(eventIdsOf(await claimAll(home))).toEqual(['stripe:evt_old', 'stripe:evt_new']);
  });

  test('hides a claimed entry until its lease ran out, then hands it out with another receipt', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    const first = await claimOne(home);

    home.clock.advance(LEASE_MS - 1);
    expect(await claimAll(home)).toEqual([]);
    home.clock.advance(1);

    const second = await claimOne(home);
    expect(second).toEqual({ ...first, receipt: second.receipt });
    expect(second.receipt).not.toBe(first.receipt);
    expect(await statusOf(home, 'evt_1')).toEqual(untouched);
  });

  test('never hands one entry to two of ten claims that race', async () => {
    await using home = await open();
    await put(home, ...Array.from({ length: 30 }, (_, index) => entryOf(`evt_${index}`)));

    const claimed = await Promise.all(Array.from({ length: 10 }, () => home.queue.claim('ledger', 4, LEASE_MS)));

    const ids = claimed.flatMap(eventIdsOf);
    expect(ids).toHaveLength(30);
    expect(new Set(ids).size).toBe(30);
  });

  test('is not changed by what is done to what was handed in or out', async () => {
    await using home = await open();
    const given = entryOf('evt_1');
    await put(home, given);
    Object.assign(given, { traceId: 'changed', news: 'repeated' });
    Object.assign((await claimOne(home)).entry, { traceId: 'changed', news: 'repeated' });
    Object.assign(await statusOf(home, 'evt_1'), { state: 'delivered' });
    home.clock.advance(LEASE_MS);

    expect((await claimOne(home)).entry).toEqual(entryOf('evt_1'));
    expect(await statusOf(home, 'evt_1')).toEqual(untouched);
  });
};

const defineSettleTests = (test: ContractTest, open: OpenDestinationQueue): void => {
  test('takes a delivered entry out of the line and still knows it', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    const claim = await claimOne(home);
    home.clock.advance(20);

    await settle(home, { claim, outcome: 'delivered' });

    expect(await statusOf(home, 'evt_1')).toEqual({ ...untouched, state: 'delivered', changedAt: NOW + 20 });
    home.clock.advance(10 * LEASE_MS);
    expect(await claimAll(home)).toEqual([]);
  });

  test('counts a failure, keeps its error and hands the entry out again at its time', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    const claim = await claimOne(home);
    home.clock.advance(20);

    await settle(home, { claim, outcome: 'failed', error: 'answered_5xx: ä', dueAt: NOW + 2 * LEASE_MS });

    const failed = { ...untouched, failures: 1, lastError: 'answered_5xx: ä', changedAt: NOW + 20 };
    expect(await statusOf(home, 'evt_1')).toEqual(failed);
    home.clock.set(NOW + 2 * LEASE_MS - 1);
    expect(await claimAll(home)).toEqual([]);
    home.clock.advance(1);
    expect(await claimOne(home)).toMatchObject({ entry: entryOf('evt_1'), failures: 1, enqueuedAt: NOW });
  });

  test('counts failures up, and keeps their number and the last error of what is delivered in the end', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    for (const error of ['timed_out', 'not_reachable']) {
      await settle(home, { claim: await claimOne(home), outcome: 'failed', error, dueAt: NOW });
    }
    const claim = await claimOne(home);
    expect(claim.failures).toBe(2);

    await settle(home, { claim, outcome: 'delivered' });

    expect(await statusOf(home, 'evt_1')).toMatchObject({
      state: 'delivered',
      failures: 2,
      lastError: 'not_reachable',
    });
  });

  test('puts an entry back that was not attempted as if it had not been claimed', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    await settle(home, { claim: await claimOne(home), outcome: 'failed', error: 'timed_out', dueAt: NOW });
    const before = await statusOf(home, 'evt_1');
    home.clock.advance(20);

    await settle(home, { claim: await claimOne(home), outcome: 'put_back', dueAt: NOW + 1000 });

    expect(await statusOf(home, 'evt_1')).toEqual(before);
    home.clock.set(NOW + 999);
    expect(await claimAll(home)).toEqual([]);
    home.clock.advance(1);
    expect(await claimOne(home)).toMatchObject({ failures: 1, enqueuedAt: NOW });
  });

  test('keeps an entry that was given up with its last error, out of the line', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    const claim = await claimOne(home);
    home.clock.advance(20);

    await settle(home, { claim, outcome: 'given_up', error: 'answered_4xx' });

    const givenUp = { state: 'given_up', failures: 1, lastError: 'answered_4xx', changedAt: NOW + 20 } as const;
    expect(await statusOf(home, 'evt_1')).toEqual({ ...untouched, ...givenUp });
    home.clock.advance(10 * LEASE_MS);
    expect(await claimAll(home)).toEqual([]);
  });

  const settlementsOf = (claim: DestinationClaim): readonly Settlement[] => [
    { claim, outcome: 'delivered' },
    { claim, outcome: 'failed', error: 'late', dueAt: NOW },
    { claim, outcome: 'put_back', dueAt: NOW },
    { claim, outcome: 'given_up', error: 'late' },
  ];

  test('leaves a claim alone, whatever became of it, that is somebody else’s by now', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    const lost = await claimOne(home);
    home.clock.advance(LEASE_MS);
    const owned = await claimOne(home);

    for (const settlement of settlementsOf(lost)) await settle(home, settlement);

    expect(await statusOf(home, 'evt_1')).toEqual(untouched);
    expect(await claimAll(home)).toEqual([]);
    await settle(home, { claim: owned, outcome: 'delivered' });
    expect(await statusOf(home, 'evt_1')).toMatchObject({ state: 'delivered' });
  });

  test('leaves an entry alone whose claim was settled before', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'), entryOf('evt_2'));
    const [first, second] = await claimAll(home);
    if (first === undefined || second === undefined) throw new Error('two were put');
    await settle(home, { claim: first, outcome: 'delivered' });
    await settle(home, { claim: second, outcome: 'failed', error: 'timed_out', dueAt: NOW + 5000 });
    const before = [await statusOf(home, 'evt_1'), await statusOf(home, 'evt_2')];
    home.clock.advance(10);

    for (const settlement of [...settlementsOf(first), ...settlementsOf(second)]) await settle(home, settlement);

    expect([await statusOf(home, 'evt_1'), await statusOf(home, 'evt_2')]).toEqual(before);
    expect(await claimAll(home)).toEqual([]);
  });

  test('takes what became of a claim after its lease ran out, while nobody else has claimed it', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    const claim = await claimOne(home);
    home.clock.advance(2 * LEASE_MS);

    await settle(home, { claim, outcome: 'delivered' });

    expect(await statusOf(home, 'evt_1')).toMatchObject({ state: 'delivered' });
    expect(await claimAll(home)).toEqual([]);
  });

  test('settles claims of several destinations together, also when one of them is lost', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'), entryOf('evt_2'), entryOf('evt_3', { destination: 'bus' }));
    const lost = await claimOne(home);
    home.clock.advance(LEASE_MS);
    const [, second] = await claimAll(home);
    if (second === undefined) throw new Error('two are due');
    const third = await claimOne(home, 'bus');

    await settle(
      home,
      { claim: lost, outcome: 'delivered' },
      { claim: second, outcome: 'given_up', error: 'answered_4xx' },
      { claim: third, outcome: 'delivered' },
    );

    const states = ['evt_1', 'evt_2', 'evt_3'].map(async (name) => (await statusOf(home, name)).state);
    expect(await Promise.all(states)).toEqual(['waiting', 'given_up', 'delivered']);
  });
};

const defineHastenTests = (test: ContractTest, open: OpenDestinationQueue): void => {
  test('makes due what waits for its time, the oldest first, in the one destination only', async () => {
    await using home = await open();
    for (const name of ['evt_1', 'evt_2']) {
      await put(home, entryOf(name), entryOf(name, { destination: 'bus' }));
      home.clock.advance(1);
    }
    for (const [index, claim] of [...(await claimAll(home)), ...(await claimAll(home, 'bus'))].entries()) {
      await settle(home, { claim, outcome: 'failed', error: 'not_reachable', dueAt: NOW + 100_000 - index });
    }

    await home.queue.hasten('ledger');

    expect(await claimAll(home, 'bus')).toEqual([]);
    const claims = await claimAll(home);
    expect(eventIdsOf(claims)).toEqual(['stripe:evt_1', 'stripe:evt_2']);
    expect(claims.map(({ failures }) => failures)).toEqual([1, 1]);
  });

  test('makes all due, however many they are', async () => {
    await using home = await open();
    const ids = Array.from({ length: 5500 }, (_, index) => `stripe:evt_1#${index + 2}`);
    await put(home, entryOf('evt_1'));
    const entries = ids.map((eventId) => entryOf('evt_1', { eventId, destination: 'bus' }));
    await home.queue.put(entries, home.clock.now());
    const claims = await home.queue.claim('bus', ids.length, LEASE_MS);
    const failed = { outcome: 'failed', error: 'not_reachable', dueAt: NOW + LEASE_MS } as const;
    await settle(home, ...claims.map((claim): Settlement => ({ claim, ...failed })));

    await home.queue.hasten('bus');

    expect(eventIdsOf(await home.queue.claim('bus', ids.length + 1, LEASE_MS))).toEqual(ids);
  });

  test('leaves claimed entries with whoever has claimed them', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    const claim = await claimOne(home);

    await home.queue.hasten('ledger');

    expect(await claimAll(home)).toEqual([]);
    await settle(home, { claim, outcome: 'delivered' });
    expect(await statusOf(home, 'evt_1')).toMatchObject({ state: 'delivered' });
  });

  test('brings back nothing that has ended, and does nothing where nothing waits', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'), entryOf('evt_2'));
    const [first, second] = await claimAll(home);
    if (first === undefined || second === undefined) throw new Error('two were put');
    await settle(home, { claim: first, outcome: 'delivered' }, { claim: second, outcome: 'given_up', error: 'late' });

    await home.queue.hasten('ledger');
    await home.queue.hasten('nobody');

    expect(await claimAll(home)).toEqual([]);
  });
};

const defineReadTests = (test: ContractTest, open: OpenDestinationQueue): void => {
  test('tells nothing of a webhook that had no entries', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));

    expect(await home.queue.ofWebhook(entryOf('evt_2'))).toEqual([]);
    expect(await home.queue.ofWebhook(entryOf('evt_1', { timestamp: NOW }))).toEqual([]);
  });

  test('tells what became of each entry of a webhook, ordered by event and destination', async () => {
    await using home = await open();
    const ids = ['stripe:evt_1', 'stripe:evt_1#2', 'stripe:evt_1#10'];
    const pairs = ids.flatMap((eventId) => ['archive', 'ledger'].map((destination) => ({ eventId, destination })));
    await put(home, ...pairs.toReversed().map((pair) => entryOf('evt_1', pair)), entryOf('evt_2'));
    const [claim] = await claimAll(home, 'archive');
    if (claim === undefined) throw new Error('three were put');
    await settle(home, { claim, outcome: 'delivered' });

    const statuses = await home.queue.ofWebhook(entryOf('evt_1'));

    expect(statuses.map(({ eventId, destination }) => ({ eventId, destination }))).toEqual(pairs);
    expect(statuses.filter(({ state }) => state === 'delivered')).toHaveLength(1);
  });

  test('counts what waits and what was given up for each destination asked about, in their order', async () => {
    await using home = await open();
    await put(home, ...['evt_1', 'evt_2', 'evt_3'].map((name) => entryOf(name)));
    const [first, second, third] = await claimAll(home);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three were put');
    await settle(
      home,
      { claim: first, outcome: 'delivered' },
      { claim: second, outcome: 'given_up', error: 'answered_4xx' },
      { claim: third, outcome: 'failed', error: 'timed_out', dueAt: NOW + 5000 },
    );
    home.clock.advance(1000);
    await put(home, entryOf('evt_4'), entryOf('evt_4', { destination: 'bus' }));
    await claimOne(home, 'bus');

    expect(await home.queue.depth(['bus', 'nobody', 'ledger'])).toEqual([
      { destination: 'bus', waiting: 1, givenUp: 0, oldestEnqueuedAt: NOW + 1000 },
      { destination: 'nobody', waiting: 0, givenUp: 0, oldestEnqueuedAt: null },
      { destination: 'ledger', waiting: 2, givenUp: 1, oldestEnqueuedAt: NOW },
    ]);
    expect(await home.queue.depth([])).toEqual([]);
  });

  test('knows no oldest entry once nothing waits any more', async () => {
    await using home = await open();
    await put(home, entryOf('evt_1'));
    await settle(home, { claim: await claimOne(home), outcome: 'delivered' });

    expect(await home.queue.depth(['ledger'])).toEqual([
      { destination: 'ledger', waiting: 0, givenUp: 0, oldestEnqueuedAt: null },
    ]);
  });
};

/** Runs the suite against destination queues that `open` makes, each fresh and empty. */
export const describeDestinationQueue = (
  name: string,
  open: OpenDestinationQueue,
  options: ContractOptions = {},
): void => {
  describe(`DestinationQueues: ${name}`, () => {
    defineContract(options, (test) => {
      definePutTests(test, open);
      defineClaimTests(test, open);
      defineSettleTests(test, open);
      defineHastenTests(test, open);
      defineReadTests(test, open);
    });
  });
};
