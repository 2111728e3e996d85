/** What is asked of each provider about the endpoints that it keeps, and what is made of its answers. */
import { describe, expect, test } from 'vitest';
import type { ApiAnswer, ApiRequest } from '../../src/core/ports/call-api.ts';
import type { ProviderEndpoints } from '../../src/core/ports/provider-endpoints.ts';
import { ENDPOINT_PAGES_MAX } from '../../src/providers/endpoints-api.ts';
import { ENDPOINTS_APIS } from '../../src/providers/endpoints-apis.ts';
import { MAPPINGS } from '../../src/providers/mappings.ts';
import { catalogueOf } from '../payments/catalogues/catalogue.ts';
import { createTestClock } from '../support/clock.ts';
import { API_CREDENTIALS } from '../support/fake-apis.ts';

const TOKEN = '{"access_token":"t","expires_in":300}';
const OURS = { url: 'https://hooks.shop.example/webhook/x', eventTypes: ['a', 'b'], requestId: 'request-1' };

const answered = (status: number, body: string): ApiAnswer => ({
  outcome: 'answered',
  status,
  retryAfterMs: null,
  body: Buffer.from(body),
});

/** Answers in order; the last one again and again. */
const open = (name: keyof typeof API_CREDENTIALS, ...answers: readonly (string | ApiAnswer)[]) => {
  const requests: ApiRequest[] = [];
  const api = ENDPOINTS_APIS.find(({ provider }) => provider === name);
  const [source] =
    api?.open({
      credentials: [API_CREDENTIALS[name]],
      accounts: [],
      apiUrl: undefined,
      clock: createTestClock(),
      async call(request) {
        requests.push(request);
        const answer = answers[Math.min(requests.length, answers.length) - 1] ?? '{}';
        return typeof answer === 'string' ? answered(200, answer) : answer;
      },
    }) ?? [];
  return { requests, source, endpoints: source?.endpoints as ProviderEndpoints };
};

const NOT_UNDERSTOOD = { outcome: 'unavailable', reason: 'answer_not_understood' };

describe('Stripe', () => {
  const written = JSON.stringify({
    id: 'we_1',
    url: OURS.url,
    status: 'enabled',
    enabled_events: ['a', 5],
    secret: 's',
  });

  test('is asked as a form, once for the same request, with the credential in no address', async () => {
    const { requests, endpoints, source } = open('stripe', written);

    expect(await endpoints.create(OURS)).toEqual({
      outcome: 'written',
      endpoint: { id: 'we_1', url: OURS.url, isEnabled: true, eventTypes: ['a'], apiVersion: null },
      secret: 's',
    });
    await endpoints.update('we/1', { isEnabled: false });

    expect(source).toMatchObject({ id: 'stripe:test', credentialId: 'stripe-api#1', mode: 'test' });
    expect(requests).toMatchObject([
      {
        method: 'POST',
        url: 'https://api.stripe.com/v1/webhook_endpoints',
        headers: { authorization: `Bearer ${API_CREDENTIALS.stripe}`, 'idempotency-key': 'request-1' },
        body: `url=${encodeURIComponent(OURS.url)}&enabled_events%5B%5D=a&enabled_events%5B%5D=b`,
      },
      { method: 'POST', url: 'https://api.stripe.com/v1/webhook_endpoints/we%2F1', body: 'disabled=true' },
    ]);
  });

  test('lists page after page, and no more than a bound', async () => {
    const more = `{"data": [${written}], "has_more": true}`;
    const last = open('stripe', more, `{"data": [${written}], "has_more": false}`);
    const endless = open('stripe', more);

    expect(await last.endpoints.list()).toMatchObject({ endpoints: [{ id: 'we_1' }, { id: 'we_1' }] });
    expect(last.requests[1]?.url).toContain('starting_after=we_1');
    expect(await endless.endpoints.list()).toEqual({ outcome: 'unavailable', reason: 'too_many_endpoints' });
    expect(endless.requests).toHaveLength(ENDPOINT_PAGES_MAX);
  });

  test.each([['{"data": 5}'], ['{"data": [{"id": "we_1"}]}'], ['5']])('is not understood: %s', async (answer) => {
    expect(await open('stripe', answer).endpoints.list()).toEqual(NOT_UNDERSTOOD);
    expect(await open('stripe', answer).endpoints.update('we_1', {})).toEqual(NOT_UNDERSTOOD);
  });

  const NONE = '{"data": [], "has_more": false}';
  const destination = (more: object): object => ({
    id: 'ed_1',
    type: 'webhook_endpoint',
    status: 'enabled',
    enabled_events: ['v1.billing.meter.error_report_triggered', 5],
    event_payload: 'thin',
    snapshot_api_version: null,
    webhook_endpoint: { url: OURS.url },
    ...more,
  });

  test('lists its event destinations too, with their URLs, page after page, and what is in both lists once', async () => {
    const { requests, endpoints } = open(
      'stripe',
      `{"data": [${written}], "has_more": false}`,
      JSON.stringify({
        data: [destination({}), destination({ id: 'we_1' }), { id: 'ed_2', type: 'amazon_eventbridge' }],
        next_page_url: 'https://api.stripe.com/v2/core/event_destinations?page=2',
      }),
      JSON.stringify({
        data: [destination({ id: 'ed_3', event_payload: 'snapshot', snapshot_api_version: '2026-01-28.clover' })],
        next_page_url: null,
      }),
    );

    const thin = { eventTypes: ['v1.billing.meter.error_report_triggered'], apiVersion: null, isThin: true };
    expect(await endpoints.list()).toMatchObject({
      outcome: 'endpoints',
      endpoints: [
        { id: 'we_1', eventTypes: ['a'] },
        { id: 'ed_1', url: OURS.url, isEnabled: true, ...thin },
        { id: 'ed_3', apiVersion: '2026-01-28.clover' },
      ],
    });
    expect(requests.slice(1)).toMatchObject([
      {
        url: 'https://api.stripe.com/v2/core/event_destinations?include%5B0%5D=webhook_endpoint.url',
        headers: { 'stripe-version': expect.stringMatching(/^\d{4}-/) },
      },
      { url: 'https://api.stripe.com/v2/core/event_destinations?page=2' },
    ]);
  });

  test.each([403, 404])('says that it may not list them where the answer is %i, and lists the rest', async (status) => {
    expect(await open('stripe', NONE, answered(status, '')).endpoints.list()).toEqual({
      outcome: 'endpoints',
      endpoints: [],
      notListed: { what: 'event destinations', reason: `http_${status}` },
    });
  });

  test.each([
    ['cannot be had', answered(500, '')],
    ['come without a URL', JSON.stringify({ data: [destination({ webhook_endpoint: { url: null } })] })],
    ['lead to another host’s page', JSON.stringify({ data: [], next_page_url: 'https://x.example/v2/other' })],
  ])('knows nothing for certain while they %s', async (_what, answer) => {
    expect(await open('stripe', NONE, answer).endpoints.list()).toMatchObject({ outcome: 'unavailable' });
  });

  test('changes a destination where it is kept, and asks what it has become', async () => {
    const now = JSON.stringify(destination({}));
    const { requests, endpoints } = open('stripe', now);

    expect(await endpoints.update('ed_1', { url: OURS.url, eventTypes: ['a'], isEnabled: true })).toMatchObject({
      outcome: 'written',
      endpoint: { id: 'ed_1', isThin: true },
      secret: null,
    });

    expect(requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual([
      'POST /v2/core/event_destinations/ed_1',
      'POST /v2/core/event_destinations/ed_1/enable',
      'GET /v2/core/event_destinations/ed_1',
    ]);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      enabled_events: ['a'],
      webhook_endpoint: { url: OURS.url },
    });
    expect(await open('stripe', answered(400, '')).endpoints.update('ed_1', { isEnabled: false })).toEqual({
      outcome: 'refused',
      reason: 'http_400',
    });
  });

  test('says in an event in which API version it is written', () => {
    const [stripe] = ENDPOINTS_APIS;

    expect(stripe?.apiVersionIn?.({ api_version: '2026-10-28.endive' })).toBe('2026-10-28.endive');
    expect(stripe?.apiVersionIn?.({ api_version: null })).toBe(null);
  });

  test.each([
    [400, { outcome: 'refused', reason: 'http_400' }],
    [404, { outcome: 'refused', reason: 'http_404' }],
    [401, { outcome: 'credential_refused', reason: 'http_401' }],
    [500, { outcome: 'unavailable', reason: 'http_500' }],
    [429, { outcome: 'rate_limited', retryAfterMs: null }],
  ])('refuses to write with %i', async (status, outcome) => {
    expect(await open('stripe', answered(status, '')).endpoints.create(OURS)).toEqual(outcome);
  });

  test('that does not know its own list is unavailable', async () => {
    expect(await open('stripe', answered(404, '')).endpoints.list()).toEqual({
      outcome: 'unavailable',
      reason: 'http_404',
    });
  });
});

describe('Square', () => {
  const subscription = { id: 'wbhk_1', notification_url: OURS.url, event_types: ['a'], api_version: '2026-01-22' };

  test('is asked for subscriptions, disabled ones too, and gives the key with the mode that it is of', async () => {
    const made = JSON.stringify({ subscription: { ...subscription, signature_key: 'k' } });
    const { requests, endpoints } = open('square', made, made, `{"subscriptions": [${JSON.stringify(subscription)}]}`);

    expect(await endpoints.create(OURS)).toMatchObject({ outcome: 'written', secret: 'test:k' });
    expect(await endpoints.update('wbhk_1', { isEnabled: true, url: OURS.url })).toMatchObject({ outcome: 'written' });
    expect(await endpoints.list()).toMatchObject({ endpoints: [{ isEnabled: true, apiVersion: '2026-01-22' }] });

    const bodies = requests.slice(0, 2).map(({ body }) => JSON.parse(body ?? ''));
    expect(bodies).toMatchObject([
      {
        idempotency_key: 'request-1',
        subscription: { notification_url: OURS.url, event_types: ['a', 'b'], enabled: true },
      },
      { subscription: { notification_url: OURS.url, enabled: true } },
    ]);
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'PUT', 'GET']);
    expect(requests[2]?.url).toContain('include_disabled=true');
  });

  test('goes on behind a cursor, and may have no types', async () => {
    const { requests, endpoints } = open(
      'square',
      JSON.stringify({ subscriptions: [{ ...subscription, event_types: undefined }], cursor: 'c1' }),
      '{}',
    );

    expect(await endpoints.list()).toMatchObject({ endpoints: [{ eventTypes: [] }] });
    expect(requests[1]?.url).toContain('cursor=c1');
  });

  test.each([
    ['{"subscriptions": 5}'],
    ['{"subscriptions": [{}]}'],
    ['{"subscriptions": [{"id": "a", "notification_url": "b", "event_types": 5}]}'],
  ])('is not understood: %s', async (answer) => {
    expect(await open('square', answer).endpoints.list()).toEqual(NOT_UNDERSTOOD);
  });

  test('may give no key', async () => {
    const made = JSON.stringify({ subscription });

    expect(await open('square', made).endpoints.update('wbhk_1', {})).toMatchObject({
      outcome: 'written',
      secret: null,
    });
  });
});

describe('PayPal', () => {
  const webhook = JSON.stringify({ id: 'WH1', url: OURS.url, event_types: [{ name: 'a' }, {}] });

  test('is asked with a token; the id of the webhook is what verifies', async () => {
    const { requests, endpoints } = open(
      'paypal',
      TOKEN,
      answered(201, webhook),
      webhook,
      `{"webhooks": [${webhook}]}`,
    );

    expect(await endpoints.create(OURS)).toMatchObject({
      outcome: 'written',
      secret: 'WH1',
      endpoint: { eventTypes: ['a'] },
    });
    expect(await endpoints.update('WH1', { url: OURS.url, eventTypes: ['a'] })).toMatchObject({ outcome: 'written' });
    expect(await endpoints.list()).toMatchObject({ endpoints: [{ id: 'WH1', isEnabled: true }] });

    expect(requests.slice(1)).toMatchObject([
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      { method: 'PATCH', url: 'https://api-m.sandbox.paypal.com/v1/notifications/webhooks/WH1' },
      { method: 'GET' },
    ]);
    expect(requests.slice(1, 3).map(({ body }) => JSON.parse(body ?? ''))).toEqual([
      { url: OURS.url, event_types: [{ name: 'a' }, { name: 'b' }] },
      [
        { op: 'replace', path: '/url', value: OURS.url },
        { op: 'replace', path: '/event_types', value: [{ name: 'a' }] },
      ],
    ]);
  });

  test.each([['{"webhooks": 5}'], ['{"webhooks": [{}]}'], ['{}']])('is not understood: %s', async (answer) => {
    expect(await open('paypal', TOKEN, answer).endpoints.list()).toEqual(NOT_UNDERSTOOD);
  });

  test('changes nothing where nothing is named', async () => {
    const { requests, endpoints } = open('paypal', TOKEN, webhook);
    await endpoints.update('WH1', {});

    expect(requests[1]?.body).toBe('[]');
  });
});

test.each(ENDPOINTS_APIS)(
  'an endpoint of $provider can be subscribed to every type that is mapped, but for former ones',
  (api) => {
    const { provider, formerTypes } = api;
    const rows = MAPPINGS.find((mapping) => mapping.provider === provider)?.rows ?? [];
    const { types } = catalogueOf(provider);
    const mapped = rows.filter(({ gives }) => gives.length > 0).map(({ providerType }) => providerType);

    expect(mapped.filter((type) => !types.includes(type)).toSorted()).toEqual(formerTypes.toSorted());
  },
);
