/** Each provider's list of events against a delivery of the same event: one key, one mode, one meaning; and what is asked of whom. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ApiAnswer, ApiRequest, CallApi } from '../../src/core/ports/call-api.ts';
import type { Delivery, Provider, Verified } from '../../src/core/ports/provider.ts';
import type { EventSource, ListOutcome } from '../../src/core/ports/provider-events.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import type { EventsApi } from '../../src/providers/events-api.ts';
import { EVENTS_APIS } from '../../src/providers/events-apis.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { identifyEvents } from '../../src/receive/identify.ts';
import { identifyListed } from '../../src/receive/recover-event.ts';
import { sampleBody, samplesOf } from '../../src/samples/samples.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { API_CREDENTIALS, answerAsked } from '../support/fake-apis.ts';
import { seededInput } from '../support/sample-input.ts';
import { describeWithVectors, VECTORS_FOLDER } from '../support/vectors.ts';

const WINDOW = { since: NOW - HOUR_MS, until: NOW, cursor: null };

interface Asked {
  readonly requests: ApiRequest[];
  readonly call: CallApi;
}

/** Answers in order; the last one again and again. */
const answering = (...answers: readonly (string | ApiAnswer)[]): Asked => {
  const requests: ApiRequest[] = [];
  return {
    requests,
    async call(request) {
      requests.push(request);
      const answer = answers[Math.min(requests.length, answers.length) - 1] ?? '{}';
      if (typeof answer !== 'string') return answer;
      return { outcome: 'answered', status: 200, retryAfterMs: null, body: Buffer.from(answer) };
    },
  };
};

const status = (code: number, retryAfterMs: number | null = null): ApiAnswer => ({
  outcome: 'answered',
  status: code,
  retryAfterMs,
  body: Buffer.from('{"message":"canary"}'),
});

const apiOf = (name: string): EventsApi => {
  const api = EVENTS_APIS.find(({ provider }) => provider === name);
  if (api === undefined) throw new Error(`no list of ${name}`);
  return api;
};

const open = (name: keyof typeof API_CREDENTIALS, asked: Asked, more: Partial<Parameters<EventsApi['open']>[0]> = {}) =>
  apiOf(name).open({
    credentials: [API_CREDENTIALS[name]],
    accounts: [],
    apiUrl: undefined,
    call: asked.call,
    clock: createTestClock(),
    ...more,
  });

const listOf = async (sources: readonly EventSource[]): Promise<ListOutcome> =>
  (sources[0] as EventSource).events.list(WINDOW);

const deliveryOf = (provider: string, body: Uint8Array): Delivery => ({
  body,
  headers: new Map(
    provider === 'paypal'
      ? [['paypal-cert-url', ['https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1']]]
      : [],
  ),
  method: 'POST',
  query: '',
  publicUrl: null,
});

const VERIFIED: Verified = {
  outcome: 'verified',
  secretId: 'test#1',
  isSimulated: false,
  transmission: null,
  label: 'test',
};

/** What is stored of an event: its key, and what does not depend on how its text is written. */
const facts = (provider: Provider, body: Uint8Array) => {
  const [first] = identifyEvents(provider, deliveryOf(provider.name, body), VERIFIED, 'sha256');
  if (first === undefined) throw new Error('nothing was identified');
  const { content: _, ...event } = first.event;
  return { key: first.key, event };
};

/** The event through the provider's list, as the reconciler sees it. */
const listedFacts = async (provider: Provider, body: Uint8Array, account: string | null) => {
  const name = provider.name as keyof typeof API_CREDENTIALS;
  const member = name === 'stripe' ? 'data' : 'events';
  const asked = answering(
    ...(name === 'paypal' ? ['{"access_token":"t","expires_in":300}'] : []),
    listText(member, body),
  );
  const sources = open(name, asked, { accounts: account === null ? [] : [account] });
  const source = sources.at(-1) as EventSource;
  const page = await source.events.list(WINDOW);
  if (page.outcome !== 'page' || page.events[0] === undefined) throw new Error(JSON.stringify(page));
  const identity = identifyListed({
    configured: { provider, settings: { notificationUrl: null } },
    source,
    listed: page.events[0],
    recoveredBy: { type: 'component', id: 'reconciler' },
    at: NOW,
    traceId: 'trace-1',
  });
  if (identity.outcome !== 'identified') throw new Error(identity.reason);
  const { content: _, ...event } = identity.identified.event;
  return { key: identity.guarded().key, event };
};

/** Lists have white space and an order of their own; here it is turned round. */
const listText = (member: string, body: Uint8Array): string => {
  const event = JSON.parse(Buffer.from(body).toString('utf8'));
  const turned = Object.fromEntries(Object.entries(event).toReversed());
  return `{"${member}": [ ${JSON.stringify(turned, null, 3)} ], "has_more": false}`;
};

const bodiesOf = (name: string): readonly (readonly [string, Uint8Array])[] =>
  samplesOf(name).map((sample) => [sample.eventType, sampleBody(name, sample, seededInput(sample.eventType))]);

for (const { provider: name } of EVENTS_APIS) {
  const provider = providerNamed(name) as Provider;

  describe(`an event in the list of ${name}`, () => {
    test.each(bodiesOf(name))('has the key, the mode and the ids of its delivery: %s', async (_type, body) => {
      const isStripe = name === 'stripe';
      const text = Buffer.from(body).toString('utf8');
      const tested = isStripe ? Buffer.from(text.replace('"livemode": true', '"livemode": false')) : body;
      const account: string | null = isStripe ? (JSON.parse(text).account ?? null) : null;

      expect(await listedFacts(provider, tested, account)).toEqual(facts(provider, tested));
    });
  });

  describeWithVectors(`a real event of ${name}, if it were listed`, () => {
    const file = join(VECTORS_FOLDER, `${name}-webhooks.json`);
    const { vectors } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { vectors: [] };
    const genuine: readonly { readonly name: string; readonly body: string }[] = vectors.filter(
      // One that says when it happened; a test of a signature alone may have any body.
      (vector: { readonly expect: string; readonly body: string }) =>
        vector.expect === 'accept' && /"create(?:d|d_at|_time)"/.test(vector.body),
    );

    test.each(genuine.map((vector) => [vector.name, vector.body] as const))(
      'has the key of its delivery: %s',
      async (_name, text) => {
        const body = Buffer.from(text);
        const { key } = facts(provider, body);

        expect((await listedFacts(provider, body, null)).key).toEqual(key);
      },
    );
  });
}

describe('the list of Stripe', () => {
  const EVENT = { id: 'evt_1', object: 'event', type: 'charge.succeeded', created: NOW / 1000, livemode: false };

  test('is asked as each connected account too, whose events keep the key of their delivery', async () => {
    const asked = answering(JSON.stringify({ data: [EVENT], has_more: false }));
    const sources = open('stripe', asked, { accounts: ['acct_1'] });
    expect(sources.map(({ id }) => id)).toEqual(['stripe:test', 'stripe:test:acct_1']);

    const page = await sources[1]?.events.list(WINDOW);

    expect(asked.requests[0]?.headers).toEqual({
      authorization: `Bearer ${API_CREDENTIALS.stripe}`,
      'stripe-account': 'acct_1',
    });
    const delivered = facts(
      providerNamed('stripe') as Provider,
      Buffer.from(JSON.stringify({ ...EVENT, account: 'acct_1' })),
    );
    const body = page?.outcome === 'page' ? (page.events[0]?.body ?? Buffer.of()) : Buffer.of();
    expect(facts(providerNamed('stripe') as Provider, body).key).toEqual(delivered.key);
    expect(delivered.key.webhookId).toBe('stripe:acct_1:test:evt_1');
  });

  test('is asked for whole seconds around the window, a hundred at a time, behind the last one', async () => {
    const asked = answering(JSON.stringify({ data: [EVENT], has_more: true }));
    const [source] = open('stripe', asked);

    const page = await source?.events.list({ since: 1500, until: 2500, cursor: 'evt_0' });

    expect(page).toMatchObject({ outcome: 'page', next: 'evt_1' });
    const url = new URL(asked.requests[0]?.url ?? '');
    expect([url.origin, url.pathname]).toEqual(['https://api.stripe.com', '/v1/events']);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      limit: '100',
      'created[gte]': '1',
      'created[lt]': '3',
      starting_after: 'evt_0',
    });
  });

  test('that goes on behind nothing is not understood', async () => {
    expect(await listOf(open('stripe', answering('{"data":[],"has_more":true}')))).toMatchObject({
      outcome: 'unavailable',
    });
  });

  test.each(['sk_live_', 'rk_test_short', 'whsec_0123456789abcdef', 'rk_live_0123456789abcdef '])(
    'is not asked with %s',
    (value) => {
      expect(apiOf('stripe').checkCredential(value)).toContain('is not a restricted key');
    },
  );
});

describe('the list of thin events of Stripe', () => {
  const THIN = { id: 'evt_1', object: 'v2.core.event', type: 'v1.charge.succeeded', livemode: false, context: null };
  const openThin = (asked: Asked) => open('stripe', asked, { accounts: ['acct_1'], areThinListed: true });
  const page = (next: unknown): string => JSON.stringify({ data: [THIN], next_page_url: next });

  test('is a list of its own for each account, asked in its context and in a version of the API', async () => {
    const asked = answering(page('/v2/core/events?page=p2'), page(null));
    const sources = openThin(asked);
    expect(sources.map(({ id }) => id)).toEqual([
      'stripe:test',
      'stripe:test:thin',
      'stripe:test:acct_1',
      'stripe:test:acct_1:thin',
    ]);

    const first = await sources[3]?.events.list(WINDOW);
    const cursor = first?.outcome === 'page' ? first.next : null;
    expect(await sources[3]?.events.list({ ...WINDOW, cursor })).toMatchObject({ outcome: 'page', next: null });

    expect(asked.requests[0]?.headers).toMatchObject({
      'stripe-context': 'acct_1',
      'stripe-version': expect.stringMatching(/^20\d\d-\d\d-\d\d\./),
    });
    const url = new URL(asked.requests[0]?.url ?? '');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      limit: '100',
      'created[gte]': new Date(WINDOW.since).toISOString(),
      'created[lt]': new Date(NOW).toISOString(),
    });
    expect(asked.requests[1]?.url).toBe('https://api.stripe.com/v2/core/events?page=p2');
    const body = first?.outcome === 'page' ? (first.events[0]?.body ?? Buffer.of()) : Buffer.of();
    expect(facts(providerNamed('stripe') as Provider, body).key.webhookId).toBe('stripe:acct_1:test:evt_1');
  });

  test.each(['https://evil.example/v2/core/accounts', '/v1/payouts', 7])('does not go on at %s', async (next) => {
    expect(await openThin(answering(page(next)))[1]?.events.list(WINDOW)).toMatchObject({ outcome: 'unavailable' });
  });
});

describe('one event', () => {
  const asked = (...answers: (string | ApiAnswer)[]) => answering('{"access_token":"t","expires_in":300}', ...answers);
  const find = (name: keyof typeof API_CREDENTIALS, from: Asked, more = {}) => {
    const { events } = open(name, from, more).at(-1) as EventSource;
    return events.find?.('evt/1?x');
  };

  test.each([
    ['stripe', {}, 'https://api.stripe.com/v1/events/evt%2F1%3Fx'],
    ['stripe', { areThinListed: true }, 'https://api.stripe.com/v2/core/events/evt%2F1%3Fx'],
    ['paypal', {}, 'https://api-m.sandbox.paypal.com/v1/notifications/webhooks-events/evt%2F1%3Fx'],
  ] as const)('of %s %j is asked for by its id', async (name, more, url) => {
    const from = name === 'paypal' ? asked('{"id":"evt_1"}') : answering('{"id":"evt_1"}');

    expect(await find(name, from, more)).toEqual({ outcome: 'found', event: { body: Buffer.from('{"id":"evt_1"}') } });
    expect(from.requests.at(-1)).toMatchObject({ method: 'GET', url });
  });

  test('and whatever an event of Stripe names is asked for by its path, in the context of its account', async () => {
    const from = answering('{"id":"pi_1"}');
    const { events } = open('stripe', from)[0] as EventSource;

    expect(await events.get?.('/v1/payment_intents/pi_1', 'acct_2')).toMatchObject({ outcome: 'found' });
    await events.get?.('/v1/payment_intents/pi_1', null);

    expect(from.requests.map(({ url }) => url)).toEqual(
      Array(2).fill('https://api.stripe.com/v1/payment_intents/pi_1'),
    );
    expect(from.requests.map(({ headers }) => headers['stripe-context'])).toEqual(['acct_2', undefined]);
    expect(from.requests[0]?.headers).toHaveProperty('stripe-version');
  });

  test('of a connected account names it', async () => {
    const found = await find('stripe', answering('{"id":"evt_1"}'), { accounts: ['acct_1'] });
    expect(found).toEqual({ outcome: 'found', event: { body: Buffer.from('{"id":"evt_1","account":"acct_1"}') } });
  });

  test.each([
    [status(404), { outcome: 'not_found' }],
    [status(429, 1000), { outcome: 'rate_limited', retryAfterMs: 1000 }],
    [status(403), { outcome: 'credential_refused', reason: 'http_403' }],
    ['[]', { outcome: 'unavailable', reason: 'answer_not_understood' }],
  ])('that is not given says why: %j', async (answer, expected) => {
    expect(await find('stripe', answering(answer))).toEqual(expected);
  });

  test('is not there where its provider has no token for us, and cannot be asked for at Square', async () => {
    expect(await find('paypal', answering(status(401)))).toEqual({ outcome: 'credential_refused', reason: 'http_401' });
    expect(open('square', answering('{}'))[0]?.events.find).toBeUndefined();
  });
});

describe('the list of PayPal', () => {
  const TOKEN = '{"access_token":"A21","expires_in":32400}';
  const nextTo = (href: string): string => JSON.stringify({ events: [{ id: 'WH-1' }], links: [{ rel: 'next', href }] });

  test('goes on at our host, whatever host the link names', async () => {
    const path = '/v1/notifications/webhooks-events?page_size=100&offset=100&move_to=next';
    const asked = answering(TOKEN, nextTo(`https://api.paypal.com${path}`));
    const [source] = open('paypal', asked);

    const page = await source?.events.list(WINDOW);
    await source?.events.list({ ...WINDOW, cursor: page?.outcome === 'page' ? page.next : null });

    expect(page).toMatchObject({ outcome: 'page', next: path });
    expect(asked.requests.map(({ url }) => new URL(url).host)).toEqual(Array(3).fill('api-m.sandbox.paypal.com'));
    expect(asked.requests[2]?.url).toBe(`https://api-m.sandbox.paypal.com${path}`);
  });

  test.each([
    'https://api.paypal.com/v1/payments/payouts?x=1',
    'https://evil.example/v1/notifications/webhooks-events/../../oauth2?x=1',
    '/v1/notifications/webhooks-events',
  ])('does not go where the link is no link of the list: %s', async (href) => {
    expect(await listOf(open('paypal', answering(TOKEN, nextTo(href))))).toEqual({
      outcome: 'unavailable',
      reason: 'answer_not_understood',
    });
  });

  test('uses one token until it ends, and another when it is not taken any more', async () => {
    const clock = createTestClock();
    const asked = answering(TOKEN, '{"events":[]}', '{"events":[]}', status(401), TOKEN, '{"events":[]}', TOKEN, '{}');
    const [source] = open('paypal', asked, { clock });
    const kinds = () => asked.requests.map(({ url }) => (url.endsWith('/token') ? 'token' : 'list'));

    await source?.events.list(WINDOW);
    await source?.events.list(WINDOW);
    expect(kinds()).toEqual(['token', 'list', 'list']);
    expect(await source?.events.list(WINDOW)).toMatchObject({ outcome: 'page' });
    expect(kinds().slice(3)).toEqual(['list', 'token', 'list']);
    clock.advance(DAY_MS);
    await source?.events.list(WINDOW);
    expect(kinds().slice(6)).toEqual(['token', 'list']);
  });

  test.each([
    ['is refused', status(401), { outcome: 'credential_refused', reason: 'http_401' }],
    ['is asked for too often', status(429, 5000), { outcome: 'rate_limited', retryAfterMs: 5000 }],
    [
      'is not reached',
      { outcome: 'failed', reason: 'econnrefused' } as const,
      { outcome: 'unavailable', reason: 'econnrefused' },
    ],
    ['is none', '{"access_token":"a b"}', { outcome: 'unavailable', reason: 'answer_not_understood' }],
  ])('says what is wrong where the token %s', async (_what, answer, expected) => {
    expect(await listOf(open('paypal', answering(answer)))).toEqual(expected);
  });
});

describe('the list of Square', () => {
  test('is asked for the same window on each page, oldest first', async () => {
    const asked = answering('{"events":[],"cursor":"c2"}');
    const [source] = open('square', asked);

    await source?.events.list({ ...WINDOW, cursor: 'c1' });

    expect(asked.requests[0]).toMatchObject({ method: 'POST', url: 'https://connect.squareupsandbox.com/v2/events' });
    expect(JSON.parse(asked.requests[0]?.body ?? '')).toEqual({
      cursor: 'c1',
      limit: 100,
      query: {
        filter: { created_at: { start_at: new Date(WINDOW.since).toISOString(), end_at: new Date(NOW).toISOString() } },
        sort: { field: 'DEFAULT', order: 'ASC' },
      },
    });
  });
});

test('Square is told to list its events', async () => {
  const asked = answering('{}', status(401));
  const [source] = open('square', asked);

  expect(await source?.events.enable?.()).toEqual({ outcome: 'enabled' });
  expect(await source?.events.enable?.()).toEqual({ outcome: 'credential_refused', reason: 'http_401' });
  expect(asked.requests[0]).toMatchObject({
    method: 'PUT',
    url: 'https://connect.squareupsandbox.com/v2/events/enable',
  });
});

describe('an answer of any list', () => {
  test.each([
    [status(403), { outcome: 'credential_refused', reason: 'http_403' }],
    [status(503, 1000), { outcome: 'rate_limited', retryAfterMs: 1000 }],
    [status(503), { outcome: 'unavailable', reason: 'http_503' }],
    [status(302), { outcome: 'unavailable', reason: 'http_302' }],
    [status(400), { outcome: 'unavailable', reason: 'http_400' }],
    [{ outcome: 'failed', reason: 'timed_out' } as const, { outcome: 'unavailable', reason: 'timed_out' }],
  ])('means what its status says, and quotes nothing: %o', async (answer, expected) => {
    expect(await listOf(open('square', answering(answer)))).toEqual(expected);
  });

  test.each(['stripe', 'paypal', 'square'] as const)('is read from what %s documents', async (name) => {
    const asked: CallApi = async (request) => answerAsked(name, request, NOW);
    const [source] = open(name, { requests: [], call: asked });
    expect(await source?.events.list(WINDOW)).toEqual({ outcome: 'page', events: [], next: null });
    expect([source?.mode, source?.credentialId]).toEqual(['test', `${name}-api#1`]);
  });
});

describe('credentials', () => {
  test.each([
    ['paypal', 'live:client-id-0123:client-secret-0123', 'live'],
    ['paypal', 'client-id-0123:client-secret-0123', null],
    ['square', 'test:EAAA0123456789abcdef01', 'test'],
    ['square', 'EAAA0123456789abcdef01', null],
    ['stripe', 'sk_live_0123456789abcdef', 'live'],
  ])('of %s are %s', (name, value, mode) => {
    const { checkCredential, modeOfCredential, isAccount } = apiOf(name);
    expect(checkCredential(value) === null ? modeOfCredential(value) : null).toBe(mode);
    expect(checkCredential(value) ?? '').not.toContain('0123');
    expect(isAccount('acct_1')).toBe(name === 'stripe');
  });
});
