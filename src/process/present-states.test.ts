/** What an attempt does with what a provider's API says of the present: first, of whose an event is; last, of a contradiction. */
import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { createMemoryProviderEvents } from '../../test/support/memory-provider-events.ts';
import { createTestHome, LEASE_MS, stripeDelivery, type TestHomeOptions } from '../../test/support/test-home.ts';
import { createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import { readRecord, webhookChain } from '../audit/audit.ts';
import type { EventSource } from '../core/ports/provider-events.ts';
import { MINUTE_MS } from '../core/time.ts';
import { on } from '../handlers/on.ts';
import { createActOnWebhook } from './act-on-webhook.ts';
import { createProcess } from './process.ts';
import { reportAttempt } from './report-attempt.ts';

const CREATED = 1_795_000_000;
const INTENT = {
  id: 'pi_9',
  object: 'payment_intent',
  status: 'succeeded',
  amount: 2000,
  amount_received: 2000,
  currency: 'usd',
};
const REFUND = {
  id: 're_9',
  object: 'refund',
  payment_intent: 'pi_9',
  amount: 500,
  currency: 'usd',
  status: 'succeeded',
  created: CREATED,
};
const WITHOUT_PAYMENT = { ...REFUND, payment_intent: null, charge: null };
const TOO_MUCH = { ...REFUND, amount: 3000 };

const heldAs = (type: string, object: { readonly id: string }): string =>
  JSON.stringify({ id: object.id, object: 'event', type, created: CREATED, livemode: false, data: { object } });

/** A home that asks Stripe, and notes the payment that its handler was told of, and what each webhook put into the queues. */
const openAsking = (options: TestHomeOptions = {}) => {
  const clock = createTestClock();
  const events = createMemoryProviderEvents(clock.now);
  const source: EventSource = {
    provider: 'stripe',
    id: 'stripe:test',
    mode: 'test',
    credentialId: 'stripe-api#1',
    events,
  };
  const told: (string | null)[] = [];
  const queued: string[] = [];
  const tell = on(['refund.succeeded'], (_, { payment }) => void told.push(payment?.paymentId ?? null));
  const home = createTestHome({
    clock,
    handlers: { tell },
    destinations: [{ name: 'erp', events: ['refund.*'] }],
    presentWith: () => [source],
    ports: ({ destinations, ...memory }) => ({
      ...memory,
      destinations: {
        ...destinations,
        put(entries, at) {
          queued.push(...entries.map(({ webhookId }) => webhookId));
          return destinations.put(entries, at);
        },
      },
    }),
    ...options,
  });
  const stored = async (id: string) => {
    const [webhook] = await home.store.find(`stripe:${id}`);
    if (webhook === undefined) throw new Error(`${id} is not stored`);
    return webhook;
  };
  const deliver = (id: string, type: string, object: object) =>
    home.deliver(stripeDelivery(clock, id, { type, object: { ...object }, created: CREATED }));
  return {
    ...home,
    told,
    queued,
    held: events.held,
    answers: events.answers,
    stored,
    deliverPaid: () => deliver('evt_paid', 'payment_intent.succeeded', INTENT),
    deliverRefund: (object: object) => deliver('evt_refund', 'refund.updated', object),
    workLater: () => {
      clock.advance(MINUTE_MS);
      return home.work();
    },
    /** What each change of the refund's webhook made of it, and why. */
    trail: async () => {
      const { webhookId, timestamp } = await stored('evt_refund');
      const entries = await home.auditLog.chain(webhookChain(webhookId, timestamp), 20);
      return entries.map(readRecord).map(({ change, reason }) => [change?.to, reason]);
    },
    payment: async () => (await home.payments.find('pi_9'))[0]?.payment,
  };
};

describe('an event that names no payment', () => {
  test('is kept with the payment that the API names, told to nobody in that attempt, and acted on in the next', async () => {
    const home = openAsking();
    home.held.set('refund re_9', heldAs('refund.updated', REFUND));
    await home.deliverPaid();
    await home.deliverRefund(WITHOUT_PAYMENT);

    await home.work();

    expect(await home.stored('evt_refund')).toMatchObject({
      status: 'retrying',
      lastError: 'its provider names the payment of refund re_9: kept, and acted on in the next attempt',
      effects: {
        events: [],
        handlers: [],
        round: { restedAttempts: 1 },
        present: [{ why: 'unattributed', kind: 'refund', id: 're_9', outcome: 'attributed' }],
      },
    });
    expect([home.told, home.queued]).toEqual([[], []]);
    expect(await home.payment()).toMatchObject({ refunded: { minor: 0n } });

    home.held.clear();
    await home.workLater();

    expect(await home.stored('evt_refund')).toMatchObject({
      status: 'processed',
      lastError: null,
      effects: { events: [{ type: 'refund.succeeded', paymentId: 'pi_9', news: 'news', destinations: ['erp'] }] },
    });
    expect([home.told, home.queued]).toEqual([['pi_9'], ['stripe:evt_refund']]);
    expect(await home.payment()).toMatchObject({ refunded: { minor: 500n } });
    expect(await home.trail()).toEqual([
      ['received', null],
      ['retrying', 'attributed_by_api'],
      ['processed', 'attributed_by_api'],
    ]);
  });

  test('has its attempt reported by the code of what was said, without the words for an operator', async () => {
    const home = openAsking();
    home.held.set('refund re_9', heldAs('refund.updated', REFUND));
    await home.deliverRefund(WITHOUT_PAYMENT);
    const [claim] = await home.queue.claim(1, LEASE_MS);
    if (claim === undefined) throw new Error('nothing to claim');
    const logger = createMemoryLogger();

    reportAttempt({ logger, metrics: { attempt: () => undefined } }, claim.entry, await home.process(claim), 1);

    expect(logger.lines).toMatchObject([
      { level: 'warn', event: 'attempt.finished', fields: { outcome: 'retrying', reason: 'attributed_by_api' } },
    ]);
    expect(JSON.stringify(logger.lines)).not.toContain('re_9');
  });

  test('that was confirmed first stays confirmed when it is attributed, and the trail has both', async () => {
    const home = openAsking({
      confirm: async ({ effects }) => ({ outcome: effects.confirmedAt === undefined ? 'confirmed' : 'not_needed' }),
    });
    const confirmedAt = home.clock.now();
    home.held.set('refund re_9', heldAs('refund.updated', REFUND));
    await home.deliverRefund(WITHOUT_PAYMENT);

    await home.work();
    await home.workLater();

    expect((await home.stored('evt_refund')).effects).toMatchObject({ confirmedAt, events: [{ paymentId: 'pi_9' }] });
    expect((await home.trail()).at(-1)).toEqual(['processed', 'confirmed_by_api+attributed_by_api']);
  });

  test('is told without one, in the same attempt, where the API names none, and asked for again in a replay', async () => {
    const home = openAsking();
    home.held.set('refund re_9', heldAs('refund.updated', WITHOUT_PAYMENT));
    await home.deliverRefund(WITHOUT_PAYMENT);

    await home.work();

    const webhook = await home.stored('evt_refund');
    expect(webhook).toMatchObject({
      status: 'processed',
      attempts: 1,
      effects: { events: [{ paymentId: null }], present: [{ outcome: 'names_no_payment' }] },
    });
    expect(home.told).toEqual([null]);
    expect((await home.trail()).at(-1)).toEqual(['processed', 'present_state_unknown']);
    home.held.set('refund re_9', heldAs('refund.updated', REFUND));
    home.clock.advance(MINUTE_MS);
    await home.replay(webhook, { type: 'operator', id: 'ann' }, null);
    expect((await home.stored('evt_refund')).effects.present).toBe(undefined);
    await home.work();
    await home.workLater();
    expect(home.told).toEqual([null, 'pi_9']);

    home.clock.advance(MINUTE_MS);
    await home.replay(await home.stored('evt_refund'), { type: 'operator', id: 'ann' }, null);
    expect((await home.stored('evt_refund')).effects.present).toMatchObject([{ outcome: 'attributed' }]);
  });

  test('waits, and nothing is done about it, while the API is away', async () => {
    const home = openAsking();
    home.answers.push({ outcome: 'unavailable', reason: 'http_500' });
    home.held.set('refund re_9', heldAs('refund.updated', REFUND));
    await home.deliverRefund(WITHOUT_PAYMENT);

    await home.work();

    const { status, effects } = await home.stored('evt_refund');
    expect([status, effects.events, effects.present]).toEqual(['retrying', [], undefined]);
    expect([home.told, home.queued]).toEqual([[], []]);
    expect((await home.trail()).at(-1)).toEqual(['retrying', 'present_state_unavailable']);
    await home.workLater();
    await home.workLater();
    expect(home.told).toEqual(['pi_9']);
  });

  test('waits for a credential where there is none, and a person is told what to set', async () => {
    const home = openAsking({ presentWith: () => [] });
    await home.deliverRefund(WITHOUT_PAYMENT);

    await home.work();

    const advice = 'there is no credential of mode test to ask stripe with: set the credential of stripe';
    expect(await home.stored('evt_refund')).toMatchObject({ status: 'retrying', lastError: advice });
    expect(home.alerts.raised).toMatchObject([{ kind: 'credential_refused', summary: advice }]);
    expect(home.told).toEqual([]);
  });
});

describe('an event that contradicts its payment', () => {
  const contradicted = async (home: ReturnType<typeof openAsking>): Promise<void> => {
    await home.deliverPaid();
    await home.work();
    await home.deliverRefund(TOO_MUCH);
    await home.work();
  };

  test.each([
    ['the same', TOO_MUCH, ['same', 'same'], 'present_state_same', []],
    ['otherwise', { ...TOO_MUCH, status: 'failed' }, ['differs', 'same'], 'present_state_differs', ['webhooks_differ']],
    ['not', null, ['not_found', 'not_found'], 'present_state_unknown', []],
  ] as const)(
    'is processed as it came where the API has it %s, and that is kept',
    async (_, now, said, reason, alerts) => {
      const home = openAsking();
      if (now !== null) {
        home.held.set('refund re_9', heldAs('refund.updated', now));
        home.held.set('payment pi_9', heldAs('payment_intent.succeeded', INTENT));
      }

      await contradicted(home);

      const { status, effects } = await home.stored('evt_refund');
      expect([status, effects.only]).toEqual(['processed', null]);
      expect(effects.present?.map(({ why, kind, outcome }) => [why, kind, outcome])).toEqual([
        ['contradictory', 'refund', said[0]],
        ['contradictory', 'payment', said[1]],
      ]);
      expect((await home.trail()).at(-1)).toEqual(['processed', reason]);
      expect(home.alerts.raised.map(({ kind }) => kind)).toEqual(alerts);
      expect(await home.payment()).toMatchObject({
        refunded: { minor: 3000n },
        flags: ['refunded_more_than_captured'],
      });
    },
  );

  test('is told to handlers and destinations once, though what the API has is asked for until it is said', async () => {
    const home = openAsking();
    home.answers.push({ outcome: 'unavailable', reason: 'http_500' });

    await contradicted(home);

    expect(await home.stored('evt_refund')).toMatchObject({
      status: 'retrying',
      effects: { events: [{ paymentId: 'pi_9', destinations: ['erp'] }], handlers: [{ handler: 'tell' }] },
    });
    expect([home.told, home.queued]).toEqual([['pi_9'], ['stripe:evt_refund']]);
    await home.workLater();
    expect((await home.trail()).slice(-2)).toEqual([
      ['retrying', 'present_state_unavailable'],
      ['processed', 'present_state_unknown'],
    ]);
    expect([home.told, home.queued]).toEqual([['pi_9'], ['stripe:evt_refund']]);
  });

  test('after the API named the payment has both answers kept, the naming first', async () => {
    const home = openAsking();
    home.held.set('refund re_9', heldAs('refund.updated', TOO_MUCH));
    home.held.set('payment pi_9', heldAs('payment_intent.succeeded', INTENT));
    await home.deliverPaid();
    await home.deliverRefund({ ...WITHOUT_PAYMENT, amount: 3000 });

    await home.work();
    await home.workLater();

    const { present = [] } = (await home.stored('evt_refund')).effects;
    expect(present.map(({ why, outcome }) => [why, outcome])).toEqual([
      ['unattributed', 'attributed'],
      ['contradictory', 'same'],
      ['contradictory', 'same'],
    ]);
  });

  test('is compared in a home without handlers too, which otherwise records events with the end of their webhook', async () => {
    const home = openAsking({ destinations: [] });
    const recorded: string[] = [];
    const act = createActOnWebhook({
      ...home.actDeps,
      hasHandlers: false,
      recordAndChange: ({ events }, ...change) => {
        recorded.push(...events.map(({ id }) => id));
        return home.store.change(...change);
      },
    });
    const process = createProcess({ ...home.processDeps, act });
    await home.deliverPaid();
    await home.deliverRefund(TOO_MUCH);

    for (const claim of await home.queue.claim(2, LEASE_MS)) await process(claim);

    expect(recorded).toEqual([]);
    expect((await home.stored('evt_refund')).effects.present).toMatchObject([
      { kind: 'refund', outcome: 'not_found' },
      { kind: 'payment', outcome: 'not_found' },
    ]);
  });
});
