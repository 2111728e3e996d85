/** What is asked for the present state, told to every home: an event without a payment, and events that contradict each other. */
import { describe, expect, test } from 'vitest';
import { readRecord, webhookChain } from '../../src/audit/audit.ts';
import type { EventSource, ProviderEvents } from '../../src/core/ports/provider-events.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import type { OpenLocalHome } from '../contract/homes.ts';
import { NOW } from '../support/clock.ts';
import { createMemoryProviderEvents } from '../support/memory-provider-events.ts';
import { createReconcileHome, type Name, type ReconcileHomeOptions, sourceOf } from './reconcile-home.ts';

export const CAPTURE = '3C679366HH908993F';
const REFUND = '1JU08902781691411';

const usd = (value: string) => ({ currency_code: 'USD', value });
const at = (minutes: number): string => new Date(NOW + minutes * MINUTE_MS).toISOString();

export const paypalEvent = (id: string, type: string, resource: object, minutes = 0): string =>
  JSON.stringify({ id, event_version: '1.0', create_time: at(minutes), event_type: type, resource });

export const captured = (id = 'WH-1', value = '20.00'): string =>
  paypalEvent(id, 'PAYMENT.CAPTURE.COMPLETED', { id: CAPTURE, status: 'COMPLETED', amount: usd(value) });

/** As it comes without the link to its capture; and as the API has it. */
export const refundWithout = (id = 'WH-2', value = '5.00'): string =>
  paypalEvent(id, 'PAYMENT.CAPTURE.REFUNDED', { id: REFUND, status: 'COMPLETED', amount: usd(value) }, 1);
const UP = { rel: 'up', href: `https://api.paypal.com/v2/payments/captures/${CAPTURE}` };
export const refundNow = (more: object = {}): string =>
  paypalEvent(REFUND, 'PAYMENT.CAPTURE.REFUNDED', {
    id: REFUND,
    status: 'COMPLETED',
    amount: usd('5.00'),
    links: [UP],
    ...more,
  });

const stripeEvent = (id: string, type: string, object: object, minutes = 0): string =>
  JSON.stringify({
    id,
    object: 'event',
    type,
    created: NOW / 1000 + minutes * 60,
    livemode: false,
    data: { object },
  });

const intent = { id: 'pi_1', object: 'payment_intent', status: 'succeeded', currency: 'usd' };
export const paid = (id = 'evt_1', amount = 2000): string =>
  stripeEvent(id, 'payment_intent.succeeded', { ...intent, amount, amount_received: amount });
const refundObject = { id: 're_1', object: 'refund', payment_intent: 'pi_1', currency: 'usd', created: NOW / 1000 };
export const refunded = (id = 'evt_2', amount = 3000, minutes = 1): string =>
  stripeEvent(id, 'refund.updated', { ...refundObject, amount, status: 'succeeded' }, minutes);
export const refundOfStripeNow = (amount: number, status = 'succeeded'): string =>
  stripeEvent('re_1', 'refund.updated', { ...refundObject, amount, status });

export const openPresentHome = async (
  openHome: OpenLocalHome,
  { isAsked = true, ...options }: { readonly isAsked?: boolean } & ReconcileHomeOptions = {},
) => {
  const harness = await openHome();
  const asked: string[] = [];
  const events = createMemoryProviderEvents(() => harness.clock.now());
  let sources: (provider: Name) => readonly EventSource[] = () => [];
  const present: ProviderEvents['present'] = (object, account) => {
    asked.push(`${object.kind} ${object.id}`);
    return events.present(object, account);
  };
  const home = createReconcileHome(harness, {
    ...options,
    toAskPresent: isAsked ? ['stripe', 'paypal', 'square'] : [],
    presentWith: (provider) => sources(provider),
  });
  sources = (provider) => [sourceOf(provider, { ...events, present })];
  const stored = async (key: string) => {
    const [webhook] = await home.store.find(key);
    if (webhook === undefined) throw new Error(`${key} is not stored`);
    return webhook;
  };
  return {
    ...home,
    asked,
    events,
    stored,
    withoutCredential: () => {
      sources = () => [];
    },
    changes: async (key: string) => {
      const { timestamp } = await stored(key);
      const entries = await home.auditLog.chain(webhookChain(key, timestamp), 20);
      return entries.map(readRecord).map(({ change, reason }) => [change?.to, reason]);
    },
    payment: async (id: string) => (await home.payments.find(id))[0]?.payment,
    /** Processes, and what is tried again a minute later. */
    workTwice: async () => {
      await home.work();
      home.clock.advance(MINUTE_MS);
      await home.work();
    },
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
};

export const describePresent = (name: string, open: OpenLocalHome): void => {
  describe(`asking for the present state, ${name}`, () => {
    test('an event that names no payment is attributed by what the API names, once that is written down', async () => {
      await using home = await openPresentHome(open);
      home.events.held.set(`refund ${REFUND}`, refundNow());
      await home.deliver('paypal', captured());
      await home.deliver('paypal', refundWithout());
      await home.work();
      expect(home.handled.has('paypal:WH-2')).toBe(false);
      expect((await home.payment(CAPTURE))?.refunded).toMatchObject({ minor: 0n });
      home.clock.advance(MINUTE_MS);
      await home.work();

      expect(await home.payment(CAPTURE)).toMatchObject({ captured: { minor: 2000n }, refunded: { minor: 500n } });
      expect((await home.stored('paypal:WH-2')).effects).toMatchObject({
        events: [{ type: 'refund.succeeded', paymentId: CAPTURE, news: 'news' }],
        present: [
          {
            why: 'unattributed',
            kind: 'refund',
            id: REFUND,
            outcome: 'attributed',
            names: [{ kind: 'capture', id: CAPTURE }],
            part: CAPTURE,
          },
        ],
      });
      expect(await home.changes('paypal:WH-2')).toEqual([
        ['received', null],
        ['retrying', 'attributed_by_api'],
        ['processed', 'attributed_by_api'],
      ]);
      expect(home.handled.get('paypal:WH-2')).toBe(1);
      expect(home.asked).toEqual([`refund ${REFUND}`]);
    });

    test('a contradiction that the API has otherwise is kept and told, and changes no amount', async () => {
      await using home = await openPresentHome(open);
      home.events.held.set('refund re_1', refundOfStripeNow(3000, 'failed')).set('payment pi_1', paid('pi_1'));
      await home.deliver('stripe', paid());
      await home.work();
      await home.deliver('stripe', refunded());
      await home.work();

      const [payment, stored] = [await home.payment('pi_1'), await home.stored('stripe:evt_2')];
      expect(payment).toMatchObject({ refunded: { minor: 3000n }, flags: ['refunded_more_than_captured'] });
      const detail = 'the API says undone 30.00 USD, and it is refunded 30.00 USD here';
      expect(stored).toMatchObject({
        status: 'processed',
        effects: {
          present: [
            { why: 'contradictory', kind: 'refund', id: 're_1', outcome: 'differs', detail, at: NOW },
            { why: 'contradictory', kind: 'payment', id: 'pi_1', outcome: 'same' },
          ],
        },
      });
      expect((await home.changes('stripe:evt_2')).at(-1)).toEqual(['processed', 'present_state_differs']);
      expect(home.alerts.raised).toEqual([
        {
          kind: 'webhooks_differ',
          provider: 'stripe',
          webhookId: 'stripe:evt_2',
          summary: `the events of a payment contradict each other (refunded_more_than_captured), and of refund re_1 ${detail}`,
        },
      ]);
    });
  });
};
