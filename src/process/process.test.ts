import { describe, expect, test } from 'vitest';
import { createTestRandomness } from '../../test/support/randomness.ts';
import { createTestHome, LEASE_MS, stripeDelivery } from '../../test/support/test-home.ts';
import { createMemoryAlerts } from '../adapters/memory/memory-recorders.ts';
import { causeOf } from '../core/cause.ts';
import type { ActOutcome } from '../core/effects.ts';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Claim } from '../core/ports/queue.ts';
import type { StatusChange, WebhookStore } from '../core/ports/webhook-store.ts';
import { HOUR_MS, SECOND_MS } from '../core/time.ts';
import type { Webhook } from '../core/webhook.ts';
import { giveUp } from '../handlers/handler.ts';
import { on } from '../handlers/on.ts';
import type { Act } from './act.ts';
import { createAloneLane } from './alone.ts';
import { createAttemptClaim } from './attempt-claim.ts';
import { createProcess, type ProcessDeps } from './process.ts';
import { createReplay } from './replay.ts';

/** A home with one claimed webhook, whose store and queue can be made to answer otherwise. */
const open = async (
  overrides: Partial<ProcessDeps> = {},
  otherwise: (store: WebhookStore) => Partial<WebhookStore> = () => ({}),
) => {
  const home = createTestHome();
  await home.deliver(stripeDelivery(home.clock, 'evt_1'));
  const [claim] = await home.queue.claim(1, 60_000);
  if (claim === undefined) throw new Error('nothing to claim');
  const settled: unknown[] = [];
  const alerts = createMemoryAlerts();
  const settle =
    (name: string) =>
    async (_: Claim, ...rest: number[]) => {
      settled.push([name, ...rest]);
      return 'settled' as const;
    };
  const process = createProcess({
    store: { ...home.store, ...otherwise(home.store) },
    queue: {
      complete: settle('complete'),
      deadLetter: settle('deadLetter'),
      retryIn: settle('retryIn'),
      putBack: settle('putBack'),
    },
    seal: home.seal,
    act: acts({ outcome: 'processed' }),
    mode: null,
    alone: createAloneLane(8),
    retryPolicy: { giveUpAfterMs: 72 * HOUR_MS, attemptsMax: 2, backoffBaseMs: 1000, backoffCapMs: 60_000 },
    clock: home.clock,
    randomness: { fraction: () => 0.5 },
    alerts,
    ...overrides,
  });
  return { home, claim, process, settled, alerts };
};

type Home = ReturnType<typeof createTestHome>;

const nextClaim = async ({ queue }: Home): Promise<Claim> => {
  const [claim] = await queue.claim(1, LEASE_MS);
  if (claim === undefined) throw new Error('nothing to claim');
  return claim;
};

const stored = async ({ store }: Home): Promise<Webhook> => {
  const [webhook] = await store.find('stripe:evt_1');
  if (webhook === undefined) throw new Error('nothing is stored');
  return webhook;
};

const acts =
  (outcome: ActOutcome): Act =>
  async (webhook) => ({ outcome, effects: webhook.effects });
const throws =
  (thrown: unknown): Act =>
  async () => {
    throw thrown;
  };
const failed: ActOutcome = { outcome: 'failed', reason: 'handler_failed', error: 'no', waitMs: null };
const rests: ActOutcome = { outcome: 'rests', reason: 'handler_rests', error: 'no', restMs: 0 };

/** A store whose queue lives elsewhere: the caller settles. */
const elsewhere = (changes: StatusChange[]) => (): Partial<WebhookStore> => ({
  change: async (_, revision, change) => {
    changes.push(change);
    return { outcome: 'changed', revision: revision + 1, isSettled: false };
  },
});

describe('one attempt at a claimed webhook', () => {
  test.each<[ActOutcome, string, string, unknown[]]>([
    [{ outcome: 'processed' }, 'processed', 'complete', []],
    [{ outcome: 'ignored', reason: 'left_out', detail: null }, 'ignored', 'complete', []],
    [failed, 'retrying', 'retryIn', [500]],
    [{ ...failed, waitMs: 7 }, 'retrying', 'retryIn', [7]],
    [{ outcome: 'given_up', reason: 'handler_gave_up', error: 'never' }, 'dead_lettered', 'deadLetter', [2]],
  ])('that comes to %j ends as %s, and its claim is settled by %s', async (acted, status, by, rest) => {
    const changes: StatusChange[] = [];
    const { process, claim, settled } = await open({ act: acts(acted) }, elsewhere(changes));

    expect(await process(claim)).toMatchObject({ outcome: status, attempt: 1 });

    expect(changes).toMatchObject([{ status, attempts: 1, actor: { type: 'component', id: 'processor' } }]);
    expect(settled).toEqual([[by, ...rest]]);
  });

  test('settles nothing when the store has settled the claim in the same step', async () => {
    const { process, claim, settled } = await open();

    expect(await process(claim)).toMatchObject({ outcome: 'processed' });

    expect(settled).toEqual([]);
  });

  test('is the last one when the attempts are used up, and somebody is told', async () => {
    const { process, claim, alerts } = await open({
      act: acts(failed),
      retryPolicy: { giveUpAfterMs: 1000, attemptsMax: 1, backoffBaseMs: 1, backoffCapMs: 1 },
    });

    expect(await process(claim)).toMatchObject({ outcome: 'dead_lettered', error: 'no' });

    expect(alerts.raised).toMatchObject([{ kind: 'dead_letter', summary: 'gave up after 1 attempt (handler_failed)' }]);
  });

  test('is none for a webhook of the other mode', async () => {
    const { process, claim, home } = await open({ mode: 'live', act: throws(new Error('acted all the same')) });

    expect(await process(claim)).toMatchObject({ outcome: 'ignored', reason: 'mode_differs' });
    expect(await home.store.find('stripe:evt_1')).toMatchObject([{ lastError: 'mode_differs' }]);
  });
});

describe('a claim with nothing to do', () => {
  test('of a webhook that is gone is completed', async () => {
    const { process, claim, settled } = await open({}, () => ({ get: async () => undefined }));

    expect(await process(claim)).toEqual({ outcome: 'skipped', reason: 'missing' });
    expect(settled).toEqual([['complete']]);
  });

  test.each([
    ['processed', ['complete']],
    ['dead_lettered', ['deadLetter', 4]],
  ] as const)('of a webhook that has ended as %s is settled as it ended', async (status, by) => {
    const { process, claim, settled } = await open({}, (real) => ({
      get: async (key) => {
        const webhook = await real.get(key);
        return webhook === undefined ? undefined : { ...webhook, status, revision: 4 };
      },
    }));

    expect(await process(claim)).toEqual({ outcome: 'skipped', reason: 'ended' });
    expect(settled).toEqual([[...by]]);
  });

  test('of a webhook that somebody else changed meanwhile is given back for a moment', async () => {
    const { process, claim, settled } = await open({}, () => ({ change: async () => ({ outcome: 'stale' }) }));

    expect(await process(claim)).toEqual({ outcome: 'skipped', reason: 'changed_meanwhile' });
    expect(settled).toEqual([['retryIn', 1000]]);
  });
});

describe('what breaks while a webhook is acted on', () => {
  test('is no fault of the webhook when a machine is broken for now: it is thrown on, and nothing is decided', async () => {
    const broken = new PayhookError('store_unavailable', 'the table is away');
    const { process, claim, home } = await open({ act: throws(broken) });

    await expect(process(claim)).rejects.toBe(broken);
    expect(await home.store.find('stripe:evt_1')).toMatchObject([{ status: 'received', attempts: 0 }]);
  });

  test('gives the webhook up when trying again cannot help', async () => {
    const { process, claim } = await open({ act: throws(new PayhookError('seal_broken', 'does not open')) });

    expect(await process(claim)).toMatchObject({ outcome: 'dead_lettered', reason: 'seal_broken' });
  });

  test('counts as a failed attempt when it is a fault in our code, which must not go on forever', async () => {
    const { process, claim } = await open({ act: throws(new TypeError('undefined is not a function')) });

    expect(await process(claim)).toMatchObject({ outcome: 'retrying', reason: 'internal', attempt: 1 });
  });
});

describe('what is kept of an attempt', () => {
  test('names the handler that failed in it, not one that gave up before and was not called', async () => {
    let isFirst = true;
    const home = createTestHome({
      handlers: {
        book: on('payment.succeeded', () => {
          if (!isFirst) throw new Error('the ledger is closed');
        }),
        ship: on('payment.succeeded', () => giveUp('no such order')),
      },
    });
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    await home.work();
    isFirst = false;
    const [dead] = await home.store.find('stripe:evt_1');
    await home.replay(dead!, { type: 'operator', id: 'alice' }, null, 'book');

    await home.work();

    const [webhook] = await home.store.find('stripe:evt_1');
    expect(webhook?.effects.history).toMatchObject([{ handler: 'ship' }, { handler: 'book' }]);
    expect(causeOf(webhook!)?.cause).toBe('handler_failed:book:the-ledger-is-closed');
  });

  test('names the handler that failed in it, not one that rests', async () => {
    const [book, ship] = ['book', 'ship'].map(
      (handler) => ({ handler, event: 0, outcome: 'failed', attempts: 1 }) as const,
    );
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    const handlersAfter = [[book!], [book!, ship!]];
    const act: Act = async ({ effects }) => ({
      outcome: { outcome: 'failed', reason: 'handler_failed', error: 'x: no answer', waitMs: 0 },
      effects: { ...effects, handlers: handlersAfter.shift() ?? [] },
    });
    const process = createProcess({ ...home.processDeps, act });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      for (const claim of await home.queue.claim(1, LEASE_MS)) await process(claim);
    }

    const [webhook] = await home.store.find('stripe:evt_1');
    expect(webhook?.effects.history).toMatchObject([{ handler: 'book' }, { handler: 'ship' }]);
  });
});

describe('a webhook that may take down whatever it runs in', () => {
  /** As often as it dies: the claim of a worker that never comes back, and another one. */
  const dyingHome = () => {
    const home = createTestHome();
    const processThat = (act: Act, overrides: Partial<ProcessDeps> = {}) =>
      createProcess({ ...home.processDeps, act, alone: createAloneLane(8), ...overrides });
    /** Whoever claims it dies in the middle of it. */
    const die = async (): Promise<void> => {
      const claim = await nextClaim(home);
      const { promise: died, resolve: dies } = Promise.withResolvers<void>();
      const forever = new Promise<never>(() => undefined);
      void processThat(() => {
        dies();
        return forever;
      })(claim);
      await died;
      home.clock.advance(LEASE_MS);
    };
    return { home, processThat, die };
  };
  test('has run ten times when it is given up without being run again, and the trail has each time that it ran alone', async () => {
    const { home, processThat, die } = dyingHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    for (let times = 0; times < 10; times += 1) await die();

    const outcome = await processThat(throws(new Error('run all the same')))(await nextClaim(home));

    expect(outcome).toMatchObject({ outcome: 'dead_lettered', reason: 'attempts_broken' });
    expect(await stored(home)).toMatchObject({ status: 'dead_lettered', attempts: 10 });
    const entries = await home.memory.auditLog.read(0, 100);
    expect(entries.filter((entry) => JSON.stringify(entry).includes('attempt_begun_alone'))).toHaveLength(9);
  });

  test('and only was there runs alone once, ends as it ends, and is like any other again', async () => {
    const { home, processThat, die } = dyingHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    await die();
    const alone: boolean[] = [];
    const process = processThat(async (webhook, _, isAlone) => {
      alone.push(isAlone);
      return { outcome: alone.length < 2 ? failed : { outcome: 'processed' }, effects: webhook.effects };
    });

    await process(await nextClaim(home));
    expect(await stored(home)).toMatchObject({ status: 'retrying', effects: { round: { brokenAttempts: 0 } } });
    home.clock.advance(LEASE_MS);
    await process(await nextClaim(home));

    expect(alone).toEqual([true, false]);
    expect(await stored(home)).toMatchObject({ status: 'processed', attempts: 2 });
  });

  test('waits while another one runs alone, and has its turn then', async () => {
    const { home, processThat, die } = dyingHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    await die();
    const alone = createAloneLane(8);
    await alone.enter();

    const outcome = processThat(acts({ outcome: 'processed' }), { alone })(await nextClaim(home));
    expect(await stored(home)).toMatchObject({ status: 'received', attempts: 0 });
    alone.leave();

    expect(await outcome).toMatchObject({ outcome: 'processed', attempt: 1 });
  });

  test('is put back without an attempt when too many wait, or when it has waited for too long', async () => {
    const { home, processThat, die } = dyingHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    await die();

    const process = processThat(throws(new Error('run all the same')), {
      alone: { enter: async () => false, leave: () => undefined },
    });

    expect(await process(await nextClaim(home))).toEqual({ outcome: 'skipped', reason: 'runs_alone_later' });
    expect(await stored(home)).toMatchObject({ status: 'received', attempts: 0 });
    home.clock.advance(LIMITS.aloneBackMs);
    expect(await nextClaim(home)).toMatchObject({ claimedTimes: 3 });
  });

  test('lets the next one run alone, however its attempt ends', async () => {
    const { home, processThat, die } = dyingHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    await die();
    const alone = createAloneLane(8);

    const broken = new PayhookError('store_unavailable', 'the table is away');
    await expect(processThat(throws(broken), { alone })(await nextClaim(home))).rejects.toBe(broken);

    expect(await alone.enter()).toBe(true);
  });

  test('is not blamed for a machine of ours that breaks while it runs alone, however often', async () => {
    const { home, processThat, die } = dyingHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    await die();
    const broken = new PayhookError('store_unavailable', 'the table is away');

    for (let times = 0; times < 20; times += 1) {
      await expect(processThat(throws(broken))(await nextClaim(home))).rejects.toBe(broken);
      home.clock.advance(LEASE_MS);
    }

    expect(await stored(home)).toMatchObject({ attempts: 0, effects: { round: { brokenAttempts: 0 } } });
    expect(await processThat(acts({ outcome: 'processed' }))(await nextClaim(home))).toMatchObject({ attempt: 1 });
  });

  test('keeps what it did before when it only fails: it goes on running alone, and is given up after the same number', async () => {
    const { home, processThat, die } = dyingHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    await die();
    await die();
    const alone: boolean[] = [];
    const process = processThat(
      async (webhook, _, isAlone) => {
        alone.push(isAlone);
        return { outcome: failed, effects: webhook.effects };
      },
      { retryPolicy: { ...LIMITS } },
    );

    for (let times = 0; times < 3; times += 1) {
      await process(await nextClaim(home));
      home.clock.advance(LEASE_MS);
    }

    expect(alone).toEqual([true, true, true]);
    expect(await stored(home)).toMatchObject({ effects: { round: { brokenAttempts: 1 } } });
  });

  test('is told by what it ran in, where that is left to tell: given up after the ninth time alone', async () => {
    const { home, processThat, die } = dyingHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    await die();
    const exited: ActOutcome = { outcome: 'broken', reason: 'handler_ended_process', error: 'ship: exit code 3' };
    const process = processThat(acts(exited), { retryPolicy: { ...LIMITS } });

    const outcomes: string[] = [];
    for (let times = 0; times < 9; times += 1) {
      outcomes.push((await process(await nextClaim(home))).outcome);
      home.clock.advance(HOUR_MS);
    }

    expect(outcomes).toEqual([...Array(8).fill('retrying'), 'dead_lettered']);
    expect(await stored(home)).toMatchObject({ lastError: 'ship: exit code 3' });
  });

  test('regression: no outage makes a suspect of it, however long store or queue are away', async () => {
    const { home, processThat } = dyingHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    const process = processThat(throws(new PayhookError('store_unavailable', 'the table is away')));
    const attemptClaim = createAttemptClaim({ ...home, process, metrics: { attempt: () => undefined } });
    for (let times = 0; times < 40; times += 1) {
      await attemptClaim(await nextClaim(home));
      home.clock.advance(HOUR_MS);
    }

    expect(await processThat(acts({ outcome: 'processed' }))(await nextClaim(home))).toMatchObject({ attempt: 1 });
  });
});

describe('how long a webhook is tried', () => {
  test('with the limits that it ships with is 72 hours of failing: never given up before, within a quarter of an hour after', async () => {
    for (const randomness of [createTestRandomness('waits'), { fraction: () => 0.999_999 }]) {
      const home = createTestHome();
      await home.deliver(stripeDelivery(home.clock, 'evt_1'));
      const receivedAt = home.clock.now();
      const process = createProcess({
        ...home.processDeps,
        act: acts(failed),
        retryPolicy: { ...LIMITS },
        randomness,
      });
      let outcome = 'retrying';
      while (outcome === 'retrying') {
        const [claim] = await home.queue.claim(1, LEASE_MS);
        if (claim === undefined) home.clock.advance(SECOND_MS);
        else outcome = (await process(claim)).outcome;
      }
      const hours = (home.clock.now() - receivedAt) / HOUR_MS;
      expect(outcome).toBe('dead_lettered');
      expect(hours).toBeGreaterThanOrEqual(72);
      expect(hours).toBeLessThan(72.26);
    }
  });

  test('is counted from its replay, once it was replayed', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    home.clock.advance(100 * HOUR_MS);
    const replay = createReplay(home);
    await createProcess({ ...home.processDeps, act: acts({ outcome: 'processed' }) })(await nextClaim(home));
    await replay(await stored(home), { type: 'operator', id: 'anna' }, null);
    const process = createProcess({ ...home.processDeps, act: acts(failed), retryPolicy: { ...LIMITS } });

    for (let times = 0; times < 8; times += 1) {
      expect(await process(await nextClaim(home))).toMatchObject({ outcome: 'retrying' });
      home.clock.advance(HOUR_MS);
    }
  });

  test('is some attempts at least, when the machine was off all the while', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    home.clock.advance(100 * HOUR_MS);
    const process = createProcess({ ...home.processDeps, act: acts(failed), retryPolicy: { ...LIMITS } });

    const outcomes: string[] = [];
    for (let times = 0; times < LIMITS.attemptsMin; times += 1) {
      outcomes.push((await process(await nextClaim(home))).outcome);
      home.clock.advance(HOUR_MS);
    }

    expect(outcomes).toEqual(['retrying', 'retrying', 'retrying', 'retrying', 'dead_lettered']);
  });

  test('is not used up by attempts that called nobody because a handler rested', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    const process = (act: ActOutcome) =>
      createProcess({ ...home.processDeps, act: acts(act), retryPolicy: { ...LIMITS, attemptsMax: 3 } });
    const outcomes: string[] = [];
    for (const act of [rests, failed, rests, rests, rests, failed, rests, failed]) {
      outcomes.push((await process(act)(await nextClaim(home))).outcome);
      home.clock.advance(HOUR_MS);
    }

    expect(outcomes).toEqual([...Array<string>(7).fill('retrying'), 'dead_lettered']);
    expect(await stored(home)).toMatchObject({ attempts: 8, effects: { round: { restedAttempts: 5 } } });
  });

  test('ends for a handler that never comes back, after enough rests when the machine was off all the while', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    home.clock.advance(100 * HOUR_MS);
    const process = createProcess({ ...home.processDeps, act: acts(rests), retryPolicy: { ...LIMITS } });

    const outcomes: string[] = [];
    for (let times = 0; times < LIMITS.restedAttemptsMin; times += 1) {
      outcomes.push((await process(await nextClaim(home))).outcome);
      home.clock.advance(HOUR_MS);
    }

    expect(outcomes.at(-1)).toBe('dead_lettered');
    expect(new Set(outcomes.slice(0, -1))).toEqual(new Set(['retrying']));
  });

  test('is one attempt after another while a handler rests, never sooner than it may be asked again', async () => {
    const { process, claim } = await open({ act: acts({ ...rests, restMs: 60_000 }) });

    expect(await process(claim)).toMatchObject({ outcome: 'retrying', retryInMs: 60_000 });
  });
});
