/** Present states in the local homes: what is asked, what is not, and what is made of each answer. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { HOMES, type OpenLocalHome } from '../contract/homes.ts';
import {
  CAPTURE,
  captured,
  describePresent,
  openPresentHome,
  paid,
  paypalEvent,
  refunded,
  refundNow,
  refundOfStripeNow,
  refundWithout,
} from './present-cases.ts';

for (const { name, open } of HOMES) describePresent(name, open);

const open = HOMES[0]?.open as OpenLocalHome;
const REFUND = 'refund 1JU08902781691411';

describe('an event that names no payment', () => {
  const DISPUTE = { dispute_id: 'PP-D-1', status: 'OPEN', dispute_amount: { currency_code: 'USD', value: '20.00' } };
  const over = (...captures: readonly string[]): object => ({
    ...DISPUTE,
    disputed_transactions: captures.map((id) => ({ seller_transaction_id: id })),
  });
  const disputed = (id: string, type: string, resource: object, minutes = 0) =>
    paypalEvent(id, `CUSTOMER.DISPUTE.${type}`, resource, minutes);

  test.each([
    ['names none either', 'names_no_payment', refundNow({ links: [] })],
    ['is not there', 'not_found', undefined],
    ['is of another refund', 'not_understood', refundNow({ id: 'ANOTHER' })],
    ['cannot be read', 'not_understood', '{"id": 5}'],
    ['has no meaning', 'not_understood', paypalEvent('x', 'BILLING.PLAN.CREATED', {})],
  ])('is processed without one where what the API has %s', async (_what, outcome, held) => {
    await using home = await openPresentHome(open);
    if (held !== undefined) home.events.held.set(REFUND, held);
    await home.deliver('paypal', refundWithout());

    await home.workTwice();

    const { status, effects } = await home.stored('paypal:WH-2');
    expect({ status, effects }).toMatchObject({
      status: 'processed',
      effects: { events: [{ paymentId: null }], present: [{ why: 'unattributed', outcome }] },
    });
    expect((await home.changes('paypal:WH-2')).at(-1)).toEqual(['processed', 'present_state_unknown']);
    expect(home.asked).toHaveLength(1);
    expect(home.handled.get('paypal:WH-2')).toBe(1);
  });

  test('stays so where the API names several, which need not be one payment', async () => {
    await using home = await openPresentHome(open);
    home.events.held.set('dispute PP-D-1', disputed('PP-D-1', 'UPDATED', over(CAPTURE, 'ANOTHER')));
    await home.deliver('paypal', disputed('WH-3', 'CREATED', DISPUTE));

    await home.workTwice();

    expect((await home.stored('paypal:WH-3')).effects.present).toMatchObject([{ outcome: 'names_several' }]);
    expect(await home.payment(CAPTURE)).toBe(undefined);
  });

  test('is about the capture that the API names, so that nothing is counted twice with what names it itself', async () => {
    await using home = await openPresentHome(open);
    home.events.held.set('dispute PP-D-1', disputed('PP-D-1', 'UPDATED', over(CAPTURE)));
    await home.deliver('paypal', captured());
    await home.deliver('paypal', disputed('WH-3', 'CREATED', DISPUTE, 1));
    await home.deliver('paypal', disputed('WH-4', 'UPDATED', over(CAPTURE), 2));

    await home.workTwice();

    expect(await home.payment(CAPTURE)).toMatchObject({ disputed: { minor: 2000n }, flags: [] });
  });

  test.each([
    [{ outcome: 'unavailable', reason: 'http_500' }, 'present_state_unavailable', 'http_500'],
    [{ outcome: 'rate_limited', retryAfterMs: SECOND_MS }, 'present_state_limited', 'wants us to wait'],
    [{ outcome: 'credential_refused', reason: 'http_403' }, 'present_state_refused', 'refuses the credential'],
  ] as const)('waits, and nobody is told of it, while the API says nothing: %j', async (answer, reason, error) => {
    await using home = await openPresentHome(open);
    home.events.held.set(REFUND, refundNow());
    home.events.answers.push(answer);
    await home.deliver('paypal', refundWithout());
    await home.work();
    expect(await home.stored('paypal:WH-2')).toMatchObject({
      status: 'retrying',
      lastError: expect.stringContaining(error),
    });
    expect((await home.changes('paypal:WH-2')).at(-1)).toEqual(['retrying', reason]);
    expect(home.handled.size).toBe(0);

    home.clock.advance(MINUTE_MS);
    await home.workTwice();
    expect(await home.stored('paypal:WH-2')).toMatchObject({ status: 'processed' });
    expect((await home.payment(CAPTURE))?.refunds).toHaveLength(1);
  });

  test('says what is missing where there is no credential, and a person is told once', async () => {
    await using home = await openPresentHome(open);
    home.withoutCredential();
    await home.deliver('paypal', refundWithout());

    await home.workTwice();

    const advice = 'there is no credential of mode test to ask paypal with: set the credential of paypal';
    expect(await home.stored('paypal:WH-2')).toMatchObject({ status: 'retrying', lastError: advice });
    expect(home.alerts.raised).toMatchObject([{ kind: 'credential_refused', summary: advice }]);
  });

  test('keeps in a replay the payment that was named, and what was not named is asked for again', async () => {
    await using home = await openPresentHome(open);
    const replay = async (key: string) => {
      await home.replay(await home.stored(key), { type: 'operator', id: 'ann' }, null);
      await home.workTwice();
    };
    await home.deliver('paypal', refundWithout());
    await home.workTwice();
    expect((await home.stored('paypal:WH-2')).effects.present).toMatchObject([{ outcome: 'not_found' }]);
    home.events.held.set(REFUND, refundNow());
    home.clock.advance(MINUTE_MS);

    await replay('paypal:WH-2');
    expect((await home.stored('paypal:WH-2')).effects.present).toMatchObject([{ outcome: 'attributed' }]);
    const asked = home.asked.length;
    home.events.held.clear();
    await replay('paypal:WH-2');

    expect((await home.stored('paypal:WH-2')).effects.events).toMatchObject([{ paymentId: CAPTURE, news: 'news' }]);
    expect((await home.payment(CAPTURE))?.refunds).toHaveLength(1);
    expect(home.asked).toHaveLength(asked);
  });

  test('is not asked for where nobody wants it, nor by an id that no provider would write', async () => {
    await using off = await openPresentHome(open, { isAsked: false });
    await off.deliver('paypal', refundWithout());
    await off.work();
    await using home = await openPresentHome(open);
    await home.deliver('paypal', refundWithout().replace('1JU08902781691411', '../../v1/oauth2/token'));
    await home.work();

    expect([...off.asked, ...home.asked]).toEqual([]);
    expect((await off.stored('paypal:WH-2')).effects).not.toHaveProperty('present');
    expect((await home.stored('paypal:WH-2')).effects.present).toMatchObject([{ outcome: 'not_understood' }]);
  });

  test('is asked for no more often than a bound in a minute, by account', async () => {
    await using home = await openPresentHome(open);
    const count = LIMITS.presentAsksPerMinuteMax + 5;
    for (let index = 0; index < count; index += 1) {
      await home.deliver('paypal', refundWithout(`WH-${index}`).replace('1JU08902781691411', `REFUND${index}`));
    }
    await home.work();
    expect(home.asked).toHaveLength(LIMITS.presentAsksPerMinuteMax);
    expect((await home.changes(`paypal:WH-${count - 1}`)).at(-1)).toEqual(['retrying', 'present_state_limited']);

    home.clock.advance(2 * MINUTE_MS);
    await home.work();
    expect(home.asked).toHaveLength(count);
  });
});

describe('a payment whose events contradict each other', () => {
  const contradict = async (home: Awaited<ReturnType<typeof openPresentHome>>): Promise<void> => {
    await home.deliver('stripe', paid());
    await home.work();
    await home.deliver('stripe', refunded());
    await home.work();
  };

  test('is as it is where the API says the same, and nobody is told', async () => {
    await using home = await openPresentHome(open);
    home.events.held.set('refund re_1', refundOfStripeNow(3000)).set('payment pi_1', paid('pi_1'));

    await contradict(home);

    expect((await home.changes('stripe:evt_2')).at(-1)).toEqual(['processed', 'present_state_same']);
    expect(home.alerts.raised).toEqual([]);
    expect(home.asked).toEqual(['refund re_1', 'payment pi_1']);
  });

  test('has its handlers called first; what is not said now is asked again, and nothing else is done again', async () => {
    await using home = await openPresentHome(open);
    home.events.held.set('refund re_1', refundOfStripeNow(3000));
    home.events.answers.push({ outcome: 'unavailable', reason: 'http_500' });

    await contradict(home);
    expect(await home.stored('stripe:evt_2')).toMatchObject({ status: 'retrying' });
    expect(home.handled.get('stripe:evt_2')).toBe(1);
    home.clock.advance(MINUTE_MS);
    await home.work();

    expect(await home.stored('stripe:evt_2')).toMatchObject({
      status: 'processed',
      effects: { present: [{ outcome: 'same' }, { kind: 'payment', outcome: 'not_found' }] },
    });
    expect(home.handled.get('stripe:evt_2')).toBe(1);
  });

  test('is not asked for before its handlers have done their part', async () => {
    let isDown = true;
    await using home = await openPresentHome(open, {
      handler: ({ webhookId }) => {
        if (isDown && webhookId === 'stripe:evt_2') throw new Error('down');
      },
    });
    await contradict(home);
    expect(home.asked).toEqual([]);
    isDown = false;
    home.clock.advance(MINUTE_MS);
    await home.work();

    expect(home.asked).toHaveLength(2);
  });

  test('is asked for with one question by webhooks that came before it was asked, and anew for those that come later', async () => {
    await using home = await openPresentHome(open);
    home.events.held.set('refund re_1', refundOfStripeNow(3000)).set('payment pi_1', paid('pi_1'));
    await home.deliver('stripe', paid());
    await home.work();
    await home.deliver('stripe', refunded('evt_2', 3000, 1));
    await home.deliver('stripe', refunded('evt_3', 3100, 2));
    await home.work();
    expect(home.asked).toEqual(['refund re_1', 'payment pi_1']);

    home.clock.advance(MINUTE_MS);
    await home.deliver('stripe', refunded('evt_4', 3200, 3));
    await home.work();
    expect(home.asked).toHaveLength(4);
  });

  test('is not asked for again by events that say nothing new, nor where nothing contradicts', async () => {
    await using home = await openPresentHome(open);
    await contradict(home);
    const asked = home.asked.length;
    home.clock.advance(MINUTE_MS);
    await home.deliver('stripe', refunded('evt_5', 3000, 4));
    await home.deliver('stripe', paid('evt_6').replaceAll('pi_1', 'pi_2'));
    await home.work();

    expect(home.asked).toHaveLength(asked);
  });
});
