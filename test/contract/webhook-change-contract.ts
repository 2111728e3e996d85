/** What every webhook store keeps when a webhook changes: conditions, the status machine, and what becomes of the claim. */

import { describe, expect } from 'vitest';
import { type Effects, NO_EFFECTS } from '../../src/core/effects.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { Claim } from '../../src/core/ports/queue.ts';
import type { ChangeOutcome, StatusChange } from '../../src/core/ports/webhook-store.ts';
import { isTransitionAllowed, WEBHOOK_STATUSES, type WebhookStatus } from '../../src/core/status.ts';
import { NOW } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';
import { asStored, getStored, type HomeHarness, insertQueued, type OpenHome } from './homes.ts';

const LEASE_MS = LIMITS.leaseMs;
const { webhook } = insertionOf();

const changeTo = (status: WebhookStatus, overrides: Partial<StatusChange> = {}): StatusChange => ({
  status,
  attempts: 1,
  lastError: null,
  nextAttemptAt: null,
  effects: NO_EFFECTS,
  changedAt: NOW,
  actor: { type: 'component', id: 'processor' },
  reason: null,
  ...overrides,
});

/** Changes as the core does: with the claim, and settling it when the store did not. */
const changeSettled = async (home: HomeHarness, change: StatusChange, claim: Claim): Promise<ChangeOutcome> => {
  const { revision } = await getStored(home, webhook);
  const result = await home.store.change(webhook, revision, change, claim);
  if (result.outcome === 'changed' && !result.isSettled) {
    if (change.status === 'retrying') await home.queue.retryIn(claim, (change.nextAttemptAt ?? 0) - home.clock.now());
    else await home.queue.complete(claim);
  }
  await home.settle?.();
  return result;
};

/** As an operator does: without a claim, enqueuing when the store did not. */
const replay = async (home: HomeHarness): Promise<void> => {
  const { revision, provider, traceId } = await getStored(home, webhook);
  const change = changeTo('received', {
    attempts: 0,
    changedAt: home.clock.now(),
    actor: { type: 'operator', id: 'ada' },
  });
  const result = await home.store.change(webhook, revision, change);
  if (result.outcome === 'changed' && !result.isSettled) {
    await home.queue.enqueue({ webhookId: webhook.webhookId, timestamp: webhook.timestamp, provider, traceId });
  }
  await home.settle?.();
};

const claimOne = async (home: HomeHarness): Promise<Claim> => {
  const [claim] = await home.queue.claim(1, LEASE_MS);
  if (claim === undefined) throw new Error('nothing was there to be claimed');
  return claim;
};

/** Brings a fresh webhook into the status, by changes that the status machine allows. */
const insertAs = async (home: HomeHarness, status: WebhookStatus): Promise<number> => {
  await insertQueued(home, insertionOf());
  if (status === 'received') return 1;
  const change = changeTo(status, status === 'retrying' ? { nextAttemptAt: NOW + 1000 } : {});
  await home.store.change(webhook, 1, change);
  await home.settle?.();
  return 2;
};

const defineConditionTests = (test: ContractTest, open: OpenHome): void => {
  test('writes exactly the named fields and adds 1 to the revision', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    const change = changeTo('retrying', {
      attempts: 3,
      lastError: 'handler_failed: ä',
      nextAttemptAt: NOW + 5000,
      effects: NO_EFFECTS,
      changedAt: NOW + 9,
      reason: 'handler_failed',
    });

    const result = await home.store.change(webhook, 1, change);

    expect(result).toMatchObject({ outcome: 'changed', revision: 2 });
    expect(await getStored(home, webhook)).toEqual({
      ...asStored(insertionOf()),
      status: 'retrying',
      attempts: 3,
      lastError: 'handler_failed: ä',
      nextAttemptAt: NOW + 5000,
      effects: NO_EFFECTS,
      changedAt: NOW + 9,
      changedBy: { type: 'component', id: 'processor' },
      revision: 2,
    });
  });

  test('keeps what processing has done, whatever the names, and knows when it has done nothing', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    const effects: Effects = {
      events: [
        { type: 'payment.succeeded', paymentId: 'pi_ä #1: "odd"', news: 'news' },
        { type: 'payout.paid', paymentId: null, news: 'repeated' },
        { type: 'refund.succeeded', paymentId: 'p'.repeat(200), news: 'stale' },
      ],
      handlers: [
        { handler: 'handle', event: null, outcome: 'done', attempts: 1 },
        { handler: '$book_Zahlung支', event: 0, outcome: 'failed', attempts: 3 },
        { handler: 'h'.repeat(100), event: 2, outcome: 'ignored', attempts: 1 },
        { handler: '__proto__', event: 1, outcome: 'given_up', attempts: 2 },
      ],
      only: 'ledger-1',
      round: { startedAt: NOW, brokenAttempts: 2, restedAttempts: 1 },
    };

    await home.store.change(webhook, 1, changeTo('retrying', { effects, nextAttemptAt: NOW + 1000 }));

    expect((await getStored(home, webhook)).effects).toEqual(effects);
    expect((await home.store.list({ limit: 1 })).items).toMatchObject([{ effects }]);
    await home.store.change(webhook, 2, changeTo('processed', { effects: NO_EFFECTS }));
    expect((await getStored(home, webhook)).effects).toEqual(NO_EFFECTS);
    expect((await home.store.find(webhook.webhookId))[0]?.effects).toEqual(NO_EFFECTS);
  });

  test('writes nothing when somebody else changed the webhook first', async () => {
    await using home = await open();
    await insertAs(home, 'retrying');
    const before = await getStored(home, webhook);
    const entriesBefore = await home.auditLog.latest(10);

    for (const revision of [0, 1, 3]) {
      expect(await home.store.change(webhook, revision, changeTo('processed'))).toEqual({ outcome: 'stale' });
    }

    expect(await getStored(home, webhook)).toEqual(before);
    expect(await home.auditLog.latest(10)).toEqual(entriesBefore);
  });

  test('says stale, and does not assert, when a change that is out of date is also not allowed any more', async () => {
    await using home = await open();
    await insertAs(home, 'processed');

    expect(await home.store.change(webhook, 1, changeTo('retrying'))).toEqual({ outcome: 'stale' });
  });

  test('says missing for a webhook that is not there, also with the right id and another timestamp', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    const other = { ...webhook, timestamp: webhook.timestamp + 1 };

    expect(await home.store.change(other, 1, changeTo('processed'))).toEqual({ outcome: 'missing' });
    expect(await home.store.get(other)).toBeUndefined();
  });

  test('lets exactly one of ten changes of one revision through when they race', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());

    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        home.store.change(webhook, 1, changeTo('retrying', { attempts: index + 1, nextAttemptAt: NOW })),
      ),
    );

    const outcomes = results.map((result) => result.outcome);
    expect(outcomes.filter((outcome) => outcome === 'changed')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'stale')).toHaveLength(9);
    expect((await getStored(home, webhook)).attempts).toBe(outcomes.indexOf('changed') + 1);
  });

  for (const from of WEBHOOK_STATUSES) {
    test(`lets a webhook that is ${from} become what the status machine allows and nothing else`, async () => {
      for (const to of WEBHOOK_STATUSES) {
        await using home = await open();
        const revision = await insertAs(home, from);
        const entriesBefore = await home.auditLog.latest(10);
        const changing = home.store.change(webhook, revision, changeTo(to));

        if (isTransitionAllowed(from, to)) {
          expect(await changing).toMatchObject({ outcome: 'changed', revision: revision + 1 });
        } else {
          await expect(changing).rejects.toThrow(`a webhook that is ${from} may not become ${to}`);
          expect(await home.auditLog.latest(10)).toEqual(entriesBefore);
          expect(await getStored(home, webhook)).toMatchObject({ status: from, revision });
        }
      }
    });
  }
};

const defineClaimTests = (test: ContractTest, open: OpenHome): void => {
  test('gives a claim back at nextAttemptAt when the webhook is tried again later', async () => {
    await using home = await open();
    await insertQueued(home, insertionOf());
    const claim = await claimOne(home);

    await changeSettled(home, changeTo('retrying', { nextAttemptAt: NOW + 5000 }), claim);

    home.clock.advance(4999);
    expect(await home.queue.claim(1, LEASE_MS)).toEqual([]);
    home.clock.advance(1);
    expect((await claimOne(home)).entry).toEqual(claim.entry);
  });

  for (const status of ['processed', 'ignored', 'dead_lettered'] as const) {
    test(`takes the webhook off the queue when it ends as ${status}`, async () => {
      await using home = await open();
      await insertQueued(home, insertionOf());

      await changeSettled(home, changeTo(status), await claimOne(home));

      home.clock.advance(10 * LEASE_MS);
      expect(await home.queue.claim(1, LEASE_MS)).toEqual([]);
      expect(await home.queue.depth()).toEqual({ ready: 0, waiting: 0, oldestEnqueuedAt: null });
    });
  }

  test('says that the claim is the caller’s to settle when none was given', async () => {
    await using home = await open();
    await insertQueued(home, insertionOf());

    const result = await home.store.change(webhook, 1, changeTo('processed'));

    expect(result).toEqual({ outcome: 'changed', revision: 2, isSettled: false });
  });

  test('leaves the entry to its new owner when the claim was lost', async () => {
    await using home = await open();
    await insertQueued(home, insertionOf());
    const lost = await claimOne(home);
    home.clock.advance(LEASE_MS);
    const owned = await claimOne(home);

    await changeSettled(home, changeTo('retrying', { nextAttemptAt: home.clock.now() }), lost);

    expect(await home.queue.claim(1, LEASE_MS)).toEqual([]);
    expect(await home.queue.complete(owned)).toBe('settled');
  });

  test('does not touch the queue when the change is stale', async () => {
    await using home = await open();
    await insertQueued(home, insertionOf());
    const claim = await claimOne(home);

    await home.store.change(webhook, 7, changeTo('processed'), claim);

    expect(await home.queue.complete(claim)).toBe('settled');
  });

  for (const status of ['processed', 'ignored', 'dead_lettered'] as const) {
    test(`puts a webhook that is ${status} on the queue when it returns to received`, async () => {
      await using home = await open();
      await insertQueued(home, insertionOf());
      await changeSettled(home, changeTo(status), await claimOne(home));

      await replay(home);

      expect((await claimOne(home)).entry.webhookId).toBe(webhook.webhookId);
      expect(await getStored(home, webhook)).toMatchObject({ status: 'received', attempts: 0, revision: 3 });
    });
  }

  test('makes a webhook that backs off claimable at once, and an old claim lost, when it returns to received', async () => {
    await using home = await open();
    await insertQueued(home, insertionOf());
    const old = await claimOne(home);
    await changeSettled(home, changeTo('retrying', { nextAttemptAt: NOW + 3_600_000 }), old);

    await replay(home);

    expect(await home.queue.complete(old)).toBe('lost');
    const fresh = await claimOne(home);
    expect(await home.queue.retryIn(old, 0)).toBe('lost');
    expect(await home.queue.complete(fresh)).toBe('settled');
  });

  test('regression: a claim from before a replay cannot settle the entry that the replay made', async () => {
    await using home = await open();
    await insertQueued(home, insertionOf());
    const old = await claimOne(home);
    await changeSettled(home, changeTo('processed'), old);
    await replay(home);
    const fresh = await claimOne(home);

    expect(fresh.receipt).not.toBe(old.receipt);
    expect(await home.queue.complete(old)).toBe('lost');
    expect(await home.queue.retryIn(old, 0)).toBe('lost');
    expect(await home.queue.complete(fresh)).toBe('settled');
  });
};

/** Runs the suite against stores that `open` makes, each fresh and empty. */
export const describeWebhookChange = (name: string, open: OpenHome, options: ContractOptions = {}): void => {
  describe(`WebhookStore.change: ${name}`, () => {
    defineContract(options, (test) => {
      defineConditionTests(test, open);
      defineClaimTests(test, open);
    });
  });
};
