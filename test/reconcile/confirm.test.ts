/** Events that are compared with what their provider's API says, before anything is done about their payment. */
import { describe, expect, test } from 'vitest';
import { readRecord, webhookChain } from '../../src/audit/audit.ts';
import type { EventSource } from '../../src/core/ports/provider-events.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { HOMES, type OpenLocalHome } from '../contract/homes.ts';
import { NOW } from '../support/clock.ts';
import { createMemoryProviderEvents } from '../support/memory-provider-events.ts';
import { createReconcileHome, type ReconcileHomeOptions, sourceOf } from './reconcile-home.ts';

const ID = 'WH-1AB-2CD';
const KEY = `paypal:${ID}`;
const CAPTURE = '3C679366HH908993F';
const OTHER_CAPTURE = '7NW873794T343360M';

interface Said {
  readonly amount?: string;
  readonly currency?: string;
  readonly capture?: string;
  readonly type?: string;
  readonly time?: string;
}

const eventOf = ({ amount = '20.00', currency = 'USD', capture = CAPTURE, type, time }: Said = {}): object => ({
  id: ID,
  event_version: '1.0',
  create_time: time ?? `${new Date(NOW).toISOString().slice(0, 19)}.250Z`,
  resource_type: 'capture',
  event_type: type ?? 'PAYMENT.CAPTURE.COMPLETED',
  resource: {
    id: capture,
    status: 'COMPLETED',
    amount: { currency_code: currency, value: amount },
    supplementary_data: { related_ids: { order_id: '5O190127TN364715T' } },
  },
});
const delivered = (said?: Said): string => JSON.stringify(eventOf(said), null, 2);

const openWith = async (
  openHome: OpenLocalHome,
  options: Omit<ReconcileHomeOptions, 'toConfirm' | 'confirmWith'> = {},
) => {
  const harness = await openHome();
  let asked = 0;
  let sources: readonly EventSource[] = [];
  const home = createReconcileHome(harness, { ...options, toConfirm: ['paypal'], confirmWith: () => sources });
  const events = createMemoryProviderEvents(home.clock.now);
  const find: typeof events.find = (id) => {
    asked += 1;
    return events.find(id);
  };
  sources = [sourceOf('paypal', { ...events, find })];
  const happen = (said?: Said, listedFrom = NOW): void => {
    // As PayPal lists it: without fractions of a second.
    const time = new Date(NOW).toISOString().replace('.000', '');
    events.happened.push({ id: ID, at: NOW, body: JSON.stringify(eventOf({ time, ...said })), listedFrom });
  };
  return {
    ...home,
    events,
    happen,
    asked: () => asked,
    withoutCredential: () => {
      sources = [];
    },
    stored: async () => (await home.store.find(KEY))[0],
    changes: async () => {
      const entries = await home.auditLog.chain(webhookChain(KEY, (await home.store.find(KEY))[0]?.timestamp ?? 0), 20);
      return entries.map(readRecord).map(({ change, reason }) => [change?.to, reason]);
    },
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
};

for (const { name, open } of HOMES) {
  describe(`confirming by API, ${name}`, () => {
    test('acts on what the API says too, and the trail says that it was asked', async () => {
      await using home = await openWith(open);
      home.happen();
      await home.deliver('paypal', delivered());

      await home.work();

      expect(await home.stored()).toMatchObject({ status: 'processed', effects: { confirmedAt: NOW } });
      expect((await home.payments.find(CAPTURE))[0]?.payment).toMatchObject({ captured: { minor: 2000n } });
      expect(home.handled.get(KEY)).toBe(1);
      expect(await home.changes()).toEqual([
        ['received', null],
        ['processed', 'confirmed_by_api'],
      ]);
    });

    test('does nothing about one that the API has otherwise: a dead letter, an alert, no payment', async () => {
      await using home = await openWith(open);
      home.happen();
      await home.deliver('paypal', delivered({ amount: '10000.00' }));

      await home.work();

      expect(await home.stored()).toMatchObject({
        status: 'dead_lettered',
        lastError: expect.stringMatching(/10000\.00 USD.*20\.00 USD.*may be forged/),
      });
      expect(await home.payments.find(CAPTURE)).toEqual([]);
      expect(home.handled.size).toBe(0);
      expect((await home.changes()).at(-1)).toEqual(['dead_lettered', 'not_confirmed']);
      expect(home.alerts.raised).toMatchObject([
        { kind: 'dead_letter', summary: expect.stringContaining('not_confirmed') },
      ]);
    });
  });
}

describe('a webhook that has to be confirmed', () => {
  const open = HOMES[0]?.open as OpenLocalHome;

  test.each([
    ['of another payment', { capture: OTHER_CAPTURE }],
    ['of another currency', { currency: 'KWD', amount: '20.000' }],
    ['of another type', { type: 'PAYMENT.CAPTURE.PENDING' }],
    ['of a type that says nothing of payments', { type: 'BILLING.PLAN.CREATED' }],
    ['of another time', { time: new Date(NOW - MINUTE_MS).toISOString() }],
  ])('is not acted on when the API has it %s', async (_what, listed) => {
    await using home = await openWith(open);
    home.happen(listed);
    await home.deliver('paypal', delivered());

    await home.work();

    expect(await home.stored()).toMatchObject({ status: 'dead_lettered' });
    expect((await home.changes()).at(-1)).toEqual(['dead_lettered', 'not_confirmed']);
    expect(home.handled.size).toBe(0);
  });

  test('is tried again until the API knows of it', async () => {
    await using home = await openWith(open);
    home.happen({}, NOW + 10 * SECOND_MS);
    await home.deliver('paypal', delivered());
    await home.work();
    expect(await home.stored()).toMatchObject({
      status: 'retrying',
      lastError: expect.stringContaining(`knows of no event ${ID}`),
    });

    home.clock.advance(MINUTE_MS);
    await home.work();

    expect(await home.stored()).toMatchObject({ status: 'processed' });
    expect((await home.changes()).slice(1)).toEqual([
      ['retrying', 'confirmation_not_found'],
      ['processed', 'confirmed_by_api'],
    ]);
  });

  test('ends as a dead letter when the API never knows of it', async () => {
    await using home = await openWith(open);
    await home.deliver('paypal', delivered());

    for (let attempt = 0; attempt < 5; attempt += 1) {
      await home.work();
      home.clock.advance(2 * MINUTE_MS);
    }

    expect(await home.stored()).toMatchObject({ status: 'dead_lettered', attempts: 5 });
    expect((await home.changes()).at(-1)).toEqual(['dead_lettered', 'confirmation_not_found']);
  });

  test('waits for as long as the API wants, and nobody asks meanwhile', async () => {
    await using home = await openWith(open);
    home.happen();
    home.events.answers.push({ outcome: 'rate_limited', retryAfterMs: 3 * MINUTE_MS });
    await home.deliver('paypal', delivered());
    await home.work();
    await home.deliver('paypal', delivered().replaceAll(ID, 'WH-OTHER'));
    home.clock.advance(2 * MINUTE_MS);
    await home.work();
    expect(home.asked()).toBe(1);

    home.clock.advance(2 * MINUTE_MS);
    await home.work();

    expect(await home.stored()).toMatchObject({ status: 'processed' });
    expect(home.asked()).toBeGreaterThan(1);
  });

  test('asks for a minute when the API does not say how long it wants to be left alone', async () => {
    await using home = await openWith(open);
    home.happen();
    home.events.answers.push({ outcome: 'rate_limited', retryAfterMs: null });
    await home.deliver('paypal', delivered());
    await home.work();

    expect((await home.stored())?.nextAttemptAt).toBeGreaterThanOrEqual(NOW + MINUTE_MS);
  });

  test('is tried again when the API could not be asked', async () => {
    await using home = await openWith(open);
    home.happen();
    home.events.answers.push({ outcome: 'unavailable', reason: 'http_500' });
    await home.deliver('paypal', delivered());
    await home.work();
    expect(await home.stored()).toMatchObject({ status: 'retrying', lastError: expect.stringContaining('http_500') });

    home.clock.advance(MINUTE_MS);
    await home.work();

    expect(await home.stored()).toMatchObject({ status: 'processed' });
  });

  test('leaves an API alone that does not answer, but for a probe: what rests takes no place of others', async () => {
    await using home = await openWith(open);
    home.happen();
    for (let times = 0; times < 40; times += 1)
      home.events.answers.push({ outcome: 'unavailable', reason: 'timed_out' });
    for (let number = 0; number < 30; number += 1) {
      await home.deliver('paypal', delivered().replaceAll(ID, `WH-OTHER-${number}`));
    }
    await home.deliver('paypal', delivered());

    await home.work();

    const askedAtOnce = home.asked();
    home.clock.advance(MINUTE_MS);
    await home.work();
    expect(home.asked()).toBe(askedAtOnce + 1);
    expect((await home.stored())?.status).toBe('retrying');
    home.events.answers.length = 0;
    for (let minutes = 0; minutes < 30; minutes += 1) {
      home.clock.advance(MINUTE_MS);
      await home.work();
    }
    expect(await home.stored()).toMatchObject({ status: 'processed' });
  });

  test('tells a person once of a credential that is refused, and again only after it was taken', async () => {
    await using home = await openWith(open);
    home.happen();
    home.events.isCredentialRevoked = true;
    await home.deliver('paypal', delivered());
    await home.work();
    home.clock.advance(MINUTE_MS);
    await home.work();

    expect(await home.stored()).toMatchObject({ status: 'retrying', lastError: expect.stringContaining('refuses') });
    expect(home.alerts.raised).toMatchObject([
      { kind: 'credential_refused', provider: 'paypal', summary: expect.stringContaining('(revoked)') },
    ]);

    home.events.isCredentialRevoked = false;
    home.clock.advance(MINUTE_MS);
    await home.work();
    expect(await home.stored()).toMatchObject({ status: 'processed' });
    home.events.isCredentialRevoked = true;
    await home.deliver('paypal', delivered().replaceAll(ID, 'WH-OTHER'));
    await home.work();
    expect(home.alerts.raised).toHaveLength(2);
  });

  test('says what is missing where there is no credential of its mode', async () => {
    await using home = await openWith(open);
    home.withoutCredential();
    await home.deliver('paypal', delivered());

    await home.work();

    const advice = 'there is no credential of mode test to ask paypal with: set the credential of paypal';
    expect(await home.stored()).toMatchObject({ status: 'retrying', lastError: advice });
    expect(home.alerts.raised).toMatchObject([{ kind: 'credential_refused', summary: advice }]);
  });

  test('is asked for once, however often its handler fails, and not in a replay', async () => {
    let isDown = true;
    await using home = await openWith(open, {
      handler: () => {
        if (isDown) throw new Error('down');
      },
    });
    home.happen();
    await home.deliver('paypal', delivered());
    await home.work();
    home.clock.advance(MINUTE_MS);
    await home.work();
    isDown = false;
    home.clock.advance(MINUTE_MS);
    await home.work();
    const stored = await home.stored();
    if (stored === undefined) throw new Error('not stored');
    await home.replay(stored, { type: 'operator', id: 'ann' }, null);
    await home.work();

    expect(await home.stored()).toMatchObject({ status: 'processed' });
    expect(home.handled.get(KEY)).toBe(2);
    expect(home.asked()).toBe(1);
  });

  test('is not asked for when it was recovered, when it means no payment, or when its provider is not confirmed', async () => {
    await using home = await openWith(open);
    const source = sourceOf('paypal', home.events);
    await home.run(source);
    home.happen();
    home.clock.advance(20 * MINUTE_MS);
    await home.run(source);
    await home.deliver('paypal', delivered({ type: 'BILLING.PLAN.CREATED' }).replaceAll(ID, 'WH-OTHER'));
    await home.deliver(
      'square',
      JSON.stringify({ event_id: 'sq1', type: 'payment.updated', created_at: new Date(NOW).toISOString(), data: {} }),
    );

    await home.work();

    expect(await home.stored()).toMatchObject({ status: 'processed', origin: 'reconciliation' });
    expect(home.asked()).toBe(0);
  });
});
