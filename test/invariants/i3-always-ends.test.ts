import { describe, expect, test } from 'vitest';
import { hasEnded, STATUS_TRANSITIONS, WEBHOOK_STATUSES } from '../../src/core/status.ts';
import type { Handler } from '../../src/handlers/handler.ts';
import { createTestHome, LEASE_MS, stripeDelivery, type TestHomeOptions } from '../support/test-home.ts';

const BACKOFF_CAP_MS = 60_000;

/** Receives one event and works until nothing is left to do, moving the clock past every wait. */
const runToEnd = async (options: TestHomeOptions, rounds = 20) => {
  const home = createTestHome(options);
  await home.deliver(stripeDelivery(home.clock, 'evt_1'));
  for (let round = 0; round < rounds; round += 1) {
    await home.work();
    home.clock.advance(BACKOFF_CAP_MS + LEASE_MS);
  }
  const [webhook] = await home.store.find('stripe:evt_1');
  return { home, webhook };
};

describe('I3 always ends', () => {
  test('a handler that always throws ends in the dead letters after the configured attempts, with an alert', async () => {
    let calls = 0;
    const { home, webhook } = await runToEnd({
      attemptsMax: 5,
      handler: () => {
        calls += 1;
        throw new Error('the ledger is away');
      },
    });

    expect(calls).toBe(5);
    expect(webhook).toMatchObject({ status: 'dead_lettered', attempts: 5, lastError: 'Error: the ledger is away' });
    expect(home.alerts.raised.map((alert) => alert.kind)).toEqual(['dead_letter']);
    expect(await home.queue.depth()).toMatchObject({ ready: 0, waiting: 0 });
  });

  test('work whose worker died is picked up when its lease ends', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    expect(await home.queue.claim(10, LEASE_MS)).toHaveLength(1);

    expect(await home.work()).toEqual([]);
    home.clock.advance(LEASE_MS);

    expect((await home.work()).map((outcome) => outcome.outcome)).toEqual(['processed']);
  });

  const oddHandlers: readonly (readonly [string, unknown, string])[] = [
    [
      'throws a value that is no error',
      () => {
        throw 'text';
      },
      'dead_lettered',
    ],
    [
      'throws null',
      () => {
        throw null;
      },
      'dead_lettered',
    ],
    [
      'throws something that cannot be printed',
      () => {
        throw Object.create(null);
      },
      'dead_lettered',
    ],
    ['rejects', async () => Promise.reject(new Error('no')), 'dead_lettered'],
    ['returns nonsense', () => ({ outcome: 'dance' }), 'dead_lettered'],
    ['returns a number', () => 42, 'dead_lettered'],
    ['rejects for good', () => ({ outcome: 'give_up', reason: 'unknown order' }), 'dead_lettered'],
    ['ignores', () => ({ outcome: 'ignore', reason: 'not ours' }), 'ignored'],
    [
      'asks for a wait that is no number',
      () => ({ outcome: 'retry', afterMs: Number.NaN, reason: 'later' }),
      'retrying',
    ],
    ['asks for a negative wait', () => ({ outcome: 'retry', afterMs: -5, reason: 'later' }), 'dead_lettered'],
    ['returns null', () => null, 'processed'],
    ['returns nothing', () => undefined, 'processed'],
  ];

  test.each(oddHandlers)('a handler that %s leads to one clear status', async (_what, handler, status) => {
    const { webhook } = await runToEnd({ handler: handler as Handler }, 8);

    expect(webhook?.status).toBe(status);
  });

  test('a handler that never returns is given up on at its deadline, and told so', async () => {
    let isAborted = false;
    const { webhook } = await runToEnd(
      {
        attemptsMax: 1,
        handler: (_webhook, { signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => {
              isAborted = true;
            });
          }),
      },
      1,
    );

    expect(webhook).toMatchObject({ status: 'dead_lettered', lastError: 'handler did not finish within 1000 ms' });
    expect(isAborted).toBe(true);
  });

  test('a signed body that cannot be parsed is stored with its bytes and dead-lettered, not dropped', async () => {
    const home = createTestHome();
    const body = Buffer.from('{"id": "evt_1", broken');

    const outcome = await home.deliver(stripeDelivery(home.clock, 'evt_1', { body }));

    expect(outcome).toMatchObject({
      outcome: 'accepted',
      events: [{ status: 'dead_lettered', eventType: 'unparsable' }],
    });
    const [summary] = (await home.store.list({ status: 'dead_lettered', limit: 1 })).items;
    const [webhook] = await home.store.find(summary?.webhookId ?? '');
    expect(Buffer.from(await home.seal.open(webhook!.payload, webhook!))).toEqual(body);
    expect(home.alerts.raised.map((alert) => alert.kind)).toEqual(['signed_body_unparsable']);
  });

  test('the status machine has no dead end but the three that end, and each of these can be replayed', () => {
    for (const status of WEBHOOK_STATUSES) {
      const next: readonly string[] = STATUS_TRANSITIONS[status];
      if (hasEnded(status)) expect(next).toEqual(['received']);
      else expect(next).toEqual(expect.arrayContaining(['processed', 'ignored', 'dead_lettered']));
    }
  });
});
