import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { createMemoryAlerts } from '../adapters/memory/memory-recorders.ts';
import type { ActOutcome } from '../core/effects.ts';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Claim } from '../core/ports/queue.ts';
import type { StatusChange, WebhookStore } from '../core/ports/webhook-store.ts';
import { type Act, createProcess, type ProcessDeps } from './process.ts';

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
    queue: { complete: settle('complete'), deadLetter: settle('deadLetter'), retryIn: settle('retryIn') },
    seal: home.seal,
    act: acts({ outcome: 'processed' }),
    mode: null,
    retryPolicy: { attemptsMax: 2, backoffBaseMs: 1000, backoffCapMs: 60_000 },
    clock: home.clock,
    randomness: { fraction: () => 0.5 },
    alerts,
    ...overrides,
  });
  return { home, claim, process, settled, alerts };
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
    [{ outcome: 'ignored', reason: 'type_not_mapped', detail: null }, 'ignored', 'complete', []],
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
      retryPolicy: { attemptsMax: 1, backoffBaseMs: 1, backoffCapMs: 1 },
    });

    expect(await process(claim)).toMatchObject({ outcome: 'dead_lettered', error: 'no' });

    expect(alerts.raised).toMatchObject([
      { kind: 'dead_letter', summary: 'gave up after 1 attempts (handler_failed)' },
    ]);
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

  test('leaves claims behind and no attempts: a webhook that kills whoever processes it is given up', async () => {
    const { process, claim } = await open({ act: throws(new Error('acted all the same')) });

    const often = { ...claim, claimedTimes: LIMITS.brokenAttemptsMax + 1 };

    expect(await process(often)).toMatchObject({ outcome: 'dead_lettered', reason: 'attempts_broken' });
  });

  test('is not counted before: one claim fewer, and the webhook is acted on', async () => {
    const { process, claim } = await open();

    expect(await process({ ...claim, claimedTimes: LIMITS.brokenAttemptsMax })).toMatchObject({ outcome: 'processed' });
  });
});
