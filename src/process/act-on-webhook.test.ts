/** What processing does with a webhook, as whole sentences about one home; long, because every outcome has one. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  createTestHome,
  LEASE_MS,
  STRIPE_SECRET,
  stripe,
  stripeDelivery,
  type TestHomeOptions,
} from '../../test/support/test-home.ts';
import { NO_EFFECTS } from '../core/effects.ts';
import type { SyntheticReach } from '../core/webhook.ts';
import { giveUp, retryIn } from '../handlers/handler.ts';
import type { EventContext } from '../handlers/on.ts';
import { on } from '../handlers/on.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import type { PaymentStore } from '../payments/payment-store.ts';
import type { RecordAndChange } from '../payments/record-and-change.ts';
import { SYNTHETIC_HEADER, syntheticMark } from '../receive/synthetic-mark.ts';
import { createActOnWebhook } from './act-on-webhook.ts';
import { createProcess } from './process.ts';

const INTENT = { id: 'pi_9', object: 'payment_intent', amount: 2000, amount_received: 2000, currency: 'usd' };
const CHARGE = {
  id: 'ch_9',
  object: 'charge',
  payment_intent: 'pi_9',
  amount: 2000,
  amount_captured: 2000,
  amount_refunded: 0,
  captured: true,
  currency: 'usd',
  status: 'succeeded',
};

const openHome = (options: TestHomeOptions = {}) => {
  const home = createTestHome(options);
  const deliver = (id: string, type: string, object: object, created?: number) =>
    home.deliver(
      stripeDelivery(home.clock, id, { type, object: { ...object }, ...(created === undefined ? {} : { created }) }),
    );
  const stored = async (id: string) => {
    const [webhook] = await home.store.find(`stripe:${id}`);
    if (webhook === undefined) throw new Error(`${id} is not stored`);
    return webhook;
  };
  return { ...home, deliverEvent: deliver, stored };
};

describe('a home that records events with the end of their webhook', () => {
  const openRecording = (recordAndChange: RecordAndChange) => {
    const home = openHome();
    const recorded: string[][] = [];
    const record: RecordAndChange = (recording, ...change) => {
      recorded.push(recording.events.map(({ type }) => type));
      return recordAndChange(recording, ...change);
    };
    const act = createActOnWebhook({ ...home.actDeps, hasHandlers: false, recordAndChange: record });
    const process = createProcess({ ...home.processDeps, act });
    const work = async () => {
      const [claim] = await home.queue.claim(1, LEASE_MS);
      return claim === undefined ? undefined : await process(claim);
    };
    return { ...home, act, work, recorded };
  };

  test('is given what is to be recorded and the end in one', async () => {
    const home = openRecording((_, ...change) => home.store.change(...change));
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);

    expect(await home.work()).toMatchObject({ outcome: 'processed' });

    expect(home.recorded).toEqual([['payment.succeeded']]);
    expect((await home.stored('evt_1')).status).toBe('processed');
    expect(await home.payments.find('pi_9')).toEqual([]);
  });

  test('gives up on a webhook whose payment has more events than one may have', async () => {
    const home = openRecording(async () => ({ outcome: 'too_many_events' }));
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);

    expect(await home.work()).toMatchObject({ outcome: 'dead_lettered', reason: 'too_many_events' });

    expect((await home.stored('evt_1')).status).toBe('dead_lettered');
  });

  test('records what is suspected of killing its worker before it ends', async () => {
    const home = openRecording((_, ...change) => home.store.change(...change));
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);
    const webhook = await home.stored('evt_1');

    await home.act(webhook, await home.seal.open(webhook.payload, webhook), true);

    expect(home.recorded).toEqual([]);
    expect(await home.payments.find('pi_9')).toHaveLength(1);
  });
});

describe('payments', () => {
  test.each([true, false])(
    'are on the disk before handlers are told of them; there are handlers: %s',
    async (hasHandlers) => {
      const home = openHome();
      await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);
      const webhook = await home.stored('evt_1');
      const areLater: (boolean | undefined)[] = [];
      const payments: PaymentStore = {
        ...home.actDeps.payments,
        apply(change, at, options) {
          areLater.push(options?.isDurableLater);
          return home.actDeps.payments.apply(change, at, options);
        },
      };

      const act = createActOnWebhook({ ...home.actDeps, payments, hasHandlers });
      await act(webhook, await home.seal.open(webhook.payload, webhook), false);

      expect(areLater).toEqual([!hasHandlers]);
    },
  );

  test('a webhook becomes a payment event, and the event changes its payment', async () => {
    const home = openHome();
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);

    await home.work();

    const [found] = await home.payments.find('pi_9');
    expect(found?.payment).toMatchObject({
      status: 'succeeded',
      captured: { minor: 2000n, currency: 'USD', exponent: 2 },
    });
    expect(await home.stored('evt_1')).toMatchObject({
      status: 'processed',
      lastError: null,
      effects: {
        events: [{ type: 'payment.succeeded', paymentId: 'pi_9', news: 'news' }],
        handlers: [],
        only: null,
      },
    });
  });

  test('a webhook that is processed again changes nothing, and is still called news', async () => {
    const home = openHome();
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);
    await home.work();
    const [before] = await home.payments.find('pi_9');
    home.clock.advance(1000);

    await home.replay(await home.stored('evt_1'), { type: 'operator', id: 'ada' }, null);
    await home.work();

    expect(await home.payments.find('pi_9')).toEqual([before]);
    expect((await home.stored('evt_1')).effects.events).toMatchObject([{ news: 'news' }]);
  });

  test('what another event of the payment has said before is repeated, and what is older than the known is stale', async () => {
    const home = openHome();
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT, 1_795_000_010);
    await home.deliverEvent('evt_2', 'charge.succeeded', CHARGE, 1_795_000_011);
    await home.deliverEvent('evt_3', 'payment_intent.created', { ...INTENT, amount_received: 0 }, 1_795_000_000);

    await home.work();

    const outcomes = await Promise.all(
      ['evt_1', 'evt_2', 'evt_3'].map(async (id) => (await home.stored(id)).effects.events[0]?.news),
    );
    expect(outcomes).toEqual(['news', 'repeated', 'stale']);
    const [found] = await home.payments.find('ch_9');
    expect(found?.payment).toMatchObject({ paymentId: 'pi_9', status: 'succeeded', captured: { minor: 2000n } });
  });

  test.each([
    ['the amount is missing', { ...INTENT, amount: undefined, amount_received: undefined }, 'amount'],
    ['the amount is negative', { ...INTENT, amount: -1, amount_received: -1 }, 'amount'],
    ['the amount is text', { ...INTENT, amount: 'lots', amount_received: 'lots' }, 'amount'],
    ['the currency is none', { ...INTENT, currency: 'zzz' }, 'currency'],
  ])('a mapped type whose shape is not the documented one is a dead letter at once: %s', async (_, object, path) => {
    const home = openHome();
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', object);

    await home.work();

    const webhook = await home.stored('evt_1');
    expect(webhook).toMatchObject({ status: 'dead_lettered', attempts: 1 });
    expect(webhook.lastError).toContain(path);
    expect(webhook.lastError).toContain('nothing was guessed');
    expect((await home.payments.list({ limit: 10 })).items).toEqual([]);
  });

  test('what is known of a subscription changes with its events, and each webhook says what it made of it', async () => {
    const home = openHome();
    const subscription = { id: 'sub_9', object: 'subscription', customer: 'cus_9', status: 'active' };
    await home.deliverEvent('evt_1', 'customer.subscription.created', subscription, 1_795_000_010);
    await home.deliverEvent('evt_2', 'customer.subscription.updated', subscription, 1_795_000_011);
    await home.work();

    const effects = await Promise.all(['evt_1', 'evt_2'].map(async (id) => (await home.stored(id)).effects.events));

    expect(effects).toMatchObject([
      [{ paymentId: null, news: 'news', subject: { kind: 'subscription', id: 'sub_9', revision: 1 } }],
      [{ paymentId: null, news: 'repeated', subject: { kind: 'subscription', id: 'sub_9', revision: 2 } }],
    ]);
  });

  test('a type that is not mapped is ignored, with the reason', async () => {
    const home = openHome();
    await home.deliverEvent('evt_1', 'customer.created', { id: 'cus_1', object: 'customer' });
    await home.deliverEvent('evt_2', 'customer.teleported', { id: 'cus_1', object: 'customer' });

    await home.work();

    expect(await home.stored('evt_1')).toMatchObject({ status: 'ignored', lastError: 'left_out' });
    expect(await home.stored('evt_2')).toMatchObject({ status: 'ignored', lastError: 'unknown_type' });
    expect(home.alerts.raised.map(({ kind }) => kind)).toEqual(['unknown_event_type']);
  });

  test('a type that is not mapped is processed when handle looks at it', async () => {
    const seen: string[] = [];
    const home = openHome({ handler: ({ eventType }) => void seen.push(eventType) });
    await home.deliverEvent('evt_1', 'customer.created', { id: 'cus_1', object: 'customer' });

    await home.work();

    expect(seen).toEqual(['customer.created']);
    expect(await home.stored('evt_1')).toMatchObject({
      status: 'processed',
      effects: { handlers: [{ handler: 'handle' }] },
    });
  });
});

describe('handlers', () => {
  test('get the payment with their event in it, and the payload of the provider', async () => {
    const seen: { event: PaymentEvent; context: EventContext }[] = [];
    const home = openHome({
      handlers: { ship: on('payment.succeeded', (event, context) => void seen.push({ event, context })) },
    });
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);

    await home.work();

    expect(seen).toHaveLength(1);
    expect(seen[0]?.event).toMatchObject({ id: 'stripe:evt_1', amount: { minor: 2000n } });
    expect(seen[0]?.context).toMatchObject({
      idempotencyId: 'stripe:evt_1',
      news: 'news',
      payment: { paymentId: 'pi_9', status: 'succeeded' },
    });
    expect(seen[0]?.context.webhook.json()).toMatchObject({ data: { object: { id: 'pi_9' } } });
  });

  test('are called once for a payment that its provider reports twice', async () => {
    const shipped: string[] = [];
    const home = openHome({
      handlers: { ship: on('payment.succeeded', ({ paymentId }) => void shipped.push(paymentId ?? '')) },
    });
    await home.deliverEvent('evt_1', 'charge.succeeded', CHARGE);
    await home.deliverEvent('evt_2', 'payment_intent.succeeded', INTENT);

    await home.work();

    expect(shipped).toEqual(['pi_9']);
    expect(await home.stored('evt_2')).toMatchObject({ status: 'processed', effects: { handlers: [] } });
  });

  test('that succeeded are not called again by a retry, nor by a redrive; a replay calls them all', async () => {
    const calls: string[] = [];
    let isDown = true;
    const home = openHome({
      attemptsMax: 2,
      handlers: {
        book: on('payment.*', () => void calls.push('book')),
        ship: on('payment.succeeded', () => {
          calls.push('ship');
          return isDown ? retryIn(10, 'the warehouse is closed') : undefined;
        }),
      },
    });
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);
    for (let round = 0; round < 3; round += 1) {
      await home.work();
      home.clock.advance(60_000);
    }

    expect(calls).toEqual(['book', 'ship', 'ship']);
    const dead = await home.stored('evt_1');
    expect(dead).toMatchObject({ status: 'dead_lettered', lastError: 'ship: the warehouse is closed' });
    expect(dead.effects.handlers).toEqual([
      { handler: 'book', event: 0, outcome: 'done', attempts: 1 },
      { handler: 'ship', event: 0, outcome: 'failed', attempts: 2 },
    ]);

    isDown = false;
    await home.redrive(dead, { type: 'operator', id: 'ada' }, null);
    await home.work();
    expect(calls).toEqual(['book', 'ship', 'ship', 'ship']);

    await home.replay(await home.stored('evt_1'), { type: 'operator', id: 'ada' }, null);
    await home.work();
    expect(calls.slice(4).sort()).toEqual(['book', 'ship']);
  });

  test('replay with the name of one calls that one only', async () => {
    const calls: string[] = [];
    const home = openHome({
      destinations: [{ name: 'ledger', events: ['*'] }],
      handlers: {
        book: on('payment.*', () => void calls.push('book')),
        ship: on('payment.*', () => void calls.push('ship')),
      },
    });
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);
    await home.work();
    const [claim] = await home.destinations.claim('ledger', 1, 1000);
    await home.destinations.settle([{ claim: claim!, outcome: 'delivered' }], home.clock.now());
    calls.length = 0;

    await home.replay(await home.stored('evt_1'), { type: 'operator', id: 'ada' }, null, 'ship');
    await home.work();

    expect(calls).toEqual(['ship']);
    expect(await home.stored('evt_1')).toMatchObject({ status: 'processed', effects: { only: null } });
    expect(await home.destinations.ofWebhook(await home.stored('evt_1'))).toMatchObject([{ state: 'delivered' }]);
  });

  test('one that rejects makes the webhook a dead letter; its payment stands', async () => {
    const home = openHome({ handlers: { ship: on('payment.*', () => giveUp('no such order')) } });
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);

    await home.work();

    expect(await home.stored('evt_1')).toMatchObject({
      status: 'dead_lettered',
      attempts: 1,
      lastError: 'ship: no such order',
    });
    expect(await home.payments.find('pi_9')).toMatchObject([{ payment: { status: 'succeeded' } }]);
  });
});

describe('a synthetic webhook', () => {
  const openSynthetic = async (reach: SyntheticReach, options: TestHomeOptions = {}) => {
    const seen: PaymentEvent[] = [];
    const home = openHome({
      handlers: { shipOrder: on('payment.succeeded', (event) => void seen.push(event)) },
      destinations: [{ name: 'ledger', events: ['*'] }],
      ...options,
    });
    const delivery = stripeDelivery(home.clock, 'evt_1', { type: 'payment_intent.succeeded', object: { ...INTENT } });
    const bodySha256 = createHash('sha256').update(delivery.body).digest('hex');
    const mark = syntheticMark({ provider: stripe, bodySha256 }, STRIPE_SECRET, reach);
    await home.deliver({ ...delivery, headers: { ...delivery.headers, [SYNTHETIC_HEADER]: mark } });
    await home.work();
    const entries = await home.destinations.depth(['ledger']);
    return {
      webhook: await home.stored('evt_1'),
      payments: (await home.payments.list({ limit: 1 })).items,
      seen,
      entries,
    };
  };

  test('that is kept is processed: it changes no payment, and no handler and no destination gets it', async () => {
    const { webhook, payments, seen, entries } = await openSynthetic('kept');

    expect(webhook).toMatchObject({ status: 'processed', effects: NO_EFFECTS });
    expect({ payments, seen }).toEqual({ payments: [], seen: [] });
    expect(entries).toMatchObject([{ waiting: 0 }]);
  });

  test('that is passed on reaches handlers and destinations as simulated, and changes no payment', async () => {
    const { webhook, payments, seen, entries } = await openSynthetic('passed_on');

    expect(webhook.status).toBe('processed');
    expect(payments).toEqual([]);
    expect(seen).toMatchObject([{ type: 'payment.succeeded', isSimulated: true }]);
    expect(entries).toMatchObject([{ waiting: 1 }]);
  });

  test('is processed whatever the mode: a home for live events is verified with a test event', async () => {
    expect((await openSynthetic('kept', { mode: 'live' })).webhook.status).toBe('processed');
  });
});

describe('destinations', () => {
  const destinations = [
    { name: 'all', events: ['*'] },
    { name: 'refunds', events: ['refund.*'] },
  ];

  test('get one entry for each event that they want, whatever the handlers do', async () => {
    const home = openHome({
      destinations,
      handlers: {
        ship: on('*', () => {
          throw new Error('down');
        }),
      },
    });
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);
    for (let round = 0; round < 3; round += 1) {
      await home.work();
      home.clock.advance(60_000);
    }

    expect(await home.destinations.ofWebhook(await home.stored('evt_1'))).toMatchObject([
      { destination: 'all', eventId: 'stripe:evt_1', state: 'waiting' },
    ]);
    expect(await home.destinations.depth(['all', 'refunds'])).toMatchObject([{ waiting: 1 }, { waiting: 0 }]);
  });

  test('get an event again when it is replayed, not when a handler is retried', async () => {
    let isDown = true;
    const home = openHome({
      destinations,
      handlers: {
        ship: on('*', () => {
          if (isDown) throw new Error('down');
        }),
      },
    });
    const deliverAll = async (): Promise<number> => {
      const claims = await home.destinations.claim('all', 10, 1000);
      await home.destinations.settle(
        claims.map((claim) => ({ claim, outcome: 'delivered' })),
        home.clock.now(),
      );
      return claims.length;
    };
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);
    await home.work();
    expect(await deliverAll()).toBe(1);

    isDown = false;
    home.clock.advance(60_000);
    await home.work();
    expect((await home.stored('evt_1')).status).toBe('processed');
    expect(await deliverAll()).toBe(0);

    await home.replay(await home.stored('evt_1'), { type: 'operator', id: 'ada' }, null);
    await home.work();
    expect(await deliverAll()).toBe(1);
  });
});

describe('bad input', () => {
  /** 30 digits, which no JavaScript number holds. */
  const HUGE = '123456789012345678901234567890';
  const bodyWithHugeAmount = (id: string): Uint8Array =>
    Buffer.from(
      JSON.stringify({
        id,
        object: 'event',
        type: 'payment_intent.succeeded',
        created: 1_795_000_000,
        livemode: false,
        data: { object: { ...INTENT, id: `pi_${id}`, amount: 1, amount_received: 2 } },
      })
        .replace('"amount":1', `"amount":${HUGE}`)
        .replace('"amount_received":2', `"amount_received":${HUGE}`),
    );

  test('each one has one clear outcome, and the webhooks beside it are not touched', async () => {
    const shipped: string[] = [];
    const home = openHome({
      attemptsMax: 1,
      handlers: {
        ship: on('payment.succeeded', ({ paymentId }) => {
          if (paymentId === 'pi_thrower') throw 'not even an Error';
          if (paymentId === 'pi_nonsense') return 'ok' as never;
          shipped.push(paymentId ?? '');
        }),
      },
    });
    const bad: Record<string, object> = {
      negative: { ...INTENT, amount: -2000, amount_received: -2000 },
      currency: { ...INTENT, currency: 'galleons' },
      missing: { ...INTENT, amount: undefined, amount_received: undefined },
      list: { ...INTENT, amount: [2000], amount_received: [2000] },
      fraction: { ...INTENT, amount: 20.5, amount_received: 20.5 },
    };
    for (const [id, object] of Object.entries(bad)) {
      await home.deliverEvent(id, 'payment_intent.succeeded', { ...object, id: `pi_${id}` });
      await home.deliverEvent(`good_${id}`, 'payment_intent.succeeded', { ...INTENT, id: `pi_good_${id}` });
    }
    const html = { ...INTENT, id: 'pi_html', description: '<script>alert(1)</script>' };
    await home.deliverEvent('html', 'payment_intent.succeeded', html);
    const large = { ...INTENT, id: 'pi_large', metadata: { note: 'x'.repeat(1_000_000) } };
    await home.deliverEvent('large', 'payment_intent.succeeded', large);
    await home.deliver(stripeDelivery(home.clock, 'huge', { body: bodyWithHugeAmount('huge') }));
    await home.deliverEvent('thrower', 'payment_intent.succeeded', { ...INTENT, id: 'pi_thrower' });
    await home.deliverEvent('nonsense', 'payment_intent.succeeded', { ...INTENT, id: 'pi_nonsense' });

    await home.work();

    for (const id of Object.keys(bad)) {
      expect(await home.stored(id), id).toMatchObject({ status: 'dead_lettered', attempts: 1 });
      expect(await home.payments.find(`pi_${id}`), id).toEqual([]);
    }
    expect(await home.stored('thrower')).toMatchObject({
      status: 'dead_lettered',
      lastError: 'ship: thrown value: not even an Error',
    });
    expect((await home.stored('nonsense')).lastError).toContain('handler returned neither nothing nor a result');
    const good = [...Object.keys(bad).map((id) => `pi_good_${id}`), 'pi_html', 'pi_large', 'pi_huge'];
    expect(shipped.sort()).toEqual(good.sort());
    const [found] = await home.payments.find('pi_huge');
    expect(found?.payment.captured?.minor).toBe(BigInt(HUGE));
  });
});

describe('a webhook that nothing can be done for', () => {
  test('is given up when its payment has more events than one may have', async () => {
    const home = openHome({
      ports: (memory) => ({
        ...memory,
        payments: { ...memory.payments, apply: async () => ({ outcome: 'too_many_events' }) },
      }),
    });
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);

    await home.work();

    expect(await home.stored('evt_1')).toMatchObject({
      status: 'dead_lettered',
      lastError: 'its payment has more events than one may have',
    });
  });

  test('says what a handler can fetch when the event carries no data, and ends as ignored without one', async () => {
    const home = openHome();
    const thin = { id: 'evt_thin', object: 'v2.core.event', type: 'v1.billing.meter.error_report_triggered' };
    const body = Buffer.from(JSON.stringify({ ...thin, created: '2026-03-01T12:00:00.000Z', livemode: false }));
    await home.deliver(stripeDelivery(home.clock, 'evt_thin', { body }));

    await home.work();

    expect(await home.stored('evt_thin')).toMatchObject({
      status: 'ignored',
      lastError: expect.stringContaining('/v2/core/events/evt_thin'),
    });
  });

  test.each([
    [{ outcome: 'fetched', fetched: { event: { id: 'evt_thin' }, object: null } }, 'processed'],
    [{ outcome: 'not_wanted' }, 'processed'],
    [{ outcome: 'failed', reason: 'fetch_unavailable', error: 'down', waitMs: null }, 'retrying'],
  ] as const)('are given to a handler with what they name, once it is there: %j', async (fetching, status) => {
    const given: unknown[] = [];
    const home = openHome({
      handler: ({ fetched }) => void given.push(fetched),
      fetchData: async () => fetching,
    });
    const thin = { id: 'evt_thin', object: 'v2.core.event', type: 'v1.billing.meter.error_report_triggered' };
    const body = Buffer.from(JSON.stringify({ ...thin, created: '2026-03-01T12:00:00.000Z', livemode: false }));
    await home.deliver(stripeDelivery(home.clock, 'evt_thin', { body }));

    await home.work();

    expect((await home.stored('evt_thin')).status).toBe(status);
    expect(given).toEqual(
      fetching.outcome === 'failed' ? [] : [fetching.outcome === 'fetched' ? fetching.fetched : null],
    );
  });

  test('that are confirmed are acted on, and known to be from then on, in a replay too', async () => {
    const asked: (readonly string[])[] = [];
    const home = openHome({
      confirm: async ({ effects }, events) => {
        asked.push(events.map(({ type }) => type));
        return { outcome: effects.confirmedAt === undefined ? 'confirmed' : 'not_needed' };
      },
    });
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);

    await home.work();

    const confirmedAt = home.clock.now();
    expect(await home.stored('evt_1')).toMatchObject({ status: 'processed', effects: { confirmedAt } });
    expect(await home.payments.find('pi_9')).toHaveLength(1);
    await home.replay(await home.stored('evt_1'), { type: 'operator', id: 'ann' }, null);
    await home.work();
    expect((await home.stored('evt_1')).effects).toMatchObject({ confirmedAt });
    expect(asked).toEqual([['payment.succeeded'], ['payment.succeeded']]);
  });

  test.each([
    [{ outcome: 'failed', reason: 'confirmation_not_found', error: 'not yet', waitMs: null }, 'retrying'],
    [{ outcome: 'rests', reason: 'confirmation_limited', error: 'later', restMs: 5000 }, 'retrying'],
    [{ outcome: 'given_up', reason: 'not_confirmed', error: 'the API says otherwise' }, 'dead_lettered'],
  ] as const)('that are not confirmed do nothing: %j', async (confirmation, status) => {
    const handled: string[] = [];
    const home = openHome({
      handler: ({ webhookId }) => void handled.push(webhookId),
      confirm: async () => confirmation,
    });
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);

    await home.work();

    const stored = await home.stored('evt_1');
    expect(stored).toMatchObject({ status, lastError: confirmation.error, effects: { events: [], handlers: [] } });
    expect(stored.effects).not.toHaveProperty('confirmedAt');
    expect([handled, await home.payments.find('pi_9')]).toEqual([[], []]);
  });

  test('whose payload is not JSON, which a provider that is not mapped may send, tells a handler that asks for it', async () => {
    const home = openHome({ handler: (webhook) => void webhook.json() });
    await home.deliverEvent('evt_1', 'payment_intent.succeeded', INTENT);

    const acted = await createActOnWebhook(home.actDeps)(
      { ...(await home.stored('evt_1')), provider: 'acme' },
      Buffer.from('not JSON'),
      false,
    );

    expect(acted.outcome).toMatchObject({ outcome: 'failed', error: expect.stringContaining('payload is not JSON') });
  });
});
