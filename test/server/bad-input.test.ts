/** What anybody on the internet may send to a receiver, and what must come of it: an answer, a reason, and nothing else. */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { LogFields } from '../../src/core/ports/logger.ts';
import { createTestClock } from '../support/clock.ts';
import {
  createTestFolder,
  type LocalServer,
  post,
  readStored,
  type Stored,
  startLocalServer,
  type TestFolder,
  waitUntil,
} from '../support/running-server.ts';
import { exchange, head, type RawAnswer } from './raw-exchange.ts';
import {
  CANARY,
  createSigner,
  PROVIDER_NAMES,
  type ProviderName,
  SECRET_ENV,
  SECRETS,
  type Sign,
  serving,
  stripeEvent,
} from './signed.ts';

const clock = createTestClock();
const HEADERS_MS = 300;
const REQUEST_MS = 600;
/** No answer may take longer than the longest time-out, a round of checks, and a slow machine. */
const ANSWER_MS_MAX = 3000;

let folder: TestFolder;
let server: LocalServer;
let sign: Sign;
let before: Stored;
let linesBefore = 0;

beforeAll(async () => {
  folder = createTestFolder();
  const signer = await createSigner(clock.now());
  ({ sign } = signer);
  server = await startLocalServer({
    folder,
    clock,
    env: SECRET_ENV,
    certificates: serving(signer.leafPem),
    edgeTimeouts: { headersMs: HEADERS_MS, requestMs: REQUEST_MS, checkEveryMs: 50 },
  });
});

afterAll(async () => {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const stored = readStored(folder.data);
  await server.running.stop('test over');
  folder[Symbol.dispose]();
  expect(metrics).not.toContain(CANARY);
  expect(stored.plainText).not.toContain(CANARY);
  for (const secret of Object.values(SECRETS)) expect(stored.plainText).not.toContain(secret);
  expect(JSON.stringify(server.lines)).not.toContain(CANARY);
  expect(JSON.stringify(server.lines)).not.toContain('    at ');
});

beforeEach(() => {
  before = readStored(folder.data);
  linesBefore = server.lines.length;
});

const idsOf = ({ webhooks }: Stored): readonly string[] => webhooks.map((webhook) => webhook.id);

const refusals = (): readonly LogFields[] =>
  server.lines
    .slice(linesBefore)
    .filter((line) => line.event === 'delivery.refused')
    .map((line) => line.fields);

/** One log line with the reason, one audit entry with it, no webhook, nothing queued. */
const expectRefusedFor = async (reason: string): Promise<void> => {
  await waitUntil(`a refusal for ${reason} is logged`, () => refusals().length > 0);
  const rejectionsIn = (stored: Stored) => stored.entries.filter((entry) => entry.chain === 'rejections');
  await waitUntil(
    'the refusal is audited',
    () => rejectionsIn(readStored(folder.data)).length > rejectionsIn(before).length,
  );
  const after = readStored(folder.data);
  expect(refusals().map((fields) => fields.reason)).toEqual([reason]);
  expect(idsOf(after)).toEqual(idsOf(before));
  expect(after.queued).toBeLessThanOrEqual(before.queued);
  const added = rejectionsIn(after).slice(rejectionsIn(before).length);
  expect(added.map((entry) => entry.reason)).toEqual([reason]);
};

const expectStored = (status: string, lastError: string | null): void => {
  const added = readStored(folder.data).webhooks.slice(before.webhooks.length);
  expect(added).toEqual([expect.objectContaining({ status, lastError })]);
};

interface Refusal {
  readonly status: number;
  readonly code: string;
  /** As logged and audited. */
  readonly reason?: string;
}

const expectAnswer = (answer: { status: number; text: string; body?: string }, { status, code }: Refusal): void => {
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body ?? answer.text)).toEqual({ error: code });
  expect(answer.text).not.toContain(CANARY);
};

const JSON_TYPE = ['Content-Type', 'application/json'] as const;
const whole = (body: Uint8Array | string, headers: Readonly<Record<string, string>> = {}): [string, Uint8Array] => {
  const bytes = Buffer.from(body);
  return [
    head('POST /webhook/stripe', [['Content-Length', bytes.length], JSON_TYPE, ...Object.entries(headers)]),
    bytes,
  ];
};

const timed = async (work: () => Promise<RawAnswer>): Promise<RawAnswer> => {
  const startedAt = performance.now();
  const answer = await work();
  expect(performance.now() - startedAt).toBeLessThan(ANSWER_MS_MAX);
  return answer;
};

describe('the edge before a provider is known', () => {
  it.each<[string, string, Refusal]>([
    ['the root', '/', { status: 404, code: 'provider_unknown' }],
    ['another path', '/admin', { status: 404, code: 'provider_unknown' }],
    ['a path above', '/webhook/../x', { status: 404, code: 'provider_unknown' }],
    ['a path below a provider', '/webhook/stripe/', { status: 404, code: 'provider_unknown' }],
    ['a doubled slash', '//webhook/stripe', { status: 404, code: 'provider_unknown' }],
    ['a whole URL as target', 'http://127.0.0.1/webhook/stripe', { status: 404, code: 'provider_unknown' }],
    ['no provider', '/webhook/', { status: 400, code: 'path_not_understood' }],
    ['a NUL', '/webhook/%00', { status: 400, code: 'path_not_understood' }],
    ['capitals', '/webhook/STRIPE', { status: 400, code: 'path_not_understood' }],
    ['an escaped slash', '/webhook/stripe%2f..', { status: 400, code: 'path_not_understood' }],
    ['bytes that are not ASCII', '/webhook/stripé', { status: 400, code: 'request_malformed' }],
    ['a name of 10,000 letters', `/webhook/${'a'.repeat(10_000)}`, { status: 400, code: 'path_not_understood' }],
    ['a provider that there is not', '/webhook/coinbase', { status: 404, code: 'provider_unknown' }],
    ['a name of every object', '/webhook/constructor', { status: 404, code: 'provider_unknown' }],
  ])('answers %s (%s) with its code', async (_what, path, refusal) => {
    const answer = await timed(() =>
      exchange(server.port, [
        Buffer.from(
          `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
          'latin1',
        ),
      ]),
    );

    expectAnswer(answer, refusal);
    await expectRefusedFor(refusal.code);
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'answers %s with 405 and the method that is allowed',
    async (method) => {
      const answer = await exchange(server.port, [head(`${method} /webhook/stripe`)]);

      expectAnswer(answer, { status: 405, code: 'method_not_allowed' });
      expect(answer.headers.get('allow')).toBe('POST');
      await expectRefusedFor('method_not_allowed');
    },
  );

  it('answers HEAD with 405 and no body', async () => {
    const response = await fetch(`${server.url}/webhook/stripe`, { method: 'HEAD' });

    expect([response.status, await response.text()]).toEqual([405, '']);
    await expectRefusedFor('method_not_allowed');
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    '',
  ])('refuses the content type "%s" even when the body is signed', async (type) => {
    const signed = sign('stripe', stripeEvent('evt_type'), { now: clock.now() });

    const answer = await post(server.url, 'stripe', signed, { 'content-type': type });

    expectAnswer(answer, { status: 400, code: 'content_type_not_supported' });
    await expectRefusedFor('content_type_not_supported');
  });
});

describe('the edge on HTTP that is broken', () => {
  it.each<[string, string | Uint8Array]>([
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
    const answer = await timed(() => exchange(server.port, [bytes]));

    expectAnswer(answer, { status: 400, code: 'request_malformed' });
    expect(answer.headers.get('connection')).toBe('close');
    await expectRefusedFor('request_malformed');
  });

  it('refuses a chunk whose size is no number, once', async () => {
    const start = head('POST /webhook/stripe', [JSON_TYPE, ['Transfer-Encoding', 'chunked']]);

    const answer = await timed(() => exchange(server.port, [start, 'zz\r\n{}\r\n0\r\n\r\n']));

    expectAnswer(answer, { status: 400, code: 'request_malformed' });
    await expectRefusedFor('request_malformed');
  });

  it('refuses 64 KB of headers', async () => {
    const answer = await timed(() =>
      exchange(server.port, [head('POST /webhook/stripe', [['Big', CANARY.repeat(65_536 / CANARY.length)]])]),
    );

    expectAnswer(answer, { status: 400, code: 'headers_too_large' });
    await expectRefusedFor('headers_too_large');
  });

  it('refuses 500 headers, though Node drops those above its limit without a word', async () => {
    const many = Array.from({ length: 500 }, (_, index) => [`H${index}`, 'x'] as const);

    const answer = await timed(() => exchange(server.port, [head('POST /webhook/stripe', [JSON_TYPE, ...many])]));

    expectAnswer(answer, { status: 400, code: 'headers_too_large' });
    await expectRefusedFor('headers_too_large');
  });

  it('refuses a signed delivery among 101 headers and takes one among 90', async () => {
    const filler = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`H${index}`, 'x']));
    const many = sign('stripe', stripeEvent('evt_many_headers'), { now: clock.now() });
    const [bigHead, body] = whole(many.body, { ...many.headers, ...filler(101) });
    const [smallHead] = whole(many.body, { ...many.headers, ...filler(90) });

    expectAnswer(await exchange(server.port, [bigHead, body]), { status: 400, code: 'headers_too_large' });
    await expectRefusedFor('headers_too_large');
    expect((await exchange(server.port, [smallHead, body])).status).toBe(200);
  });

  it('answers headers that never end within the time for headers, and closes', async () => {
    const drip = Array.from({ length: 40 }, (_, index) => `X-${index}: y\r\n`);

    const answer = await timed(() =>
      exchange(server.port, ['POST /webhook/stripe HTTP/1.1\r\nHost: x\r\n', ...drip], { everyMs: 25 }),
    );

    expectAnswer(answer, { status: 400, code: 'request_timed_out' });
    await expectRefusedFor('request_timed_out');
  });

  it('answers a body that never ends within the time for a request, once', async () => {
    const start = head('POST /webhook/stripe', [JSON_TYPE, ['Content-Length', 10_000]]);

    const answer = await timed(() => exchange(server.port, [start, ...'x'.repeat(40)], { everyMs: 25 }));

    expectAnswer(answer, { status: 400, code: 'request_timed_out' });
    await expectRefusedFor('request_timed_out');
  });

  it.each([true, false])(
    'refuses a body shorter than announced (half closed: %s) and stores nothing',
    async (isHalfClosed) => {
      const signed = sign('stripe', stripeEvent('evt_short'), { now: clock.now() });
      const [start, body] = whole(signed.body, signed.headers);

      const answer = await timed(() => exchange(server.port, [start, body.subarray(0, 20)], { isHalfClosed }));

      const reason = isHalfClosed ? 'request_malformed' : 'request_timed_out';
      expectAnswer(answer, { status: 400, code: reason });
      await expectRefusedFor(reason);
    },
  );

  it('notes a sender that goes away in the middle of a body, and stores nothing', async () => {
    const signed = sign('stripe', stripeEvent('evt_gone'), { now: clock.now() });
    const [start, body] = whole(signed.body, signed.headers);
    const socket = connect(server.port, '127.0.0.1');
    socket.write(start);
    socket.write(body.subarray(0, 20), () => setTimeout(() => socket.resetAndDestroy(), 20));

    await expectRefusedFor('request_malformed');
  });
});

describe('the edge on the size of a body', () => {
  const oversized = Buffer.alloc(LIMITS.bodyBytesMax + 1, 'x');

  it('refuses 1 MiB and a byte by its announced length, before reading it', async () => {
    const start = head('POST /webhook/stripe', [JSON_TYPE, ['Content-Length', oversized.length]]);

    const answer = await timed(() => exchange(server.port, [start]));

    expectAnswer(answer, { status: 413, code: 'body_too_large' });
    await expectRefusedFor('body_too_large');
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('a sender of several MiB at once still gets to read the 413 (%i)', async () => {
    const start = head('POST /webhook/stripe', [JSON_TYPE, ['Content-Length', 4 * oversized.length]]);

    const answer = await timed(() => exchange(server.port, [start, oversized, oversized, oversized, oversized]));

    expectAnswer(answer, { status: 413, code: 'body_too_large' });
  });

  it('refuses 1 MiB and a byte in chunks', async () => {
    const start = head('POST /webhook/stripe', [JSON_TYPE, ['Transfer-Encoding', 'chunked']]);
    const chunk = Buffer.concat([
      Buffer.from(`${oversized.length.toString(16)}\r\n`),
      oversized,
      Buffer.from('\r\n0\r\n\r\n'),
    ]);

    const answer = await timed(() => exchange(server.port, [start, chunk]));

    expectAnswer(answer, { status: 413, code: 'body_too_large' });
    await expectRefusedFor('body_too_large');
  });

  it('takes exactly 1 MiB when it is signed and seals small', async () => {
    const event = stripeEvent('evt_one_mib');
    const signed = sign('stripe', event.padEnd(LIMITS.bodyBytesMax), { now: clock.now() });

    const answer = await post(server.url, 'stripe', signed);

    expect([answer.status, answer.json.status]).toEqual([200, 'accepted']);
    expect(readStored(folder.data).webhooks.at(-1)).toMatchObject({ bytes: LIMITS.bodyBytesMax });
  });

  it('verifies exactly 1 MiB that is not signed, and refuses it', async () => {
    const answer = await post(server.url, 'stripe', { body: Buffer.alloc(LIMITS.bodyBytesMax, ' '), headers: {} });

    expectAnswer(answer, { status: 401, code: 'signature_verification_failed' });
    await expectRefusedFor('signature_missing');
  });

  it('refuses a signed payload that seals to more than one table item holds', async () => {
    const noise = randomBytes(400 * 1024).toString('base64');
    const signed = sign('stripe', stripeEvent('evt_noise', { noise }), { now: clock.now() });

    const answer = await post(server.url, 'stripe', signed);

    expectAnswer(answer, { status: 413, code: 'payload_too_large' });
    const after = readStored(folder.data);
    expect(idsOf(after)).toEqual(idsOf(before));
    expect(refusals()).toEqual([expect.objectContaining({ reason: 'too_large', http_status: 413 })]);
  });
});

describe('a body that cannot be understood', () => {
  const bodies: readonly [string, Uint8Array, string][] = [
    ['empty', Buffer.alloc(0), 'body_not_json'],
    ['not JSON', Buffer.from(`hello ${CANARY}`), 'body_not_json'],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 'body_not_utf8'],
    ['nested 10,000 deep', Buffer.from('['.repeat(10_000) + ']'.repeat(10_000)), 'json_too_deep'],
    ['with a repeated key', Buffer.from('{"id":"evt_a","id":"evt_b","type":"t"}'), 'json_key_repeated'],
    ['a list', Buffer.from('[]'), 'shape_unexpected'],
    ['without an id', Buffer.from(`{"type":"t","note":"${CANARY}"}`), 'event_id_missing'],
    ['with an id only in __proto__', Buffer.from('{"__proto__":{"id":"evt_p","type":"t"}}'), 'event_id_missing'],
  ];

  it.each(bodies)('%s and unsigned is refused like any other', async (_what, body) => {
    const answer = await post(server.url, 'stripe', { body, headers: {} });

    expectAnswer(answer, { status: 401, code: 'signature_verification_failed' });
    await expectRefusedFor('signature_missing');
  });

  it.each(bodies)('%s and signed is kept whole as a dead letter', async (_what, body, reason) => {
    const answer = await post(server.url, 'stripe', sign('stripe', body, { now: clock.now() }));

    expect([answer.status, answer.json.status]).toEqual([200, 'accepted']);
    expectStored('dead_lettered', reason);
    expect(readStored(folder.data).webhooks.at(-1)).toMatchObject({ id: answer.json.webhookId, bytes: body.length });
    expect(readStored(folder.data).queued).toBe(before.queued);
  });

  it('keeps a whole event that also has __proto__ and constructor keys, and pollutes nothing', async () => {
    const body = `{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},${stripeEvent('evt_proto').slice(1)}`;

    const answer = await post(server.url, 'stripe', sign('stripe', body, { now: clock.now() }));

    expect(answer.json).toEqual({ status: 'accepted', webhookId: 'stripe:evt_proto' });
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
  });
});

const BODY_OF: Readonly<Record<ProviderName, string>> = {
  stripe: stripeEvent('evt_all'),
  paypal: JSON.stringify({ id: 'WH-1', event_type: 'PAYMENT.CAPTURE.COMPLETED', resource: { id: CANARY } }),
  square: JSON.stringify({ event_id: 'sq-1', type: 'payment.updated', data: { id: CANARY } }),
  adyen: JSON.stringify({ type: 'balancePlatform.accountHolder.created', data: { id: CANARY } }),
  'standard-webhooks': JSON.stringify({ type: 'payment.succeeded', data: { id: CANARY } }),
};

describe('a signature that is missing or wrong', () => {
  const expectRejected = (answer: { status: number; text: string; headers: Headers }): void => {
    expectAnswer(answer, { status: 401, code: 'signature_verification_failed' });
  };

  it('is answered in the same words and headers whatever is wrong with it', async () => {
    const now = clock.now();
    const good = sign('stripe', stripeEvent('evt_same'), { now });
    const wrong = [
      { body: good.body, headers: {} },
      { body: good.body, headers: { 'stripe-signature': CANARY } },
      { body: good.body, headers: { 'stripe-signature': `t=1,v1=${'0'.repeat(64)}` } },
      { body: Buffer.concat([good.body, Buffer.from(' ')]), headers: good.headers },
      sign('stripe', stripeEvent('evt_same'), { now, secret: 'whsec_other' }),
      sign('stripe', stripeEvent('evt_same'), { now: now - 301_000 }),
      sign('stripe', stripeEvent('evt_same'), { now: now + 301_000 }),
    ];

    const answers = await Promise.all(wrong.map((delivery) => post(server.url, 'stripe', delivery)));

    const shapes = answers.map(({ status, text, headers }) => {
      return JSON.stringify([status, text, [...headers].filter(([name]) => name !== 'date')]);
    });
    expect(new Set(shapes).size).toBe(1);
    expect(shapes[0]).toContain('401');
    expect(idsOf(readStored(folder.data))).toEqual(idsOf(before));
  });

  it.each(PROVIDER_NAMES)(
    'of %s is refused when nothing is signed, and when another secret signed',
    async (provider) => {
      const body = BODY_OF[provider];
      const other: Readonly<Record<ProviderName, string>> = {
        stripe: 'whsec_another',
        paypal: 'ANOTHERWEBHOOKID1',
        square: 'another',
        adyen: '00'.repeat(32),
        'standard-webhooks': `whsec_${Buffer.alloc(32).toString('base64')}`,
      };

      expectRejected(await post(server.url, provider, { body: Buffer.from(body), headers: {} }));
      expectRejected(
        await post(server.url, provider, sign(provider, body, { now: clock.now(), secret: other[provider] })),
      );
      expect(idsOf(readStored(folder.data))).toEqual(idsOf(before));
    },
  );

  it.each([
    ['300 s ago', -300_000, 200, null],
    ['301 s ago', -301_000, 401, 'timestamp_too_old'],
    ['in 300 s', 300_000, 200, null],
    ['in 301 s', 301_000, 401, 'timestamp_too_new'],
  ])('of Stripe, signed %s', async (what, ms, status, reason) => {
    const signed = sign('stripe', stripeEvent(`evt_${what.replaceAll(' ', '_')}`), { now: clock.now() + ms });

    const answer = await post(server.url, 'stripe', signed);

    expect(answer.status).toBe(status);
    if (reason === null) expectStored('received', null);
    else await expectRefusedFor(reason);
  });

  it.each([
    ['300 s ago', -300_000, 200, null],
    ['301 s ago', -301_000, 401, 'timestamp_too_old'],
    ['in 301 s', 301_000, 401, 'timestamp_too_new'],
  ])('of Standard Webhooks, signed %s', async (what, ms, status, reason) => {
    const body = JSON.stringify({ type: 'payment.succeeded', data: { note: what } });
    const signed = sign('standard-webhooks', body, { now: clock.now() + ms });

    expect((await post(server.url, 'standard-webhooks', signed)).status).toBe(status);
    if (reason !== null) await expectRefusedFor(reason);
  });

  it.each<[ProviderName, string]>([
    ['stripe', 'stripe-signature'],
    ['square', 'x-square-hmacsha256-signature'],
    ['paypal', 'paypal-transmission-sig'],
    ['standard-webhooks', 'webhook-signature'],
  ])('of %s is refused when its header comes twice', async (provider, header) => {
    const signed = sign(provider, BODY_OF[provider], { now: clock.now() });
    const bytes = Buffer.from(signed.body);
    const twice = Object.entries(signed.headers).flatMap(([name, value]) =>
      name === header ? [[name, value] as const, [name, value] as const] : [[name, value] as const],
    );

    const answer = await exchange(server.port, [
      head(`POST /webhook/${provider}`, [['Content-Length', bytes.length], ...twice]),
      bytes,
    ]);

    expectAnswer(answer, { status: 401, code: 'signature_verification_failed' });
    await expectRefusedFor('signature_malformed');
  });
});
