import { once } from 'node:events';
import { request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LogFields } from '../../src/core/ports/logger.ts';
import { createReceiveEvent } from '../../src/homes/aws/receive-event.ts';
import { createEdgeLimits } from '../../src/homes/local/edge-limits.ts';
import { createHttpEdge } from '../../src/homes/local/http-edge.ts';
import { createAnswerDelivery } from '../../src/receive/answer-delivery.ts';
import type { ReceiveInput, ReceiveOutcome } from '../../src/receive/receive.ts';
import { createTestHome, stripeDelivery } from '../support/test-home.ts';

type Receive = (input: ReceiveInput) => Promise<ReceiveOutcome>;
type TestHome = ReturnType<typeof createTestHome>;

interface Request {
  readonly method?: string;
  readonly provider?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

interface Answered {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

interface Case {
  readonly request?: Request;
  readonly receive?: Receive;
  readonly deliveryMsMax?: number;
  /** The request was answered once before. */
  readonly isRepeated?: boolean;
  readonly expected: { readonly status: number; readonly event: string; readonly reason?: string };
}

const never: Receive = () => new Promise(() => {});
const broken: Receive = async () => {
  throw new Error('the disk is on fire');
};
const answers =
  (outcome: ReceiveOutcome): Receive =>
  async () =>
    outcome;
const manyHeaders = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`x-${index}`, '1']));

const CASES: Readonly<Record<string, Case>> = {
  'a delivery that is not done within its time': {
    receive: never,
    deliveryMsMax: 20,
    expected: { status: 503, event: 'delivery.unavailable', reason: 'store_unavailable' },
  },
  'a delivery during which a machine breaks': {
    receive: broken,
    expected: { status: 503, event: 'delivery.unavailable', reason: 'internal' },
  },
  'a delivery that cannot be verified now': {
    receive: answers({ outcome: 'unavailable', reason: 'certificate_unavailable' }),
    expected: { status: 503, event: 'delivery.unavailable', reason: 'certificate_unavailable' },
  },
  'a genuine delivery': { expected: { status: 200, event: 'delivery.received' } },
  'a delivery that comes again': { isRepeated: true, expected: { status: 200, event: 'delivery.received' } },
  'a forged delivery': {
    request: { body: Buffer.from('{"id":"evt_forged"}') },
    expected: { status: 401, event: 'delivery.rejected', reason: 'signature_mismatch' },
  },
  'a delivery without a signature': {
    request: { headers: {} },
    expected: { status: 401, event: 'delivery.rejected', reason: 'signature_missing' },
  },
  'a payload that is too large once sealed': {
    receive: answers({ outcome: 'too_large', sealedBytes: 500_000 }),
    expected: { status: 413, event: 'delivery.refused', reason: 'too_large' },
  },
  'a provider without a secret': {
    receive: answers({ outcome: 'provider_unknown' }),
    expected: { status: 404, event: 'delivery.refused', reason: 'provider_unknown' },
  },
  'a provider that nobody knows': {
    request: { provider: 'acme' },
    expected: { status: 404, event: 'delivery.refused', reason: 'provider_unknown' },
  },
  'a path that cannot name a provider': {
    request: { provider: 'Str!pe' },
    expected: { status: 400, event: 'delivery.refused', reason: 'path_not_understood' },
  },
  'another method': {
    request: { method: 'PUT' },
    expected: { status: 405, event: 'delivery.refused', reason: 'method_not_allowed' },
  },
  'another type of content': {
    request: { headers: { 'content-type': 'text/plain' } },
    expected: { status: 400, event: 'delivery.refused', reason: 'content_type_not_supported' },
  },
  'a content type that is empty': {
    request: { headers: { 'content-type': '' } },
    expected: { status: 401, event: 'delivery.rejected', reason: 'signature_missing' },
  },
  'too many headers': {
    request: { headers: manyHeaders },
    expected: { status: 400, event: 'delivery.refused', reason: 'headers_too_large' },
  },
  'a body over 1 MiB': {
    request: { body: Buffer.alloc(1024 * 1024 + 1, ' ') },
    expected: { status: 413, event: 'delivery.refused', reason: 'body_too_large' },
  },
};

type Sent = { readonly method: string; readonly provider: string } & Required<Pick<Request, 'headers' | 'body'>>;
type OpenEdge = (home: TestHome, parts: Parts) => Promise<(sent: Sent) => Promise<Answered>>;

const partsOf = (home: TestHome, { receive = home.receive, deliveryMsMax }: Case) => {
  const counts: unknown[][] = [];
  const { clock, logger, turnedAway } = home;
  const deliveries = createAnswerDelivery({
    receive,
    turnedAway,
    clock,
    logger,
    metrics: {
      delivery: (...count) => void counts.push(['delivery', ...count]),
      cardDataFound: (...count) => void counts.push(['cardDataFound', ...count]),
      duplicateDiffers: (...count) => void counts.push(['duplicateDiffers', ...count]),
    },
    ...(deliveryMsMax === undefined ? {} : { deliveryMsMax }),
  });
  const limits = createEdgeLimits({
    settings: {
      requestsPerSecond: 1000,
      requestsBurst: 1000,
      requestsPerSecondPerAddress: 10,
      arePublishedAddressesExempt: true,
      isLoopbackExempt: true,
      trustedProxyHops: 0,
    },
    publishedAddresses: new Set(),
    clock,
    logger,
  });
  return { deliveries, counts, limits };
};
type Parts = ReturnType<typeof partsOf>;

const providerNames = new Set(['stripe']);

const openLocal: OpenEdge = async ({ clock, logger, randomness }, { deliveries, limits }) => {
  const edge = createHttpEdge({
    deliveries,
    clock,
    randomness,
    logger,
    limits,
    providerNames,
    answerProbe: () => undefined,
  }).listen(0, '127.0.0.1');
  await once(edge, 'listening');
  onTestFinished(() => {
    edge.closeAllConnections();
    edge.close();
  });
  const { port } = edge.address() as AddressInfo;
  return async ({ method, provider, headers, body }) => {
    const request = sendRequest({ host: '127.0.0.1', port, method, path: `/webhook/${provider}`, headers });
    request.end(body);
    const [response] = await once(request, 'response');
    return {
      status: response.statusCode,
      headers: response.headers,
      body: JSON.parse(await text(response)),
    };
  };
};

const openAws: OpenEdge = async ({ clock, logger, turnedAway }, { deliveries }) => {
  const receiveEvent = createReceiveEvent({
    deliveries,
    turnedAway,
    providerNames,
    publishedAddresses: new Set(),
    clock,
    logger,
    traceHeader: () => undefined,
    drainAlerts: async () => {},
  });
  return async ({ method, provider, headers, body }) => {
    const answer = await receiveEvent(
      {
        body: Buffer.from(body).toString('base64'),
        isBase64Encoded: true,
        httpMethod: method,
        path: `/webhook/${provider}`,
        pathParameters: { provider },
        headers: {},
        multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
        multiValueQueryStringParameters: null,
        requestContext: { requestId: 'request-1', identity: { sourceIp: '127.0.0.1' } },
      },
      { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 20_000 },
    );
    return {
      status: answer.statusCode,
      headers: answer.headers as Answered['headers'],
      body: JSON.parse(answer.body),
    };
  };
};

/** What a home says to the sender, to the log, to the metrics and to the trail. */
const played = async (openEdge: OpenEdge, one: Case) => {
  const home = createTestHome();
  const parts = partsOf(home, one);
  const send = await openEdge(home, parts);
  const signed = stripeDelivery(home.clock, 'evt_1');
  const { method = 'POST', provider = 'stripe', body = signed.body, headers = signed.headers } = one.request ?? {};
  const sent = { method, provider, body, headers };
  if (one.isRepeated) await send(sent);
  const { status, headers: answered, body: said } = await send(sent);
  const { 'content-type': contentType, 'retry-after': retryAfter, allow } = answered;
  return {
    answer: { status, body: said, contentType, retryAfter, allow },
    lines: home.logger.lines.map(({ level, event, fields }) => ({ level, event, ...named(fields) })),
    counts: parts.counts,
    entries: (await home.auditLog.latest(10)).length,
  };
};

/** Names are drawn; everything else about a line is the same in both homes. */
const named = ({ request_id, ...fields }: LogFields): object => ({
  ...fields,
  request_id: typeof request_id,
});

describe('I9 both homes give the same answer, line, count and audit entry', () => {
  test.each(Object.entries(CASES))('to %s', async (_, one) => {
    const local = await played(openLocal, one);
    const aws = await played(openAws, one);

    expect(local).toEqual(aws);
    const { status, event, reason } = one.expected;
    const last = aws.lines.at(-1);
    expect(aws.answer.status).toBe(status);
    expect(aws.answer.retryAfter).toBe(status === 503 ? '5' : undefined);
    expect(last).toMatchObject({ event, ...(reason === undefined ? {} : { reason }), source_address: '127.0.0.1' });
    expect(aws.lines).toHaveLength(one.isRepeated ? 2 : 1);
    expect(aws.counts).toHaveLength(one.isRepeated ? 2 : 1);
  });

  test('what goes on behind an answer that came for its time stays counted as under way until it ends', async () => {
    const home = createTestHome();
    const { promise, resolve } = Promise.withResolvers<ReceiveOutcome>();
    const parts = partsOf(home, {
      receive: () => promise,
      deliveryMsMax: 20,
      expected: { status: 503, event: 'delivery.unavailable' },
    });
    const send = await openLocal(home, parts);
    const { body, headers } = stripeDelivery(home.clock, 'evt_1');

    const answered = await send({ method: 'POST', provider: 'stripe', headers, body });

    expect(answered.status).toBe(503);
    const { underway, bodyBytes } = parts.limits;
    expect([underway.held(), bodyBytes.held()]).toEqual([1, body.length]);
    resolve({ outcome: 'provider_unknown' });
    await promise;
    expect([underway.held(), bodyBytes.held()]).toEqual([0, 0]);
    expect(home.logger.lines).toHaveLength(1);
  });
});
