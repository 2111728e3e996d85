import { describe, expect, test } from 'vitest';
import { giveUp, ignore, retryIn } from '../handlers/handler.ts';
import { on } from '../handlers/on.ts';
import { openTestHome } from './open-test-home.ts';
import { sampleEvent } from './sample-event.ts';
import { sampleLife, sampleWebhook } from './sample-webhook.ts';

const PAID = sampleWebhook('stripe', 'payment_intent.succeeded');

describe('a webhook in a test home', () => {
  test('reaches the handlers that it concerns, with payment and idempotency id', async () => {
    const calls: unknown[] = [];
    const home = await openTestHome({
      handlers: {
        shipOrder: on('payment.succeeded', (event, { payment, idempotencyId, attempt }) => {
          calls.push({ captured: payment?.captured?.minor === event.amount.minor, idempotencyId, attempt });
        }),
        bookRefund: on('refund.*', () => undefined),
      },
    });

    const outcome = await home.deliver(PAID);

    expect(calls).toEqual([{ captured: true, idempotencyId: outcome.webhookId, attempt: 1 }]);
    expect(outcome).toMatchObject({
      status: 'processed',
      attempts: [{ outcome: 'processed', reason: null }],
      events: [{ event: { type: 'payment.succeeded' }, news: 'news' }],
      handlers: [{ handler: 'shipOrder', event: 'payment.succeeded', outcome: 'done', calls: 1 }],
      payment: { status: 'succeeded' },
    });
  });

  test('is tried again with the same id until it succeeds, and only who failed is called', async () => {
    const calls: string[] = [];
    const home = await openTestHome({
      handlers: {
        flaky: on('payment.succeeded', (_, { attempt, idempotencyId }) => {
          calls.push(`flaky ${attempt} ${idempotencyId}`);
          if (attempt < 3) throw new Error('the warehouse is closed');
        }),
        steady: on('payment.succeeded', () => void calls.push('steady')),
      },
    });

    const { webhookId, status, attempts, handlers } = await home.deliver(PAID);

    expect(status).toBe('processed');
    expect(attempts.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['retrying', 'handler_failed'],
      ['retrying', 'handler_failed'],
      ['processed', null],
    ]);
    expect(attempts[0]?.error).toBe('flaky: Error: the warehouse is closed');
    expect(calls).toEqual([`flaky 1 ${webhookId}`, 'steady', `flaky 2 ${webhookId}`, `flaky 3 ${webhookId}`]);
    expect(handlers.map(({ handler, calls: count }) => [handler, count])).toEqual([
      ['flaky', 3],
      ['steady', 1],
    ]);
  });

  test('waits as long as its handler asks for, which takes no time', async () => {
    const home = await openTestHome({
      handlers: {
        later: on('payment.succeeded', (_, { attempt }) => (attempt === 1 ? retryIn(3_600_000, 'busy') : undefined)),
      },
    });

    const { attempts } = await home.deliver(PAID);

    expect(attempts[0]).toMatchObject({ reason: 'handler_asked_retry', retryInMs: 3_600_000 });
    expect((attempts[1]?.at ?? 0) - (attempts[0]?.at ?? 0)).toBe(3_600_000);
  });

  test('whose handler hangs has timed out after what the configuration allows', async () => {
    const home = await openTestHome({
      handlers: { hangs: on('payment.succeeded', () => new Promise<undefined>(() => undefined)) },
      config: { processing: { handlerMsMax: 100 } },
    });

    const { status, attempts } = await home.deliver(PAID, { attemptsMax: 1 });

    expect(status).toBe('retrying');
    expect(attempts).toMatchObject([{ reason: 'handler_timed_out', error: expect.stringContaining('100 ms') }]);
  });

  test('is a dead letter at once when its handler gives up', async () => {
    const home = await openTestHome({ handlers: { picky: on('payment.succeeded', () => giveUp('not ours')) } });

    expect(await home.deliver(PAID)).toMatchObject({ status: 'dead_lettered', lastError: 'picky: not ours' });
  });

  test('is a dead letter after the attempts that the configuration allows', async () => {
    const home = await openTestHome({
      handlers: {
        broken: on('payment.succeeded', () => {
          throw new Error('never');
        }),
      },
      config: { processing: { attemptsMax: 3 } },
    });

    const { status, handlers } = await home.deliver(PAID);

    expect(status).toBe('dead_lettered');
    expect(handlers).toMatchObject([{ outcome: 'failed', calls: 3 }]);
  });

  test('can be ignored by handle, which sees it as the provider sent it', async () => {
    const home = await openTestHome({
      handlers: { handle: (webhook: { eventType: string }) => ignore(`no use for ${webhook.eventType}`) },
    });

    expect(await home.deliver(PAID)).toMatchObject({
      status: 'ignored',
      lastError: 'no use for payment_intent.succeeded',
    });
  });

  test('that comes twice is processed once', async () => {
    const calls: string[] = [];
    const home = await openTestHome({ handlers: { note: on('payment.*', ({ id }) => void calls.push(id)) } });

    await home.deliver(PAID);
    const again = await home.deliver(PAID);

    expect(again).toMatchObject({ status: 'processed', attempts: [] });
    expect(calls).toHaveLength(1);
  });

  test('of the other mode is acted on by nobody', async () => {
    const home = await openTestHome({ handlers: { note: on('*', () => undefined) }, config: { mode: 'live' } });

    expect(await home.deliver(PAID)).toMatchObject({ status: 'ignored', handlers: [] });
  });

  test('that is no webhook of its provider is an error of the test', async () => {
    const home = await openTestHome({ handlers: { note: on('*', () => undefined) } });

    await expect(home.deliver({ ...PAID, provider: 'strype' })).rejects.toThrow(/no provider strype: expected stripe/);
  });

  test('a home without handlers, or with a setting that is none, does not open', async () => {
    await expect(openTestHome({ handlers: {} })).rejects.toThrow(/exports nothing/);
    const config = { mdoe: 'test' } as object;
    await expect(openTestHome({ handlers: { a: on('*', () => undefined) }, config })).rejects.toThrow(/mdoe/);
  });
});

describe('a whole life', () => {
  test.each(['stripe-dispute-lost', 'paypal-order-capture-refund', 'square-dispute-won', 'adyen-auth-capture-refund'])(
    'of %s is processed webhook by webhook',
    async (name) => {
      const types: string[] = [];
      const home = await openTestHome({ handlers: { note: on('*', ({ type }) => void types.push(type)) } });

      for (const webhook of sampleLife(name)) {
        expect(await home.deliver(webhook)).toMatchObject({ status: expect.stringMatching(/^(processed|ignored)$/) });
      }

      expect(types.length).toBeGreaterThan(1);
    },
  );
});

describe('an event in a test home', () => {
  test('is what the test changed it to', async () => {
    const reasons: (string | null)[] = [];
    const home = await openTestHome({
      handlers: { warn: on('payment.failed', ({ reason }) => void reasons.push(reason)) },
    });

    const outcome = await home.deliverEvent({ ...sampleEvent('payment.failed'), reason: 'card_declined' });

    expect(reasons).toEqual(['card_declined']);
    expect(outcome).toMatchObject({ status: 'processed', payment: { status: 'failed' } });
  });

  test.each(['payment.succeeded', 'payment.authorized', 'refund.succeeded', 'dispute.opened', 'payout.paid'] as const)(
    'there is a sample of %s with all its fields',
    (type) => {
      expect(sampleEvent(type)).toMatchObject({ type, amount: { minor: expect.any(BigInt) } });
    },
  );

  test('a provider’s own event can be asked for, and another key is another payment', () => {
    const [first, second] = [
      sampleEvent('payment.succeeded', { provider: 'square' }),
      sampleEvent('payment.succeeded', { provider: 'square', key: '2' }),
    ];

    expect(first.provider).toBe('square');
    expect(first.paymentId).not.toBe(second.paymentId);
    expect(sampleEvent('payment.succeeded', { provider: 'square' })).toEqual(first);
  });

  test('what there is no sample of says which there are', () => {
    expect(() => sampleEvent('payment.succeeded', { provider: 'strype' })).toThrow(/expected a provider/);
    expect(() => sampleWebhook('stripe', 'payment_intent.payed')).toThrow(/expected .*payment_intent\.succeeded/);
    expect(() => sampleLife('stripe')).toThrow(/expected stripe-checkout-refund/);
  });
});
