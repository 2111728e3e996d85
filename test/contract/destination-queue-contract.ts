/** What every destination queue keeps: the sentences of the port, as tests. */
import { describe, expect } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { WebhookStore } from '../../src/core/ports/webhook-store.ts';
import type {
  DestinationClaim,
  DestinationEntry,
  DestinationQueue,
  DestinationStatus,
  Settlement,
} from '../../src/destinations/destination-queue.ts';
import { NOW, type TestClock } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';

export interface DestinationQueueHarness extends AsyncDisposable {
  /** Entries point at webhooks that are stored here. */
  readonly store: WebhookStore;
  readonly destinations: DestinationQueue;
  readonly clock: TestClock;
}

export type OpenDestinationQueue = () => Promise<DestinationQueueHarness>;

type Home = DestinationQueueHarness;

const LEASE_MS = LIMITS.leaseMs;
const LATER_MS = 10 * LEASE_MS;

/** Stores a webhook and returns an entry for its event of this number. */
const entryFor = async (
  { store }: Home,
  name: string,
  { eventNumber = 1, ...overrides }: Partial<DestinationEntry> & { readonly eventNumber?: number } = {},
): Promise<DestinationEntry> => {
  const webhookId = `stripe:${name}`;
  const { timestamp } = overrides;
  const webhook = { webhookId, traceId: `trace-${name}`, ...(timestamp === undefined ? {} : { timestamp }) };
  const insertion = insertionOf(webhook, { status: 'processed' });
  await store.insert(insertion);
  return {
    webhookId,
    timestamp: insertion.webhook.timestamp,
    destination: 'ledger',
    eventId: eventNumber === 1 ? webhookId : `${webhookId}#${eventNumber}`,
    provider: 'stripe',
    traceId: `trace-${name}`,
    isNews: true,
    ...overrides,
  };
};

/** Puts one entry of a new webhook into the line of a destination, at the present instant. */
const putOne = async (home: Home, name: string, destination = 'ledger'): Promise<DestinationEntry> => {
  const entry = await entryFor(home, name, { destination });
  await home.destinations.put([entry], home.clock.now());
  return entry;
};

/** Puts entries with a millisecond between them. */
const putAll = async (home: Home, ...names: string[]): Promise<void> => {
  for (const name of names) {
    await putOne(home, name);
    home.clock.advance(1);
  }
};

const claimAll = ({ destinations }: Home, destination = 'ledger'): Promise<readonly DestinationClaim[]> =>
  destinations.claim(destination, 100, LEASE_MS);

const claimOne = async ({ destinations }: Home): Promise<DestinationClaim> => {
  const [claim] = await destinations.claim('ledger', 1, LEASE_MS);
  if (claim === undefined) throw new Error('nothing was there to be claimed');
  return claim;
};

const settleAll = ({ destinations, clock }: Home, ...settlements: Settlement[]): Promise<void> =>
  destinations.settle(settlements, clock.now());

/** Fails the oldest due entry, which is due again after the wait. */
const failOne = async (home: Home, waitMs: number): Promise<void> => {
  const claim = await claimOne(home);
  await settleAll(home, { claim, outcome: 'failed', error: 'answered_5xx: 503', dueAt: home.clock.now() + waitMs });
};

const statusOf = async ({ destinations }: Home, entry: DestinationEntry): Promise<DestinationStatus> => {
  const statuses = await destinations.ofWebhook(entry);
  const status = statuses.find((one) => one.eventId === entry.eventId && one.destination === entry.destination);
  if (status === undefined) throw new Error(`${entry.eventId} never was in the line of ${entry.destination}`);
  return status;
};

const namesOf = (claims: readonly DestinationClaim[]): string[] =>
  claims.map(({ entry }) => entry.eventId.replace('stripe:', ''));

const definePutTests = (test: ContractTest, open: OpenDestinationQueue): void => {
  test('hands out the entry as it was put, and when that was', async () => {
    await using home = await open();
    const entries = [
      await entryFor(home, 'evt_ä-🧾', { isNews: false }),
      await entryFor(home, 'evt_2', { eventNumber: 2 }),
    ];
    for (const [index, entry] of entries.entries()) await home.destinations.put([entry], NOW + index);
    home.clock.advance(10);

    const claims = await claimAll(home);

    expect(claims.map(({ entry }) => entry)).toEqual(entries);
    expect(claims).toMatchObject([
      { enqueuedAt: NOW, failures: 0 },
      { enqueuedAt: NOW + 1, failures: 0 },
    ]);
  });

  test('carries a pointer only, whatever else the entry that it was given holds', async () => {
    await using home = await open();
    const entry = await entryFor(home, 'evt_1');

    await home.destinations.put([Object.assign({ payload: 'of the webhook' }, entry)], NOW);

    expect((await claimOne(home)).entry).toEqual(entry);
  });

  test('is not changed by what is done to what was handed in or out', async () => {
    await using home = await open();
    const entry = await entryFor(home, 'evt_1');
    const handedIn = { ...entry };
    await home.destinations.put([handedIn], NOW);

    Object.assign(handedIn, { traceId: 'defaced', isNews: false });
    const claim = await claimOne(home);
    Object.assign(claim.entry, { traceId: 'defaced' });
    home.clock.advance(LEASE_MS);

    expect((await claimOne(home)).entry).toEqual(entry);
  });

  test('leaves an entry as it is that is put again while it waits', async () => {
    await using home = await open();
    const entry = await putOne(home, 'evt_1');
    await failOne(home, 5000);
    const before = await statusOf(home, entry);
    home.clock.advance(1000);

    await home.destinations.put([entry, entry], home.clock.now());

    expect(await statusOf(home, entry)).toEqual(before);
    expect(before).toMatchObject({ state: 'waiting', failures: 1, enqueuedAt: NOW });
    expect(await claimAll(home)).toEqual([]);
    home.clock.advance(4000);
    expect(await claimAll(home)).toHaveLength(1);
  });

  test('leaves a claim valid when its entry is put again', async () => {
    await using home = await open();
    const entry = await putOne(home, 'evt_1');
    const claim = await claimOne(home);

    await home.destinations.put([entry], home.clock.now());

    expect(await claimAll(home)).toEqual([]);
    await settleAll(home, { claim, outcome: 'delivered' });
    expect(await statusOf(home, entry)).toMatchObject({ state: 'delivered' });
  });

  for (const outcome of ['delivered', 'given_up'] as const) {
    test(`lets an entry that was ${outcome} wait anew when it is put again, from its first attempt`, async () => {
      await using home = await open();
      const entry = await putOne(home, 'evt_1');
      await failOne(home, 0);
      const claim = await claimOne(home);
      await settleAll(home, { claim, outcome, error: 'answered_4xx: 404' });
      expect(await statusOf(home, entry)).toMatchObject({ state: outcome });
      expect(await claimAll(home)).toEqual([]);
      home.clock.advance(LATER_MS);

      await home.destinations.put([{ ...entry, isNews: false }], home.clock.now());

      expect(await statusOf(home, entry)).toEqual({
        destination: 'ledger',
        eventId: entry.eventId,
        state: 'waiting',
        failures: 0,
        lastError: null,
        enqueuedAt: NOW + LATER_MS,
        changedAt: NOW + LATER_MS,
      });
      await settleAll(home, { claim, outcome: 'delivered' });
      expect(await claimOne(home)).toMatchObject({
        entry: { isNews: false },
        enqueuedAt: NOW + LATER_MS,
        failures: 0,
      });
    });
  }
};

const defineClaimTests = (test: ContractTest, open: OpenDestinationQueue): void => {
  test('hands out nothing where nothing is, and nothing of a destination that it never heard of', async () => {
    await using home = await open();
    await putOne(home, 'evt_1');

    expect(await claimAll(home, 'bus')).toEqual([]);
    expect(await claimAll(home)).toHaveLength(1);
  });

  test('hands out the oldest entry first, whichever was stored first', async () => {
    await using home = await open();
    for (const name of ['third', 'first', 'second']) await entryFor(home, name);
    await putAll(home, 'first', 'second', 'third');

    const claims = [
      ...(await home.destinations.claim('ledger', 2, LEASE_MS)),
      ...(await home.destinations.claim('ledger', 2, LEASE_MS)),
    ];

    expect(namesOf(claims)).toEqual(['first', 'second', 'third']);
  });

  test('hands out the oldest of what is due first, also when it backed off before', async () => {
    await using home = await open();
    await putAll(home, 'old', 'still_waiting', 'new');
    for (const { claim, waitMs } of (await home.destinations.claim('ledger', 2, LEASE_MS)).map((claim, index) => ({
      claim,
      waitMs: 1000 + index,
    }))) {
      await settleAll(home, { claim, outcome: 'failed', error: 'timed_out', dueAt: home.clock.now() + waitMs });
    }
    home.clock.advance(999);
    expect(namesOf(await home.destinations.claim('ledger', 100, 1))).toEqual(['new']);
    home.clock.advance(1);

    expect(namesOf(await claimAll(home))).toEqual(['old', 'new']);
  });

  test('hands out at most as many entries as the limit', async () => {
    await using home = await open();
    await putAll(home, 'evt_1', 'evt_2', 'evt_3');

    expect(await home.destinations.claim('ledger', 2, LEASE_MS)).toHaveLength(2);
    expect(await home.destinations.claim('ledger', 2, LEASE_MS)).toHaveLength(1);
  });

  test('hides a claimed entry until its lease ran out, then hands it out with another receipt', async () => {
    await using home = await open();
    await putOne(home, 'evt_1');
    const first = await claimOne(home);

    home.clock.advance(LEASE_MS - 1);
    expect(await claimAll(home)).toEqual([]);
    home.clock.advance(1);

    const second = await claimOne(home);
    expect(second).toEqual({ ...first, receipt: second.receipt });
    expect(second.receipt).not.toBe(first.receipt);
  });

  test('hands out each destination’s own entries only', async () => {
    await using home = await open();
    const ofLedger = await putOne(home, 'evt_1', 'ledger');
    const ofBus = await putOne(home, 'evt_1', 'bus');

    const [claim, ...others] = await claimAll(home, 'bus');

    expect(others).toEqual([]);
    expect(claim?.entry).toEqual(ofBus);
    if (claim !== undefined) await settleAll(home, { claim, outcome: 'delivered' });
    expect((await claimOne(home)).entry).toEqual(ofLedger);
    expect(await statusOf(home, ofLedger)).toMatchObject({ state: 'waiting' });
  });

  test('keeps two webhooks with one id and two timestamps apart', async () => {
    await using home = await open();
    const entries = [
      await entryFor(home, 'evt_1', { timestamp: NOW - 1 }),
      await entryFor(home, 'evt_1', { timestamp: NOW - 2 }),
    ];
    for (const [index, entry] of entries.entries()) await home.destinations.put([entry], NOW + index);
    home.clock.advance(1);

    const [first, second] = await claimAll(home);

    expect([first?.entry, second?.entry]).toEqual(entries);
    if (first !== undefined) await settleAll(home, { claim: first, outcome: 'delivered' });
    expect(await Promise.all(entries.map((entry) => statusOf(home, entry)))).toMatchObject([
      { state: 'delivered' },
      { state: 'waiting' },
    ]);
  });

  test('never hands one entry to two of ten claims that race', async () => {
    await using home = await open();
    await putAll(home, ...Array.from({ length: 30 }, (_, index) => `evt_${index}`));

    const claimed = await Promise.all(
      Array.from({ length: 10 }, () => home.destinations.claim('ledger', 4, LEASE_MS)),
    );

    const names = claimed.flatMap(namesOf);
    expect(names).toHaveLength(30);
    expect(new Set(names).size).toBe(30);
  });
};

const defineSettleTests = (test: ContractTest, open: OpenDestinationQueue): void => {
  test('is done with a delivered entry, and remembers what failed before', async () => {
    await using home = await open();
    const entry = await putOne(home, 'evt_1');
    await failOne(home, 1000);
    home.clock.advance(1000);

    await settleAll(home, { claim: await claimOne(home), outcome: 'delivered' });

    expect(await statusOf(home, entry)).toEqual({
      destination: 'ledger',
      eventId: entry.eventId,
      state: 'delivered',
      failures: 1,
      lastError: 'answered_5xx: 503',
      enqueuedAt: NOW,
      changedAt: NOW + 1000,
    });
    home.clock.advance(LATER_MS);
    expect(await claimAll(home)).toEqual([]);
  });

  test('makes a failed entry due at its time, with one failure more and the error', async () => {
    await using home = await open();
    const entry = await putOne(home, 'evt_1');
    await failOne(home, LATER_MS);

    home.clock.advance(LATER_MS - 1);
    expect(await claimAll(home)).toEqual([]);
    expect(await statusOf(home, entry)).toMatchObject({
      state: 'waiting',
      failures: 1,
      lastError: 'answered_5xx: 503',
      enqueuedAt: NOW,
      changedAt: NOW,
    });
    home.clock.advance(1);

    const claim = await claimOne(home);
    expect(claim).toMatchObject({ entry, failures: 1, enqueuedAt: NOW });
    await settleAll(home, { claim, outcome: 'failed', error: 'timed_out: 10 s', dueAt: home.clock.now() });
    expect(await statusOf(home, entry)).toMatchObject({ failures: 2, lastError: 'timed_out: 10 s' });
    expect(await claimOne(home)).toMatchObject({ failures: 2 });
  });

  test('makes a failed entry due before its lease would have ended, when that is its time', async () => {
    await using home = await open();
    await putOne(home, 'evt_1');

    await failOne(home, 1);

    expect(await claimAll(home)).toEqual([]);
    home.clock.advance(1);
    expect(await claimAll(home)).toHaveLength(1);
  });

  test('puts an entry back as if it had not been claimed', async () => {
    await using home = await open();
    const entry = await putOne(home, 'evt_1');
    await failOne(home, 1000);
    home.clock.advance(1000);
    const before = await statusOf(home, entry);
    const claim = await claimOne(home);
    home.clock.advance(1);

    await settleAll(home, { claim, outcome: 'put_back', dueAt: home.clock.now() + 500 });

    expect(await statusOf(home, entry)).toEqual(before);
    home.clock.advance(499);
    expect(await claimAll(home)).toEqual([]);
    home.clock.advance(1);
    expect(await claimOne(home)).toMatchObject({ failures: 1, enqueuedAt: NOW });
  });

  test('is done with an entry that was given up, and says why', async () => {
    await using home = await open();
    const entry = await putOne(home, 'evt_1');
    const claim = await claimOne(home);
    home.clock.advance(10);

    await settleAll(home, { claim, outcome: 'given_up', error: 'answered_4xx: 410' });

    expect(await statusOf(home, entry)).toMatchObject({
      state: 'given_up',
      failures: 1,
      lastError: 'answered_4xx: 410',
      enqueuedAt: NOW,
      changedAt: NOW + 10,
    });
    home.clock.advance(LATER_MS);
    expect(await claimAll(home)).toEqual([]);
  });

  test('writes what became of several claims, each its own', async () => {
    await using home = await open();
    const entries: DestinationEntry[] = [];
    for (const name of ['evt_1', 'evt_2', 'evt_3', 'evt_4']) entries.push(await putOne(home, name));
    const dueAt = home.clock.now() + 1000;
    const ends: readonly Omit<Settlement, 'claim'>[] = [
      { outcome: 'delivered' },
      { outcome: 'failed', error: 'timed_out', dueAt } as Omit<Settlement, 'claim'>,
      { outcome: 'put_back', dueAt } as Omit<Settlement, 'claim'>,
      { outcome: 'given_up', error: 'not_accepted' } as Omit<Settlement, 'claim'>,
    ];
    const claims = await claimAll(home);

    await settleAll(
      home,
      ...entries.map((entry, index) => {
        const claim = claims.find((one) => one.entry.eventId === entry.eventId);
        return { claim, ...ends[index] } as Settlement;
      }),
    );

    expect(await Promise.all(entries.map((entry) => statusOf(home, entry)))).toMatchObject([
      { state: 'delivered', failures: 0, lastError: null },
      { state: 'waiting', failures: 1, lastError: 'timed_out' },
      { state: 'waiting', failures: 0, lastError: null },
      { state: 'given_up', failures: 1, lastError: 'not_accepted' },
    ]);
    home.clock.advance(1000);
    expect(namesOf(await claimAll(home)).toSorted()).toEqual(['evt_2', 'evt_3']);
  });

  const outcomes = ['delivered', 'failed', 'put_back', 'given_up'] as const;
  const settlementOf = (claim: DestinationClaim, outcome: (typeof outcomes)[number], dueAt: number): Settlement => ({
    claim,
    outcome,
    error: 'too late',
    dueAt,
  });

  for (const outcome of outcomes) {
    test(`leaves alone what is ${outcome} by a claim that is somebody else's by now, and writes the rest`, async () => {
      await using home = await open();
      const entry = await putOne(home, 'evt_1');
      const lost = await claimOne(home);
      home.clock.advance(LEASE_MS);
      const owned = await claimOne(home);
      const before = await statusOf(home, entry);
      const other = await putOne(home, 'evt_2');
      const claimOfOther = await claimOne(home);

      await settleAll(home, settlementOf(lost, outcome, home.clock.now()), {
        claim: claimOfOther,
        outcome: 'delivered',
      });

      expect(await statusOf(home, entry)).toEqual(before);
      expect(await claimAll(home)).toEqual([]);
      expect(await statusOf(home, other)).toMatchObject({ state: 'delivered' });
      await settleAll(home, { claim: owned, outcome: 'delivered' });
      expect(await statusOf(home, entry)).toMatchObject({ state: 'delivered', failures: 0 });
    });

    test(`leaves alone what is ${outcome} by a claim that was settled before`, async () => {
      await using home = await open();
      const entry = await putOne(home, 'evt_1');
      const claim = await claimOne(home);
      await settleAll(home, { claim, outcome: 'failed', error: 'timed_out', dueAt: home.clock.now() + 1000 });
      const before = await statusOf(home, entry);
      home.clock.advance(1);

      await settleAll(home, settlementOf(claim, outcome, home.clock.now()));

      expect(await statusOf(home, entry)).toEqual(before);
      expect(await claimAll(home)).toEqual([]);
    });
  }
};

const defineHastenTests = (test: ContractTest, open: OpenDestinationQueue): void => {
  test('makes what waits for its time due now when its destination is back, but not what is claimed', async () => {
    await using home = await open();
    await putAll(home, 'backed_off', 'put_back', 'claimed');
    await failOne(home, LATER_MS);
    const claim = await claimOne(home);
    await settleAll(home, { claim, outcome: 'put_back', dueAt: home.clock.now() + LATER_MS });
    expect(namesOf([await claimOne(home)])).toEqual(['claimed']);
    home.clock.advance(1);
    expect(await claimAll(home)).toEqual([]);

    await home.destinations.hasten('ledger');

    const claims = await claimAll(home);
    expect(namesOf(claims)).toEqual(['backed_off', 'put_back']);
    expect(claims.map(({ failures }) => failures)).toEqual([1, 0]);
    home.clock.advance(LEASE_MS);
    expect(namesOf(await claimAll(home))).toEqual(['backed_off', 'put_back', 'claimed']);
  });

  test('hastens one destination only, and nothing that is done', async () => {
    await using home = await open();
    const done = await putOne(home, 'done');
    await settleAll(home, { claim: await claimOne(home), outcome: 'delivered' });
    await putOne(home, 'evt_1');
    await failOne(home, LATER_MS);

    await home.destinations.hasten('bus');
    expect(await claimAll(home)).toEqual([]);
    await home.destinations.hasten('ledger');

    expect(namesOf(await claimAll(home))).toEqual(['evt_1']);
    expect(await statusOf(home, done)).toMatchObject({ state: 'delivered' });
  });
};

const defineReadTests = (test: ContractTest, open: OpenDestinationQueue): void => {
  test('counts for each destination what waits and what was given up, in the order of the question', async () => {
    await using home = await open();
    await putAll(home, 'given_up', 'delivered', 'claimed', 'backed_off');
    const [givenUp, delivered, , backedOff] = await claimAll(home);
    if (givenUp === undefined || delivered === undefined || backedOff === undefined) throw new Error('four entries');
    await settleAll(
      home,
      { claim: givenUp, outcome: 'given_up', error: 'answered_4xx' },
      { claim: delivered, outcome: 'delivered' },
      { claim: backedOff, outcome: 'failed', error: 'timed_out', dueAt: NOW + LATER_MS },
    );
    await putOne(home, 'given_up', 'bus');

    expect(await home.destinations.depth(['never', 'ledger', 'bus'])).toEqual([
      { destination: 'never', waiting: 0, givenUp: 0, oldestEnqueuedAt: null },
      { destination: 'ledger', waiting: 2, givenUp: 1, oldestEnqueuedAt: NOW + 2 },
      { destination: 'bus', waiting: 1, givenUp: 0, oldestEnqueuedAt: NOW + 4 },
    ]);
    expect(await home.destinations.depth([])).toEqual([]);
  });

  test('says what became of a webhook’s entries, ordered by event and destination', async () => {
    await using home = await open();
    for (const eventNumber of [10, 2, 1]) {
      for (const destination of ['ledger', 'archive']) {
        await home.destinations.put([await entryFor(home, 'evt_1', { eventNumber, destination })], NOW);
      }
    }
    await putOne(home, 'evt_2');
    const key = await entryFor(home, 'evt_1');

    const statuses = await home.destinations.ofWebhook(key);

    expect(statuses.map(({ eventId, destination }) => [eventId, destination])).toEqual([
      ['stripe:evt_1', 'archive'],
      ['stripe:evt_1', 'ledger'],
      ['stripe:evt_1#2', 'archive'],
      ['stripe:evt_1#2', 'ledger'],
      ['stripe:evt_1#10', 'archive'],
      ['stripe:evt_1#10', 'ledger'],
    ]);
    expect(statuses[0]).toEqual({
      destination: 'archive',
      eventId: 'stripe:evt_1',
      state: 'waiting',
      failures: 0,
      lastError: null,
      enqueuedAt: NOW,
      changedAt: NOW,
    });
  });

  test('says nothing of a webhook that had no entry', async () => {
    await using home = await open();
    const entry = await putOne(home, 'evt_1');

    expect(await home.destinations.ofWebhook({ ...entry, timestamp: entry.timestamp - 1 })).toEqual([]);
    expect(await home.destinations.ofWebhook({ ...entry, webhookId: 'stripe:evt_none' })).toEqual([]);
  });
};

/** Runs the suite against destination queues that `open` makes, each fresh and empty. */
export const describeDestinationQueue = (
  name: string,
  open: OpenDestinationQueue,
  options: ContractOptions = {},
): void => {
  describe(`DestinationQueue: ${name}`, () => {
    defineContract(options, (test) => {
      definePutTests(test, open);
      defineClaimTests(test, open);
      defineSettleTests(test, open);
      defineHastenTests(test, open);
      defineReadTests(test, open);
    });
  });
};
