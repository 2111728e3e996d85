/** Thin events: what they name is fetched for handlers, like a step of a handler, and no payment changes by it. */
import { describe, expect, test } from 'vitest';
import type { FindOutcome } from '../../src/core/ports/provider-events.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import type { HandledWebhook } from '../../src/handlers/handler.ts';
import { HOMES, type OpenLocalHome } from '../contract/homes.ts';
import { NOW } from '../support/clock.ts';
import { createMemoryProviderEvents } from '../support/memory-provider-events.ts';
import { createReconcileHome, sourceOf } from './reconcile-home.ts';

const EVENT_PATH = '/v2/core/events/evt_thin';
const OBJECT_PATH = '/v1/payment_intents/pi_1';
const KEY = 'stripe:acct_1:test:evt_thin';

const thin = (more: object = {}): string =>
  JSON.stringify({
    id: 'evt_thin',
    object: 'v2.core.event',
    type: 'v1.payment_intent.succeeded',
    created: new Date(NOW).toISOString(),
    livemode: false,
    context: 'acct_1',
    related_object: { id: 'pi_1', type: 'payment_intent', url: OBJECT_PATH },
    ...more,
  });

const found = (value: unknown): FindOutcome => ({
  outcome: 'found',
  event: { body: Buffer.from(JSON.stringify(value)) },
});

const openWith = async (openHome: OpenLocalHome, isWanted = true) => {
  const harness = await openHome();
  const asked: (readonly [string, string | null])[] = [];
  const handled: HandledWebhook['fetched'][] = [];
  const answers = new Map<string, FindOutcome>([
    [EVENT_PATH, found({ id: 'evt_thin', data: { reason: 'x' } })],
    [OBJECT_PATH, found({ id: 'pi_1', amount: 2000 })],
  ]);
  let isDown = false;
  const get = async (path: string, account: string | null): Promise<FindOutcome> => {
    asked.push([path, account]);
    return answers.get(path) ?? { outcome: 'not_found' };
  };
  const home = createReconcileHome(harness, {
    toFetch: isWanted ? ['stripe'] : [],
    confirmWith: () => [sourceOf('stripe', { ...createMemoryProviderEvents(() => NOW), get })],
    handler: ({ fetched }) => {
      handled.push(fetched);
      if (isDown) throw new Error('down');
    },
  });
  return {
    ...home,
    asked,
    fetched: handled,
    answers,
    setDown: (is: boolean) => {
      isDown = is;
    },
    stored: async () => (await home.store.find(KEY))[0],
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
};

describe('a thin event', () => {
  const open = HOMES[0]?.open as OpenLocalHome;

  test('is given to handlers with its data and its object, asked for in the name of its account', async () => {
    await using home = await openWith(open);
    await home.deliver('stripe', thin());

    await home.work();

    expect(home.fetched).toEqual([
      { event: { id: 'evt_thin', data: { reason: 'x' } }, object: { id: 'pi_1', amount: 2000 } },
    ]);
    expect(home.asked).toEqual([
      [EVENT_PATH, 'acct_1'],
      [OBJECT_PATH, 'acct_1'],
    ]);
    expect(await home.stored()).toMatchObject({ status: 'processed' });
    expect(await home.payments.find('pi_1')).toEqual([]);
  });

  test('is given without an object where it names none, or it was deleted since', async () => {
    await using home = await openWith(open);
    home.answers.delete(OBJECT_PATH);
    await home.deliver('stripe', thin());
    await home.deliver('stripe', thin({ id: 'evt_other', related_object: null }));
    home.answers.set('/v2/core/events/evt_other', found({ id: 'evt_other' }));

    await home.work();

    expect(home.fetched.map((fetched) => fetched?.object)).toEqual([null, null]);
  });

  test('is asked for once, however often its handler fails', async () => {
    await using home = await openWith(open);
    home.setDown(true);
    await home.deliver('stripe', thin());
    await home.work();
    home.setDown(false);
    home.clock.advance(MINUTE_MS);
    await home.work();

    expect(home.fetched).toHaveLength(2);
    expect(home.asked).toHaveLength(2);
  });

  test.each([
    ['confirmed', { outcome: 'not_found' }, 'has nothing under'],
    ['refused', { outcome: 'credential_refused', reason: 'http_403' }, 'refuses the credential (http_403)'],
    ['limited', { outcome: 'rate_limited', retryAfterMs: 1000 }, 'wants us to wait'],
    ['unavailable', { outcome: 'unavailable', reason: 'http_500' }, 'http_500'],
    ['unreadable', { outcome: 'found', event: { body: Buffer.from('{') } }, 'cannot be read'],
  ] as const)('is tried again, and nobody is called, while it is not given: %s', async (_what, answer, error) => {
    for (const path of [EVENT_PATH, OBJECT_PATH]) {
      // An object that is not there is none.
      if (path === OBJECT_PATH && answer.outcome === 'not_found') continue;
      await using home = await openWith(open);
      const before = home.answers.get(path) as FindOutcome;
      home.answers.set(path, answer);
      await home.deliver('stripe', thin());
      await home.work();
      expect(await home.stored()).toMatchObject({ status: 'retrying', lastError: expect.stringContaining(error) });
      expect(home.fetched).toEqual([]);

      home.answers.set(path, before);
      home.clock.advance(2 * MINUTE_MS);
      await home.work();
      expect(await home.stored()).toMatchObject({ status: 'processed' });
    }
  });

  test('is given as it came where nobody wants it fetched, as an event with data is', async () => {
    await using home = await openWith(open, false);
    await home.deliver('stripe', thin());
    await home.work();
    await using wanted = await openWith(open);
    await wanted.deliver(
      'stripe',
      JSON.stringify({ id: 'evt_1', object: 'event', type: 'customer.created', created: NOW / 1000, livemode: false }),
    );
    await wanted.work();

    expect([...home.fetched, ...wanted.fetched]).toEqual([null, null]);
    expect([...home.asked, ...wanted.asked]).toEqual([]);
  });
});
