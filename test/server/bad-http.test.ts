import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { post } from '../support/running-server.ts';
import { exchange, head } from './raw-exchange.ts';
import {
  clock,
  expectAnswer,
  expectRefusedFor,
  JSON_TYPE,
  type Refusal,
  server,
  sign,
  turnedAwayLines,
  useServer,
  whole,
} from './refusing-server.ts';
import { CANARY, stripeEvent } from './signed.ts';

useServer();

describe('the edge before a provider is known', () => {
  test.each<[string, string, Refusal]>([
    ['the root', '/', { status: 404, code: 'provider_unknown' }],
    ['another path', '/admin', { status: 404, code: 'provider_unknown' }],
    ['a path above', '/webhook/../x', { status: 404, code: 'provider_unknown' }],
    ['a path below a provider', '/webhook/stripe/', { status: 404, code: 'provider_unknown' }],
    ['a doubled slash', '//webhook/stripe', { status: 404, code: 'provider_unknown' }],
    ['a whole URL as target', 'http://any.example/admin', { status: 404, code: 'provider_unknown' }],
    ['a whole URL without a path', 'http://any.example?x=/webhook/stripe', { status: 404, code: 'provider_unknown' }],
    ['a whole URL of another kind', 'ftp://any.example/webhook/stripe', { status: 404, code: 'provider_unknown' }],
    ['an asterisk', '*', { status: 404, code: 'provider_unknown' }],
    ['the metrics of operators', '/metrics', { status: 404, code: 'provider_unknown' }],
    ['no provider', '/webhook/', { status: 400, code: 'path_not_understood' }],
    ['a NUL', '/webhook/%00', { status: 400, code: 'path_not_understood' }],
    ['capitals', '/webhook/STRIPE', { status: 400, code: 'path_not_understood' }],
    ['an escaped slash', '/webhook/stripe%2f..', { status: 400, code: 'path_not_understood' }],
    ['bytes that are not ASCII', '/webhook/stripé', { status: 400, code: 'request_malformed' }],
    ['a name of 10,000 letters', `/webhook/${'a'.repeat(10_000)}`, { status: 400, code: 'path_not_understood' }],
    ['a provider that there is not', '/webhook/coinbase', { status: 404, code: 'provider_unknown' }],
    ['a name of every object', '/webhook/constructor', { status: 404, code: 'provider_unknown' }],
  ])('answers %s (%s) with its code', async (_what, path, refusal) => {
    const answer = await exchange(server.port, [
      Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
        'latin1',
      ),
    ]);

    expectAnswer(answer, refusal);
    await expectRefusedFor(refusal.code);
  });

  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'answers %s with 405 and the method that is allowed',
    async (method) => {
      const answer = await exchange(server.port, [head(`${method} /webhook/stripe`)]);

      expectAnswer(answer, { status: 405, code: 'method_not_allowed' });
      expect(answer.headers.get('allow')).toBe('POST');
      await expectRefusedFor('method_not_allowed');
    },
  );

  test('answers HEAD with 405 and no body', async () => {
    const response = await fetch(`${server.url}/webhook/stripe`, { method: 'HEAD' });

    expect([response.status, await response.text()]).toEqual([405, '']);
    await expectRefusedFor('method_not_allowed');
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
  ])('refuses the content type "%s" even when the body is signed', async (type) => {
    const signed = sign('stripe', stripeEvent('evt_type'), { now: clock.now() });

    const answer = await post(server.url, 'stripe', signed, { 'content-type': type });

    expectAnswer(answer, { status: 400, code: 'content_type_not_supported' });
    await expectRefusedFor('content_type_not_supported');
  });
});

describe('the edge on requests that Node would answer by itself', () => {
  const signedParts = (id: string, more: Readonly<Record<string, string>> = {}) => {
    const signed = sign('stripe', stripeEvent(id), { now: clock.now() });
    return whole(signed.body, { ...signed.headers, ...more });
  };
  const withoutHost = (text: string): string => text.replace('Host: 127.0.0.1\r\n', '');

  test.each<[string, string | Uint8Array, Refusal]>([
    [
      'no Host header',
      'POST /webhook/stripe HTTP/1.1\r\nContent-Length: 0\r\n\r\n',
      { status: 400, code: 'request_malformed' },
    ],
    [
      'two Host headers',
      'POST /webhook/stripe HTTP/1.1\r\nHost: a\r\nHOST: b\r\nContent-Length: 0\r\n\r\n',
      { status: 400, code: 'request_malformed' },
    ],
    [
      'an expectation that there is not',
      'POST /webhook/stripe HTTP/1.1\r\nHost: a\r\nExpect: banana\r\nContent-Length: 2\r\n\r\n{}',
      { status: 400, code: 'expectation_not_supported' },
    ],
    [
      'CONNECT',
      'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n',
      { status: 405, code: 'method_not_allowed' },
    ],
    ['the greeting of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', { status: 400, code: 'request_malformed' }],
  ])('answers %s as any other, with a line and an audit entry', async (_what, bytes, refusal) => {
    const answer = await exchange(server.port, [bytes]);

    expectAnswer(answer, refusal);
    expect(answer.headers.get('content-type')).toBe('application/json');
    await expectRefusedFor(refusal.code);
  });

  test('takes what they resemble: HTTP/1.0 without a Host, 100-continue, an upgrade that we do not know', async () => {
    const [start, body] = signedParts('evt_http_10');
    const [continued, continuedBody] = signedParts('evt_continue', {
      Expect: '100-continue',
      Connection: 'close',
    });
    const [upgrade, upgradeBody] = signedParts('evt_upgrade', { Connection: 'Upgrade', Upgrade: 'h2c' });

    const old = await exchange(server.port, [withoutHost(start).replace('HTTP/1.1', 'HTTP/1.0'), body]);
    const told = await exchange(server.port, [continued, continuedBody]);
    const upgraded = await exchange(server.port, [upgrade, upgradeBody]);

    expect(old.status).toBe(200);
    expect(told.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(upgraded.status).toBe(200);
  });

  test('takes a whole URL as the target, and its path and query as those of the delivery', async () => {
    const [start, body] = signedParts('evt_absolute');

    const answer = await exchange(server.port, [
      start.replace('POST /webhook/stripe ', 'POST HTTP://Any.Example:8080/webhook/stripe?x=1 '),
      body,
    ]);

    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      200,
      { status: 'accepted', webhookId: 'stripe:evt_absolute' },
    ]);
  });

  test('takes an empty content type for none', async () => {
    const [start, body] = signedParts('evt_empty_type');

    const answer = await exchange(server.port, [start.replace(/Content-Type: [^\r]*/, 'Content-Type:'), body]);

    expect(answer.status).toBe(200);
  });

  test('closes a connection that says nothing without a word', async () => {
    const answer = await exchange(server.port, [], { isHalfClosed: true });

    expect(answer.text).toBe('');
    expect(turnedAwayLines()).toEqual([]);
  });
});

describe('the edge on HTTP that is broken', () => {
  test.each<[string, string | Uint8Array]>([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['a TLS greeting', Buffer.from('16030100c8010000c40303', 'hex')],
    ['a method that there is not', 'BREW /webhook/stripe HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a header without a colon', `POST /webhook/stripe HTTP/1.1\r\nHost: x\r\n${CANARY}\r\n\r\n`],
    ['a length that is no number', 'POST /webhook/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n'],
    [
      'two different lengths',
      'POST /webhook/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    ],
    [
      'length and chunks together',
      'POST /webhook/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a NUL in a header', 'POST /webhook/stripe HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n'],
  ])('answers %s with 400 and closes', async (_what, bytes) => {
    const answer = await exchange(server.port, [bytes]);

    expectAnswer(answer, { status: 400, code: 'request_malformed' });
    expect(answer.headers.get('connection')).toBe('close');
    await expectRefusedFor('request_malformed');
  });

  test('refuses a chunk whose size is no number, once', async () => {
    const start = head('POST /webhook/stripe', [JSON_TYPE, ['Transfer-Encoding', 'chunked']]);

    const answer = await exchange(server.port, [start, 'zz\r\n{}\r\n0\r\n\r\n']);

    expectAnswer(answer, { status: 400, code: 'request_malformed' });
    await expectRefusedFor('request_malformed');
  });

  test('refuses 64 KB of headers', async () => {
    const answer = await exchange(server.port, [
      head('POST /webhook/stripe', [['Big', CANARY.repeat(65_536 / CANARY.length)]]),
    ]);

    expectAnswer(answer, { status: 400, code: 'headers_too_large' });
    await expectRefusedFor('headers_too_large');
  });

  test('refuses 500 headers, though Node drops those above its limit without a word', async () => {
    const many = Array.from({ length: 500 }, (_, index) => [`H${index}`, 'x'] as const);

    const answer = await exchange(server.port, [head('POST /webhook/stripe', [JSON_TYPE, ...many])]);

    expectAnswer(answer, { status: 400, code: 'headers_too_large' });
    await expectRefusedFor('headers_too_large');
  });

  test('refuses a signed delivery among 101 headers and takes one among 90', async () => {
    const filler = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`H${index}`, 'x']));
    const many = sign('stripe', stripeEvent('evt_many_headers'), { now: clock.now() });
    const [bigHead, body] = whole(many.body, { ...many.headers, ...filler(101) });
    const [smallHead] = whole(many.body, { ...many.headers, ...filler(90) });

    expectAnswer(await exchange(server.port, [bigHead, body]), { status: 400, code: 'headers_too_large' });
    await expectRefusedFor('headers_too_large');
    expect((await exchange(server.port, [smallHead, body])).status).toBe(200);
  });

  test('refuses a body shorter than announced where nothing more can come, and stores nothing', async () => {
    const signed = sign('stripe', stripeEvent('evt_short'), { now: clock.now() });
    const [start, body] = whole(signed.body, signed.headers);

    const answer = await exchange(server.port, [start, body.subarray(0, 20)], { isHalfClosed: true });

    expectAnswer(answer, { status: 400, code: 'request_malformed' });
    await expectRefusedFor('request_malformed');
  });

  test('notes a sender that goes away in the middle of a body, and stores nothing', async () => {
    const signed = sign('stripe', stripeEvent('evt_gone'), { now: clock.now() });
    const [start, body] = whole(signed.body, { ...signed.headers, Expect: '100-continue' });
    const socket = connect(server.port, '127.0.0.1');
    socket.write(start);
    // It has read the headers.
    await once(socket, 'data');
    socket.write(body.subarray(0, 20), () => socket.resetAndDestroy());

    await expectRefusedFor('request_malformed');
  });
});
