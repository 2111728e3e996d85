import { describe, expect, test } from 'vitest';
import { stateEvent } from '../../test/contract/payment-events.ts';
import { createTestClock } from '../../test/support/clock.ts';
import { insertionOf } from '../../test/support/insertion.ts';
import { createMemoryHome } from '../adapters/memory/memory-home.ts';
import { type Effects, NO_EFFECTS } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import { MINUTE_MS } from '../core/time.ts';
import { createListCauses } from './list-causes.ts';

const usd = (minor: bigint) => ({ minor, currency: 'USD', exponent: 2 });
const yen = (minor: bigint) => ({ minor, currency: 'JPY', exponent: 0 });

const openHome = () => {
  const clock = createTestClock();
  const home = { ...createMemoryHome(clock), clock };
  const pay = async (payment: string, amount = usd(1000n), mode: 'live' | 'test' = 'live') => {
    const event = stateEvent(
      `evt_of_${payment}`,
      { payment },
      { amount, captured: null, mode, type: 'payment.created' },
    );
    await home.payments.apply(
      { provider: event.provider, account: event.account, names: [{ kind: 'payment', id: payment }], events: [event] },
      clock.now(),
    );
  };
  const fail = async (
    name: string,
    payments: readonly string[],
    error: string,
    status: 'dead_lettered' | 'retrying' = 'dead_lettered',
  ) => {
    const insertion = insertionOf({
      webhookId: `stripe:${name}`,
      mode: 'live',
      account: null,
      receivedAt: clock.now(),
    });
    await home.store.insert(insertion);
    const failed = { at: 1, outcome: status, durationMs: 1, reason: 'handler_failed', handler: 'ship', error } as const;
    const effects: Effects = {
      ...NO_EFFECTS,
      events: payments.map((paymentId) => ({ type: 'payment.created', paymentId, news: 'news' })),
      history: [failed],
    };
    await home.store.change(insertion.webhook, 1, {
      status,
      attempts: 1,
      lastError: error,
      nextAttemptAt: null,
      effects,
      changedAt: clock.now(),
      actor: { type: 'component', id: 'processor' },
      reason: null,
    });
  };
  return { clock, home, pay, fail, list: createListCauses(home) };
};

describe('causes', () => {
  test('group what failed alike, with first, last, and each payment once for each currency', async () => {
    const { clock, home: _, pay, fail, list } = openHome();
    await pay('pi_1');
    await pay('pi_2', usd(250n));
    await pay('pi_3', yen(500n));
    const firstAt = clock.now();
    await fail('evt_1', ['pi_1'], 'ship: warehouse 1 is down');
    clock.advance(5);
    await fail('evt_2', ['pi_1'], 'ship: warehouse 2 is down');
    await fail('evt_3', ['pi_2'], 'ship: warehouse 3 is down');
    await fail('evt_4', ['pi_3', 'pi_1'], 'ship: out of stock');

    const { groups, total, scannedUntil } = await list({});

    expect(groups).toEqual([
      {
        cause: 'handler_failed:ship:warehouse-is-down',
        webhooks: 3,
        payments: 2,
        money: [usd(1250n)],
        withoutAmount: 0,
        firstAt,
        lastAt: firstAt + 5,
      },
      expect.objectContaining({
        cause: 'handler_failed:ship:out-of-stock',
        payments: 2,
        money: [yen(500n), usd(1000n)],
      }),
    ]);
    // pi_1 is held up by both.
    expect(total).toEqual({
      webhooks: 4,
      payments: 3,
      money: [yen(500n), usd(1250n)],
      withoutAmount: 0,
      deadLettered: 4,
      waiting: 0,
      oldestAt: firstAt,
    });
    expect(scannedUntil).toBeNull();
  });

  test('count each payment once, also when what it holds up is on two pages of the list', async () => {
    const { clock, home, pay, fail, list } = openHome();
    await pay('pi_1');
    await pay('pi_2', usd(250n));
    const firstAt = clock.now();
    for (let number = 0; number <= LIMITS.listLimitMax; number += 1) {
      await fail(`evt_${number}`, [number % 2 === 0 ? 'pi_1' : 'pi_2'], 'ship: down');
      clock.advance(1);
    }

    const { groups, total } = await list({});
    expect(await createListCauses({ ...home, clock }, 7)({})).toEqual(await list({}));

    const webhooks = LIMITS.listLimitMax + 1;
    const sum = { webhooks, payments: 2, money: [usd(1250n)], withoutAmount: 0 };
    expect(total).toMatchObject({ ...sum, deadLettered: webhooks, oldestAt: firstAt });
    expect(groups).toEqual([
      { cause: 'handler_failed:ship:down', ...sum, firstAt, lastAt: firstAt + LIMITS.listLimitMax },
    ]);
  });

  test('count what leads to no payment as without an amount, and no money of tests', async () => {
    const { pay, fail, list } = openHome();
    await pay('pi_test', usd(9900n), 'test');
    await fail('evt_1', [], 'ship: down');
    await fail('evt_2', ['pi_test'], 'ship: down');

    expect((await list({})).total).toMatchObject({ webhooks: 2, payments: 0, money: [], withoutAmount: 1 });
  });

  test('leave out what waits for a short time only, and have it in when it waits for long', async () => {
    const { clock, home, fail, list } = openHome();
    const receivedAt = clock.now();
    await fail('evt_1', [], 'ship: down', 'retrying');
    await home.store.insert(insertionOf({ webhookId: 'stripe:evt_2', mode: 'live', receivedAt: clock.now() }));

    expect((await list({})).groups).toEqual([]);
    clock.advance(15 * MINUTE_MS + 1);
    expect((await list({})).groups.map(({ cause }) => cause).toSorted()).toEqual([
      'handler_failed:ship:down',
      'waiting',
    ]);
    await fail('evt_3', [], 'ship: down');
    expect((await list({})).total).toMatchObject({ webhooks: 3, deadLettered: 1, waiting: 2, oldestAt: receivedAt });
    expect((await list({ since: clock.now() + 1 })).total).toMatchObject({ webhooks: 0, waiting: 0, oldestAt: null });
  });
});
