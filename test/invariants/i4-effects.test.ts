import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../support/test-home.ts';

describe('I4 effects', () => {
  test('a handler sees the same idempotency id on every attempt and on a replay', async () => {
    const seen: { id: string; attempt: number }[] = [];
    const home = createTestHome({
      handler: (_webhook, { idempotencyId, attempt }) => {
        seen.push({ id: idempotencyId, attempt });
        if (seen.length < 3) throw new Error('not yet');
      },
    });
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    for (let round = 0; round < 4; round += 1) {
      await home.work();
      home.clock.advance(60_000);
    }
    const [webhook] = await home.store.find('stripe:evt_1');
    expect(await home.replay(webhook!, { type: 'operator', id: 'ada' }, 'ledger restored')).toEqual({
      outcome: 'queued',
      from: 'processed',
    });
    await home.work();

    expect(seen.map(({ id }) => id)).toEqual(Array(4).fill('stripe:evt_1'));
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 1]);
  });

  test('a handler gets the bytes as they were received', async () => {
    const bodies: Uint8Array[] = [];
    const home = createTestHome({ handler: ({ payload }) => void bodies.push(payload) });
    const delivery = stripeDelivery(home.clock, 'evt_1', { object: { description: 'Crème brûlée — 2 €' } });
    await home.deliver(delivery);

    await home.work();

    expect(bodies.map((body) => Buffer.from(body))).toEqual([Buffer.from(delivery.body)]);
  });

  test('two workers that hold one webhook: both may call the handler, one writes the result', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    const [first] = await home.queue.claim(1, 10);
    home.clock.advance(10);
    const [second] = await home.queue.claim(1, 60_000);

    const outcomes = await Promise.all([home.process(first!), home.process(second!)]);

    expect(outcomes.map((outcome) => outcome.outcome).sort()).toEqual(['processed', 'skipped']);
    const entries = await home.auditLog.chain('stripe:evt_1@1795000000000', 10);
    expect(entries.filter(({ text }) => text.includes('"to":"processed"'))).toHaveLength(1);
  });

  test('webhooks of the other mode are not handed to the handler', async () => {
    let calls = 0;
    const home = createTestHome({
      mode: 'live',
      handler: () => {
        calls += 1;
      },
    });
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));

    await home.work();

    expect(calls).toBe(0);
    expect((await home.store.list({ status: 'ignored', limit: 1 })).items).toMatchObject([
      { lastError: 'mode_differs' },
    ]);
  });

  test('a payment counts each webhook once, whatever is delivered, attempted or replayed again', async () => {
    let calls = 0;
    const home = createTestHome({
      handler: () => {
        calls += 1;
        if (calls < 3) throw new Error('not yet');
      },
    });
    const part = (id: string, refunded: number) =>
      stripeDelivery(home.clock, id, {
        type: 'refund.created',
        object: {
          id: `re_${id}`,
          object: 'refund',
          amount: refunded,
          status: 'succeeded',
          payment_intent: 'pi_evt_1',
          charge: null,
        },
      });
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    await home.deliver(part('evt_2', 300));
    await home.deliver(part('evt_2', 300));
    for (let round = 0; round < 4; round += 1) {
      await home.work();
      home.clock.advance(60_000);
    }
    const [webhook] = await home.store.find('stripe:evt_2');
    await home.replay(webhook!, { type: 'operator', id: 'ada' }, null);
    await home.work();

    const [found] = await home.payments.find('pi_evt_1');
    expect(calls).toBeGreaterThan(4);
    expect(found?.payment).toMatchObject({ captured: { minor: 2000n }, refunded: { minor: 300n } });
    expect(found?.payment.history).toHaveLength(2);
  });
});
