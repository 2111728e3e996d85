import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../../test/support/test-home.ts';
import { readRecord } from '../../audit/audit.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { SignedDelivery } from '../../core/ports/provider.ts';
import { createAnswerDelivery } from '../../receive/answer-delivery.ts';
import type { ProxyEvent } from './api-gateway-delivery.ts';
import { createReceiveEvent, type ReceiveEventDeps } from './receive-event.ts';

const TRACE = 'Root=1-67a2f2b1-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1';
const metrics: Metrics = {
  delivery: () => {},
  attempt: () => {},
  destination: () => {},
  cardDataFound: () => {},
  duplicateDiffers: () => {},
  unknownType: () => {},
};

const open = (overrides: Partial<ReceiveEventDeps> = {}, receive?: ReturnType<typeof createTestHome>['receive']) => {
  const home = createTestHome();
  const { clock, logger, turnedAway } = home;
  const deliveries = createAnswerDelivery({ receive: receive ?? home.receive, turnedAway, clock, logger, metrics });
  const receiveEvent = createReceiveEvent({
    deliveries,
    turnedAway,
    logger,
    providerNames: new Set(['stripe']),
    publishedAddresses: new Set(['3.18.12.63']),
    clock,
    traceHeader: () => TRACE,
    drainAlerts: async () => {},
    ...overrides,
  });
  const send = (event: ProxyEvent, remainingMs = 20_000) =>
    receiveEvent(event, { awsRequestId: 'lambda-request-1', getRemainingTimeInMillis: () => remainingMs });
  return { home, send };
};

/** What API Gateway makes of a request: the body in base64, the headers with their casing and repeats. */
const eventOf = ({ body, headers }: SignedDelivery, overrides: Partial<ProxyEvent> = {}): ProxyEvent => ({
  body: Buffer.from(body).toString('base64'),
  isBase64Encoded: true,
  httpMethod: 'POST',
  path: '/webhook/stripe',
  pathParameters: { provider: 'stripe' },
  headers: {},
  multiValueHeaders: {
    'Content-Type': ['application/json'],
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]])),
  },
  multiValueQueryStringParameters: null,
  requestContext: { requestId: 'request-1', identity: { sourceIp: '192.0.2.7' } },
  ...overrides,
});

const bodyOf = ({ body }: { readonly body: string }): unknown => JSON.parse(body);

describe('receiveEvent', () => {
  test('tells of published addresses what it only counts of a stranger who sends as much', async () => {
    const { home, send } = open();
    const forged = (sourceIp: string) =>
      eventOf({ body: Buffer.from('{}'), headers: {} }, { requestContext: { requestId: 'r', identity: { sourceIp } } });

    for (let n = 0; n < 100; n += 1) {
      await send(forged('198.51.100.7'));
      await send(forged('3.18.12.63'));
    }

    const told = (address: string) =>
      home.logger.lines.filter(({ fields }) => fields.source_address === address).length;
    expect(told('3.18.12.63')).toBe(100);
    expect(told('198.51.100.7')).toBeLessThan(50);
  });

  test.each([
    ['two Host headers', { Host: ['a', 'b'] }, 'request_malformed'],
    ['an expectation that there is not', { Expect: ['banana'] }, 'expectation_not_supported'],
  ])('refuses %s as the other home does', async (_what, more, reason) => {
    const { home, send } = open();
    const event = eventOf(stripeDelivery(home.clock, 'evt_1'));

    const answer = await send({ ...event, multiValueHeaders: { ...event.multiValueHeaders, ...more } });

    expect([answer.statusCode, bodyOf(answer)]).toEqual([400, { error: reason }]);
  });

  test('stores a signed delivery before it answers 200, with the trace that API Gateway began', async () => {
    const { home, send } = open();

    const answer = await send(eventOf(stripeDelivery(home.clock, 'evt_1')));

    expect(answer).toMatchObject({ statusCode: 200, headers: { 'content-type': 'application/json' } });
    expect(bodyOf(answer)).toEqual({ status: 'accepted', webhookId: 'stripe:evt_1' });
    const [stored] = await home.store.find('stripe:evt_1');
    expect(stored?.traceId).toBe('1-67a2f2b1-0123456789abcdef01234567');
    expect(await home.queue.claim(10, 1000)).toHaveLength(1);
  });

  test('answers a delivery that comes again as a duplicate, and stores nothing', async () => {
    const { home, send } = open();
    const event = eventOf(stripeDelivery(home.clock, 'evt_1'));
    await send(event);

    expect(bodyOf(await send(event))).toEqual({ status: 'duplicate', webhookId: 'stripe:evt_1' });

    expect(await home.store.find('stripe:evt_1')).toHaveLength(1);
  });

  test('verifies bytes that are no UTF-8 exactly as they came, and keeps what it cannot understand', async () => {
    const { home, send } = open();
    const body = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x00, 0x22, 0x7d]);

    const answer = await send(eventOf(stripeDelivery(home.clock, 'evt_1', { body })));

    expect(answer.statusCode).toBe(200);
    const [stored] = (await home.store.list({ limit: 1 })).items;
    expect(stored).toMatchObject({ status: 'dead_lettered', eventType: 'unparsable' });
    const webhook = stored === undefined ? undefined : await home.store.get(stored);
    expect(webhook && Buffer.from(await home.seal.open(webhook.payload, webhook))).toEqual(body);
  });

  test('refuses a forged delivery with 401, says nothing of the reason, and audits it with the sender', async () => {
    const { home, send } = open();

    const answer = await send(eventOf(stripeDelivery(home.clock, 'evt_1', { secret: 'whsec_of_somebody_else' })));

    expect(answer.statusCode).toBe(401);
    expect(bodyOf(answer)).toEqual({ error: 'signature_verification_failed' });
    const [entry] = await home.auditLog.latest(1);
    expect(entry && readRecord(entry)).toMatchObject({
      event: 'REJECTED_SIGNATURE',
      reason: 'signature_mismatch',
      origin: { sourceAddress: '192.0.2.7', requestId: 'request-1' },
    });
    expect((await home.store.list({ limit: 1 })).items).toEqual([]);
  });

  test('refuses a signature header that comes twice, as no provider sends it', async () => {
    const { home, send } = open();
    const event = eventOf(stripeDelivery(home.clock, 'evt_1'));
    const signature = event.multiValueHeaders['STRIPE-SIGNATURE'] ?? [];
    const twice = { ...event.multiValueHeaders, 'STRIPE-SIGNATURE': [...signature, ...signature] };

    expect((await send({ ...event, multiValueHeaders: twice })).statusCode).toBe(401);
  });

  const REFUSED: readonly [string, Partial<ProxyEvent>, number, string][] = [
    ['a provider that nobody knows', { pathParameters: { provider: 'acme' } }, 404, 'provider_unknown'],
    ['a path that cannot name a provider', { pathParameters: { provider: '../stripe' } }, 400, 'path_not_understood'],
    ['another method', { httpMethod: 'GET' }, 405, 'method_not_allowed'],
    ['a form', { multiValueHeaders: { 'content-type': ['text/plain'] } }, 400, 'content_type_not_supported'],
    ['too many headers', { multiValueHeaders: { a: Array.from({ length: 101 }, String) } }, 400, 'headers_too_large'],
    ['a body over 1 MiB', { body: Buffer.alloc(1_048_577).toString('base64') }, 413, 'body_too_large'],
    ['no body at all', { body: null }, 401, 'signature_verification_failed'],
  ];
  for (const [what, overrides, status, error] of REFUSED) {
    test(`answers ${status} ${error} to ${what}, and audits it`, async () => {
      const { home, send } = open();

      const answer = await send(eventOf(stripeDelivery(home.clock, 'evt_1'), overrides));

      expect(answer.statusCode).toBe(status);
      expect(bodyOf(answer)).toEqual({ error });
      expect(await home.auditLog.latest(10)).toHaveLength(1);
      if (status === 405) expect(answer.headers).toMatchObject({ allow: 'POST' });
    });
  }

  test('asks the provider to come again, with Retry-After, when nothing could be stored', async () => {
    const { home, send } = open({}, async () => {
      throw new Error('the table is on fire, and its name is a secret');
    });

    const answer = await send(eventOf(stripeDelivery(home.clock, 'evt_1')));

    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
    expect(bodyOf(answer)).toEqual({ error: 'internal' });
  });

  test('answers 503 before Lambda would end the function, whatever the limit of a delivery is', async () => {
    const { home, send } = open({}, () => new Promise(() => {}));

    const answer = await send(eventOf(stripeDelivery(home.clock, 'evt_1')), LIMITS.functionReserveMs + 5);

    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
    expect(bodyOf(answer)).toEqual({ error: 'store_unavailable' });
  });

  test('does not answer before every alert has left: the function is frozen afterwards', async () => {
    const order: string[] = [];
    const { home, send } = open({
      drainAlerts: async () => {
        await Promise.resolve();
        order.push('alerts left');
      },
    });

    await send(eventOf(stripeDelivery(home.clock, 'evt_1')));
    order.push('answered');

    expect(order).toEqual(['alerts left', 'answered']);
  });

  test('hands the address under which API Gateway was called to what verifies, never a header of the sender', async () => {
    const addresses: (string | null)[] = [];
    const { home, send } = open({}, async ({ delivery }) => {
      addresses.push(delivery.publicUrl);
      return { outcome: 'provider_unknown' };
    });
    const event = eventOf(stripeDelivery(home.clock, 'evt_1'));
    const requestContext = {
      ...event.requestContext,
      domainName: 'abc.execute-api.example',
      path: '/dev/webhook/stripe',
    };

    await send({ ...event, requestContext, headers: { Host: 'evil.example' } });

    expect(addresses).toEqual(['https://abc.execute-api.example/dev/webhook/stripe']);
  });
});
