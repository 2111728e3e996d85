import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../../../test/support/clock.ts';
import { type CallServiceDeps, createCallService } from './call-service.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';

const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: null,
};
const DYNAMODB = { name: 'dynamodb', target: 'DynamoDB_20120810', jsonVersion: '1.0' } as const;
const HEADERS = { date: 'Sun, 29 Nov 2026 05:00:00 GMT' };
const AT_SERVICE = Date.parse(HEADERS.date);

const OK: HttpAnswer = { status: 200, headers: HEADERS, body: '{"done":true}' };
const refusal = (name: string, status = 400, headers: HttpAnswer['headers'] = HEADERS): HttpAnswer => ({
  status,
  headers,
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'no', Item: { id: { S: 'a' } } }),
});

type Answer = HttpAnswer | Error;

/** Answers one after the other, the last one again and again. Nothing waits: jitter is 0 unless the test says otherwise. */
const open = (answers: readonly Answer[], overrides: Partial<CallServiceDeps> = {}, startAt = AT_SERVICE) => {
  const requests: HttpRequest[] = [];
  const clock = createTestClock(startAt);
  const fractions: number[] = [];
  const call = createCallService({
    exchange: async (request) => {
      requests.push(request);
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      if (answer instanceof Error || answer === undefined) throw answer;
      return answer;
    },
    region: 'us-east-1',
    credentials: CREDENTIALS,
    endpointOf: ({ name }) => new URL(`https://${name}.us-east-1.amazonaws.com/`),
    clock,
    randomness: {
      fraction: () => {
        fractions.push(0);
        return 0;
      },
    },
    ...overrides,
  });
  return { call: () => call(DYNAMODB, 'PutItem', '{}'), requests, clock, fractions };
};

const networkError = (code: string): Error => Object.assign(new Error('broken'), { code });
const timeout = Object.assign(new Error('no answer in 2000 ms'), { name: 'TimeoutError' });

describe('createCallService', () => {
  test('sends the operation, signed, to the service and hands on what it answers', async () => {
    const { call, requests } = open([OK]);

    expect(await call()).toBe('{"done":true}');

    const [{ url, headers, body } = {} as HttpRequest] = requests;
    expect(url.href).toBe('https://dynamodb.us-east-1.amazonaws.com/');
    expect(body).toBe('{}');
    expect(headers).toMatchObject({
      host: 'dynamodb.us-east-1.amazonaws.com',
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.PutItem',
      'x-amz-date': '20261129T050000Z',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261129\/us-east-1\/dynamodb\/aws4_request, SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/,
      ),
    });
    expect(headers).not.toHaveProperty('x-amz-security-token');
  });

  test('sends and signs the session token of a function', async () => {
    const { call, requests } = open([OK], { credentials: { ...CREDENTIALS, sessionToken: 'session' } });

    await call();

    expect(requests[0]?.headers).toMatchObject({
      'x-amz-security-token': 'session',
      authorization: expect.stringContaining('x-amz-date;x-amz-security-token;x-amz-target'),
    });
  });

  test.each([
    refusal('ThrottlingException'),
    refusal('ProvisionedThroughputExceededException'),
    refusal('RequestLimitExceeded'),
    refusal('TransactionInProgressException'),
    refusal('Anything', 429),
    refusal('InternalServerError', 500),
    { status: 503, headers: {}, body: '<html>not the service itself</html>' },
    timeout,
    networkError('ECONNRESET'),
    networkError('ECONNREFUSED'),
    networkError('EPIPE'),
    networkError('ENOTFOUND'),
  ] satisfies Answer[])('tries again after trouble that passes: %o', async (trouble) => {
    const { call, requests } = open([trouble, OK]);

    expect(await call()).toBe('{"done":true}');

    expect(requests).toHaveLength(2);
  });

  test.each([
    refusal('ConditionalCheckFailedException'),
    refusal('TransactionCanceledException'),
    refusal('ValidationException'),
    refusal('AccessDeniedException'),
    refusal('ExpiredTokenException'),
    networkError('CERT_HAS_EXPIRED'),
    new TypeError('a mistake of ours'),
  ] satisfies Answer[])('does not repeat what would end the same way: %o', async (refused) => {
    const { call, requests } = open([refused, OK]);

    await expect(call()).rejects.toBeInstanceOf(Error);

    expect(requests).toHaveLength(1);
  });

  test('gives up after three tries, with the last error under its own name and all that it says', async () => {
    const { call, requests } = open([refusal('ThrottlingException')]);

    await expect(call()).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'no',
      status: 400,
      Item: { id: { S: 'a' } },
    });

    expect(requests).toHaveLength(3);
  });

  test('names an error by the header where the body does not, and by its status where nothing does', async () => {
    const named = open([{ status: 400, headers: { 'x-amzn-errortype': 'ValidationException:http://x/' }, body: '' }]);
    const nameless = open([{ status: 404, headers: {}, body: 'not JSON' }]);

    await expect(named.call()).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(nameless.call()).rejects.toMatchObject({ name: 'HttpStatus404' });
  });

  test('begins no try that the time for the call does not leave room for, and none lasts beyond it', async () => {
    const clock = createTestClock(AT_SERVICE);
    const msMax: number[] = [];
    const { call } = open([], {
      clock,
      callMsMax: 5_000,
      requestMsMax: 2_000,
      attemptsMax: 10,
      exchange: async (request) => {
        msMax.push(request.msMax);
        clock.advance(request.msMax);
        throw timeout;
      },
    });

    await expect(call()).rejects.toBe(timeout);

    expect(msMax).toEqual([2_000, 2_000, 1_000]);
  });

  test('does not wait for longer than the call may take', async () => {
    const { call, requests } = open([refusal('ThrottlingException')], {
      randomness: { fraction: () => 0.999 },
      callMsMax: 400,
    });

    await expect(call()).rejects.toMatchObject({ name: 'ThrottlingException' });

    expect(requests).toHaveLength(1);
  });

  test.each([
    { name: 'InvalidSignatureException', offMs: -20 * 60_000 },
    { name: 'RequestTimeTooSkewed', offMs: 3 * 60 * 60_000 },
    { name: 'AccessDeniedException', offMs: 5 * 60_000 },
  ])('puts a clock right that is off by $offMs ms, and keeps it right: $name', async ({ name, offMs }) => {
    const { call, requests } = open([refusal(name), OK], {}, AT_SERVICE + offMs);

    await call();
    await call();

    expect(requests.slice(1).map(({ headers }) => headers['x-amz-date'])).toEqual([
      '20261129T050000Z',
      '20261129T050000Z',
    ]);
  });

  test('takes a refused signature for what it is when the clock is right, or the service does not tell the time', async () => {
    const right = open([refusal('InvalidSignatureException'), OK], {}, AT_SERVICE + 60_000);
    const untold = open([refusal('InvalidSignatureException', 403, {}), OK], {}, 0);

    await expect(right.call()).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    await expect(untold.call()).rejects.toMatchObject({ name: 'InvalidSignatureException' });

    expect([right.requests, untold.requests].map(({ length }) => length)).toEqual([1, 1]);
  });
});
