/** What is asked of each provider about what it holds, and what is made of its answers. */
import { describe, expect, test } from 'vitest';
import type { ApiAnswer, ApiRequest } from '../../src/core/ports/call-api.ts';
import type { ListOutcome } from '../../src/core/ports/provider-events.ts';
import type { ObjectList } from '../../src/core/ports/provider-objects.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import type { OpenEventsInput } from '../../src/providers/events-api.ts';
import { OBJECTS_APIS } from '../../src/providers/objects-apis.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { API_CREDENTIALS } from '../support/fake-apis.ts';

const HOUR = { since: NOW - HOUR_MS, until: NOW, cursor: null };
const TOKEN = '{"access_token":"t","expires_in":300}';

const answered = (status: number, body: string): ApiAnswer => ({
  outcome: 'answered',
  status,
  retryAfterMs: null,
  body: Buffer.from(body),
});

/** Answers in order; the last one again and again. */
const open = (
  name: keyof typeof API_CREDENTIALS,
  answers: readonly (string | ApiAnswer)[],
  more: Partial<OpenEventsInput> = {},
) => {
  const requests: ApiRequest[] = [];
  const sources = OBJECTS_APIS.filter(({ provider }) => provider === name).flatMap((api) =>
    api.open({
      credentials: [API_CREDENTIALS[name]],
      accounts: [],
      apiUrl: undefined,
      clock: createTestClock(),
      async call(request) {
        requests.push(request);
        const answer = answers[Math.min(requests.length, answers.length) - 1] ?? '{}';
        return typeof answer === 'string' ? answered(200, answer) : answer;
      },
      ...more,
    }),
  );
  const listOf = (list: string, source = 0): ObjectList =>
    sources[source]?.lists.find((one) => one.name === list) as ObjectList;
  return { requests, sources, listOf };
};

const eventsOf = (page: ListOutcome): readonly { readonly [key: string]: unknown }[] => {
  if (page.outcome !== 'page') throw new Error(JSON.stringify(page));
  return page.events.map(({ body }) => JSON.parse(Buffer.from(body).toString('utf8')));
};

describe('what Stripe is asked', () => {
  test('is by when it was made, as the account that is named, with the credential in no address', async () => {
    const { requests, sources, listOf } = open('stripe', ['{"data": []}'], { accounts: ['acct_1'] });

    await listOf('refunds', 1).list({ ...HOUR, cursor: 're_9' });

    expect(sources.map(({ id, account }) => [id, account])).toEqual([
      ['stripe:test', null],
      ['stripe:test:acct_1', 'acct_1'],
    ]);
    expect(requests).toMatchObject([
      {
        method: 'GET',
        url: `https://api.stripe.com/v1/refunds?limit=100&created%5Bgte%5D=${HOUR.since / 1000}&created%5Blt%5D=${NOW / 1000}&starting_after=re_9`,
        headers: { authorization: `Bearer ${API_CREDENTIALS.stripe}`, 'stripe-account': 'acct_1' },
      },
    ]);
  });

  test.each([
    ['succeeded', 'payment_intent.succeeded'],
    ['canceled', 'payment_intent.canceled'],
    ['processing', 'payment_intent.processing'],
    ['requires_action', 'payment_intent.requires_action'],
    ['requires_capture', 'payment_intent.amount_capturable_updated'],
    ['requires_payment_method', 'payment_intent.created'],
  ])('comes as the event that would tell of it: an intent that is %s', async (status, type) => {
    const { listOf } = open('stripe', [`{"data": [{"id": "pi_1", "status": "${status}", "livemode": true}]}`]);

    expect(eventsOf(await listOf('payment_intents').list(HOUR))).toMatchObject([{ id: 'pi_1', type, livemode: true }]);
  });

  test.each([
    ['charges', 'charge.updated'],
    ['refunds', 'refund.updated'],
    ['disputes', 'charge.dispute.updated'],
    ['payouts', 'payout.updated'],
  ])('comes as the event that would tell of it: one of %s', async (list, type) => {
    const { listOf } = open('stripe', ['{"data": [{"id": "x_1"}], "has_more": false}']);

    expect(eventsOf(await listOf(list).list(HOUR))).toMatchObject([
      { id: 'x_1', type, data: { object: { id: 'x_1' } } },
    ]);
  });

  test('goes on behind the last of a page', async () => {
    const { listOf } = open('stripe', ['{"data": [{"id": "x_1"}, {"id": "x_2"}], "has_more": true}']);

    expect(await listOf('charges').list(HOUR)).toMatchObject({ next: 'x_2' });
  });

  test('names the account of what is listed for one, and the mode of the key where the object has none', async () => {
    const { listOf } = open('stripe', ['{"data": [{"id": "re_1", "created": 5}, {}]}'], { accounts: ['acct_1'] });

    expect(eventsOf(await listOf('refunds', 1).list(HOUR))).toMatchObject([
      { id: 're_1', created: 5, livemode: false, account: 'acct_1' },
      { id: null, created: null },
    ]);
  });

  test('is not understood where more follows behind what has no id', async () => {
    const { listOf } = open('stripe', ['{"data": [{}], "has_more": true}']);

    expect(await listOf('charges').list(HOUR)).toEqual({ outcome: 'unavailable', reason: 'answer_not_understood' });
  });
});

describe('what Square is asked', () => {
  const LOCATIONS = '{"locations": [{"id": "L1"}, {"id": "L2"}]}';

  test('is each location after the other for payments, and the locations once', async () => {
    const { requests, listOf } = open('square', [LOCATIONS, '{"cursor": "c1"}', '{}']);
    const payments = listOf('payments');

    const first = await payments.list(HOUR);
    const second = await payments.list({ ...HOUR, cursor: 'L1 c1' });
    const third = await payments.list({ ...HOUR, cursor: 'L2 ' });

    expect([first, second, third]).toMatchObject([{ next: 'L1 c1' }, { next: 'L2 ' }, { next: null }]);
    expect(requests.map(({ url }) => new URL(url).search)).toEqual([
      '',
      expect.stringMatching(/begin_time=.*&end_time=.*&location_id=L1$/),
      expect.stringMatching(/&location_id=L1&cursor=c1$/),
      expect.stringMatching(/&location_id=L2$/),
    ]);
  });

  test('is unavailable where the locations are, and asked again the next time', async () => {
    const { listOf } = open('square', [answered(500, ''), '{"locations": 5}', LOCATIONS, '{}']);

    expect(await listOf('payouts').list(HOUR)).toEqual({ outcome: 'unavailable', reason: 'http_500' });
    expect(await listOf('payouts').list(HOUR)).toEqual({ outcome: 'unavailable', reason: 'answer_not_understood' });
    expect(await listOf('payouts').list(HOUR)).toMatchObject({ outcome: 'page' });
  });

  test.each([
    ['PAID', 'payout.paid'],
    ['FAILED', 'payout.failed'],
    ['SENT', 'payout.sent'],
  ])('comes as the event that would tell of it: a payout that is %s', async (status, type) => {
    const { listOf } = open('square', [LOCATIONS, `{"payouts": [{"id": "po1", "status": "${status}"}]}`]);

    expect(eventsOf(await listOf('payouts').list(HOUR))).toMatchObject([
      { event_id: 'po1', type, data: { type: 'payout', object: { payout: { id: 'po1' } } } },
    ]);
  });

  test.each([
    ['payments', 'payment.updated', 'payment'],
    ['refunds', 'refund.updated', 'refund'],
    ['disputes', 'dispute.state.updated', 'dispute'],
  ])('comes as the event that would tell of it: one of %s', async (list, type, kind) => {
    const answer = `{"${list}": [{"id": "x1"}]}`;
    const { listOf } = open('square', list === 'payments' ? [LOCATIONS, answer] : [answer]);

    expect(eventsOf(await listOf(list).list(HOUR))).toMatchObject([
      { type, data: { object: { [kind]: { id: 'x1' } } } },
    ]);
  });

  test('is not understood where a list is none', async () => {
    const { listOf } = open('square', ['{"refunds": 5}']);

    expect(await listOf('refunds').list(HOUR)).toEqual({ outcome: 'unavailable', reason: 'answer_not_understood' });
  });

  test('has disputes of every time: those that were made in another are left out', async () => {
    const made = [HOUR.since - 1, HOUR.since, HOUR.until].map((at) => ({ created_at: new Date(at).toISOString() }));
    const disputes = [...made, {}].map((dispute, index) => ({ id: `d${index}`, ...dispute }));
    const { requests, listOf } = open('square', [JSON.stringify({ disputes, cursor: 'c1' })]);

    const page = await listOf('disputes').list(HOUR);

    expect(eventsOf(page).map(({ event_id: id }) => id)).toEqual(['d1', 'd3']);
    expect(page).toMatchObject({ next: 'c1' });
    expect(requests[0]?.url).toBe('https://connect.squareupsandbox.com/v2/disputes?');
  });
});

describe('what PayPal is asked', () => {
  const empty = (pages: number): string => JSON.stringify({ transaction_details: [], total_pages: pages });

  test('is at most thirty days at a time, page by page', async () => {
    const { requests, listOf } = open('paypal', [TOKEN, empty(2), empty(2), empty(0)]);
    const request = { since: NOW - 40 * DAY_MS, until: NOW };
    const transactions = listOf('transactions');
    const cursors = [`${request.since} 2 ${30 * DAY_MS}`, `${request.since + 30 * DAY_MS} 1 ${30 * DAY_MS}`] as const;

    const first = await transactions.list({ ...request, cursor: null });
    const second = await transactions.list({ ...request, cursor: cursors[0] });
    const third = await transactions.list({ ...request, cursor: cursors[1] });

    expect([first, second, third]).toMatchObject([{ next: cursors[0] }, { next: cursors[1] }, { next: null }]);
    const asked = requests.slice(1).map(({ url }) => Object.fromEntries(new URL(url).searchParams));
    expect(asked.map(({ start_date: from, end_date: to, page }) => [from, to, page])).toEqual([
      ['2026-10-14T12:00:00Z', '2026-11-13T12:00:00Z', '1'],
      ['2026-10-14T12:00:00Z', '2026-11-13T12:00:00Z', '2'],
      ['2026-11-13T12:00:00Z', '2026-11-23T12:00:00Z', '1'],
    ]);
  });

  test('is half as much where it was too much, down to an hour', async () => {
    const { listOf } = open('paypal', [TOKEN, answered(400, '{"name": "RESULTSET_TOO_LARGE"}')]);
    const transactions = listOf('transactions');

    expect(await transactions.list(HOUR)).toEqual({
      outcome: 'page',
      events: [],
      next: `${HOUR.since} 1 ${15 * DAY_MS}`,
    });
    expect(await transactions.list({ ...HOUR, cursor: `${HOUR.since} 1 ${HOUR_MS}` })).toEqual({
      outcome: 'unavailable',
      reason: 'http_400',
    });
  });

  const info = (code: string, value: string, status: string, more: object = {}) => ({
    transaction_info: {
      transaction_id: 'T1',
      transaction_event_code: code,
      transaction_status: status,
      transaction_amount: { currency_code: 'USD', value },
      ...more,
    },
  });

  test.each([
    ['T0006', '1.00', 'S', {}, { event_type: 'PAYMENT.CAPTURE.COMPLETED', resource: { id: 'T1' } }],
    ['T0003', '1.00', 'V', {}, { event_type: 'PAYMENT.CAPTURE.COMPLETED' }],
    ['T0006', '1.00', 'P', {}, { event_type: 'PAYMENT.CAPTURE.PENDING' }],
    ['T0006', '1.00', 'D', {}, { event_type: 'PAYMENT.CAPTURE.DENIED' }],
    [
      'T1107',
      '-1.00',
      'S',
      { paypal_reference_id: 'CAP1', paypal_reference_id_type: 'TXN' },
      { event_type: 'PAYMENT.CAPTURE.REFUNDED', resource: { status: 'COMPLETED', capture_id: 'CAP1' } },
    ],
    ['T1107', '-1.00', 'P', {}, { resource: { status: 'PENDING' } }],
    ['T1107', '-1.00', 'D', {}, { resource: { status: 'FAILED' } }],
  ])('comes as the event that would tell of it: %s of %s that is %s', async (code, value, status, more, event) => {
    const details = { transaction_details: [info(code, value, status, more)] };
    const { listOf } = open('paypal', [TOKEN, JSON.stringify(details)]);

    expect(eventsOf(await listOf('transactions').list(HOUR))).toMatchObject([event]);
  });

  test('has fees, payments that were sent and the like in its ledger, which are left out', async () => {
    const details = [info('T0104', '-1.00', 'S'), info('T0001', '-5.00', 'S'), info('T1201', '-5.00', 'S'), {}];
    const { listOf } = open('paypal', [TOKEN, JSON.stringify({ transaction_details: details })]);

    expect(eventsOf(await listOf('transactions').list(HOUR))).toEqual([]);
  });

  test('is each dispute by its id, behind a link to no other path than the list’s', async () => {
    const listed = (href: string): string =>
      JSON.stringify({ items: [{ dispute_id: 'PP-D-1' }], links: [{ rel: 'next', href }] });
    const dispute = '{"dispute_id": "PP-D-1", "dispute_amount": {"currency_code": "USD", "value": "1.10"}}';
    const next = 'https://api.paypal.com/v1/customer/disputes?next_page_token=7';
    const { requests, listOf } = open('paypal', [
      TOKEN,
      listed(next),
      dispute,
      listed('https://evil.example/x'),
      dispute,
    ]);
    const disputes = listOf('disputes');

    const page = await disputes.list(HOUR);

    expect(page).toMatchObject({ next: '/v1/customer/disputes?next_page_token=7' });
    expect(eventsOf(page)).toMatchObject([{ id: 'PP-D-1', resource: { dispute_amount: { value: '1.10' } } }]);
    expect(requests[2]?.url).toBe('https://api-m.sandbox.paypal.com/v1/customer/disputes/PP-D-1');
    expect(await disputes.list({ ...HOUR, cursor: '/v1/customer/disputes?next_page_token=7' })).toMatchObject({
      outcome: 'unavailable',
    });
  });

  test.each([
    ['one that has no id', ['{"items": [{}]}'], { outcome: 'unavailable', reason: 'answer_not_understood' }],
    ['one that is not there', ['{"items": [{"dispute_id": "D"}]}', answered(404, '')], { reason: 'http_404' }],
    ['one that is limited', ['{"items": [{"dispute_id": "D"}]}', answered(429, '')], { outcome: 'rate_limited' }],
    ['one that is no object', ['{"items": [{"dispute_id": "D"}]}', '5'], { reason: 'answer_not_understood' }],
  ])('gives no page of disputes with %s', async (_what, answers, outcome) => {
    const { listOf } = open('paypal', [TOKEN, ...answers]);

    expect(await listOf('disputes').list(HOUR)).toMatchObject(outcome);
  });

  test.each([
    [answered(404, ''), { outcome: 'unavailable', reason: 'http_404' }],
    [answered(401, ''), { outcome: 'credential_refused', reason: 'http_401' }],
    ['{"access_token": "two words"}', { outcome: 'unavailable', reason: 'answer_not_understood' }],
    [{ outcome: 'failed', reason: 'timed_out' } as const, { outcome: 'unavailable', reason: 'timed_out' }],
  ])('needs a token first, also behind a page', async (answer, outcome) => {
    const { listOf } = open('paypal', [answer]);

    expect(await listOf('transactions').list({ ...HOUR, cursor: `${HOUR.since} 2 ${DAY_MS}` })).toEqual(outcome);
  });
});
