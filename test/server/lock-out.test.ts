/** I8: whatever strangers hold, genuine deliveries from a published address get in, and as fast as ever. */
import { request as sendRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { SignedDelivery } from '../../src/core/ports/provider.ts';
import {
  createTestFolder,
  type LocalServer,
  readStored,
  startLocalServer,
  type TestFolder,
  waitUntil,
} from '../support/running-server.ts';
import { type Attack, type AttackPlan, attack, many, one } from './attackers.ts';
import { createSigner, SECRET_ENV, type Sign, stripeEvent } from './signed.ts';

const PUBLISHED = '127.0.0.9';
const DELIVERIES = 100;
const P99_MS_MAX = 250;
/** At the most; fewer where the first ones are fast enough. */
const ROUNDS_MAX = 6;
/** Below the rate of all by half, so that whatever is refused is refused for others. */
const EVERY_MS = 20;
const CONNECTIONS = { max: 350, ofStrangersMax: 300, ofFreeMax: 1 / 4 };

let folder: TestFolder;
let server: LocalServer;
let sign: Sign;
let count = 0;

beforeAll(async () => {
  folder = createTestFolder();
  ({ sign } = await createSigner(Date.now()));
  server = await startLocalServer({
    folder,
    env: SECRET_ENV,
    config: { edge: { isLoopbackExempt: false, requestsPerSecond: 100, requestsBurst: 200 } },
    publishedAddresses: [PUBLISHED],
    edgeBounds: { connections: CONNECTIONS },
  });
  // The first ones of a process are slow.
  await deliverAll();
});

afterAll(async () => {
  await server.running.stop('test over');
  folder[Symbol.dispose]();
});

const underway: Attack[] = [];
const begin = (plan: Omit<AttackPlan, 'port'>): Attack => {
  const begun = attack({ port: server.port, ...plan });
  underway.push(begun);
  return begun;
};
afterEach(() => {
  for (const begun of underway.splice(0)) begun.stop();
});

/** On a connection of its own, as most providers send. */
const deliver = async ({ body, headers }: SignedDelivery, localAddress: string): Promise<number> => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const sent = sendRequest(
    {
      port: server.port,
      host: '127.0.0.1',
      localAddress,
      path: '/webhook/stripe',
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': body.length },
      agent: false,
    },
    (response) => void text(response).then(() => resolve(response.statusCode ?? 0)),
  );
  sent.on('error', () => resolve(0));
  sent.end(body);
  return promise;
};

const genuine = (): SignedDelivery => {
  count += 1;
  return sign('stripe', stripeEvent(`evt_${count}`), { now: Date.now() });
};

/** One every few milliseconds, whether or not the ones before are answered. */
const deliverAll = async (from = PUBLISHED): Promise<{ readonly taken: number; readonly p99Ms: number }> => {
  const times: number[] = [];
  let taken = 0;
  const send = async (): Promise<void> => {
    const at = performance.now();
    if ((await deliver(genuine(), from)) === 200) taken += 1;
    times.push(performance.now() - at);
  };
  const sent: Promise<void>[] = [];
  for (let n = 0; n < DELIVERIES; n += 1) {
    sent.push(send());
    await setTimeout(EVERY_MS);
  }
  await Promise.all(sent);
  times.sort((a, b) => a - b);
  return { taken, p99Ms: times[Math.floor(times.length * 0.99) - 1] ?? 0 };
};

/**
 * In every round nearly all are taken. In one of them, while the attack goes on, they are fast as well: on a machine that
 * does other things besides, some round is slow without any attack, and with one that works none is fast.
 */
const expectUnharmed = async (): Promise<void> => {
  const p99s: number[] = [];
  const isFast = (): boolean => p99s.length >= 2 && Math.min(...p99s) < P99_MS_MAX;
  while (p99s.length < ROUNDS_MAX && !isFast()) {
    const { taken, p99Ms } = await deliverAll();
    expect(taken).toBeGreaterThanOrEqual(DELIVERIES * 0.99);
    p99s.push(p99Ms);
  }
  expect(Math.min(...p99s)).toBeLessThan(P99_MS_MAX);
};

const head = (...headers: readonly string[]): string =>
  `POST /webhook/stripe HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${headers.map((line) => `${line}\r\n`).join('')}`;
const ANNOUNCED = `${head(`Content-Length: ${LIMITS.bodyBytesMax}`)}\r\n`;
const CHUNKED = `${head('Transfer-Encoding: chunked')}\r\n`;
const FORGED = `${head('Content-Length: 2', 'Stripe-Signature: t=1,v1=00')}\r\n{}`;

/** Nearly a mebibyte, nothing in it that anybody signed, and hard on whoever reads it as JSON. */
const names = Array.from({ length: 90_000 }, (_, index) => `"${index}":1`).join(',');
const bombOf = (text: string): string =>
  `POST /webhook/adyen HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
const BOMB = bombOf(`{"notificationItems":[],${names}}`);
const SIGNED_LOOKING_BOMB = bombOf(
  `{"notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"a"}}}],${names}}`,
);

describe('genuine deliveries from a published address', () => {
  test.each<[string, Omit<AttackPlan, 'port'>]>([
    [
      '129 bodies that one address announces and never sends',
      { connections: 129, from: one('127.0.0.3'), send: ANNOUNCED },
    ],
    ['129 bodies that many addresses announce and never send', { connections: 129, from: many(1), send: ANNOUNCED }],
    ['bodies without a length that never begin', { connections: 150, from: many(2), send: CHUNKED }],
    [
      'bodies that come byte by byte',
      { connections: 150, from: many(3), send: ANNOUNCED, again: { send: ' ', everyMs: 200 } },
    ],
    [
      'headers that never end',
      { connections: 150, from: many(4), send: head(), again: { send: 'X: y\r\n', everyMs: 200 } },
    ],
    ['more idle connections of one address than there may be', { connections: 360, from: one('127.0.0.4'), send: '' }],
    ['more idle connections of many addresses than there may be', { connections: 360, from: many(5), send: '' }],
    [
      'a flood of questions whether it is ready',
      {
        connections: 4,
        from: many(6),
        send: 'GET /ready HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20),
        again: { send: 'GET /ready HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20), everyMs: 100 },
      },
    ],
    [
      'a flood of questions for metrics',
      {
        connections: 4,
        from: many(7),
        send: 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20),
        again: { send: 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20), everyMs: 100 },
      },
    ],
    [
      'a flood of forged deliveries of many addresses, each below its own rate',
      { connections: 240, from: many(8), send: FORGED, again: { send: FORGED, everyMs: 1600 } },
    ],
    [
      'whole bodies of a mebibyte that nobody signed',
      {
        connections: 12,
        from: many(9),
        send: `${ANNOUNCED}${'{"a":1},'.repeat(LIMITS.bodyBytesMax / 8)}`,
        again: { send: `${ANNOUNCED}${'{"a":1},'.repeat(LIMITS.bodyBytesMax / 8)}`, everyMs: 2000 },
      },
    ],
    [
      'bodies of one address that are hard to read and that nobody signed',
      { connections: 3, from: one('127.0.0.5'), send: BOMB, again: { send: BOMB, everyMs: 700 } },
    ],
    [
      'bodies of many addresses that are hard to read and look signed',
      {
        connections: 4,
        from: many(12),
        send: SIGNED_LOOKING_BOMB,
        again: { send: SIGNED_LOOKING_BOMB, everyMs: 1000 },
      },
    ],
  ])('get in beside %s', async (_what, plan) => {
    const begun = begin(plan);
    await waitUntil(
      'the attack is under way',
      () => begun.held() >= Math.min(plan.connections, 80) || begun.answers.size > 0,
    );

    await expectUnharmed();
  });

  test('get in beside floods that fill the log, the trail and their memory with no more than a bound', async () => {
    const linesBefore = server.lines.length;
    const entriesBefore = readStored(folder.data).entries.length;
    const flood = begin({
      connections: 20,
      from: many(10),
      send: FORGED.repeat(20),
      again: { send: 'GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20), everyMs: 250 },
    });
    const answered = (): number => [...flood.answers.values()].reduce((sum, n) => sum + n, 0);

    await waitUntil('many more were turned away than are told', () => answered() > 2500);
    await expectUnharmed();

    const refusals = server.lines.slice(linesBefore).filter(({ fields }) => (fields.http_status ?? 0) >= 400);
    const entries = readStored(folder.data)
      .entries.slice(entriesBefore)
      .filter(({ chain }) => chain === 'rejections');
    // Two minutes at the most, of each of which so many may be told by themselves.
    expect(refusals.length).toBeLessThan(2 * LIMITS.turnedAwayToldPerMinuteMax);
    expect(entries.length).toBeLessThan(2 * LIMITS.turnedAwayToldPerMinuteMax);
  });
});

describe('a sender that no provider publishes', () => {
  test('gets in during a flood of others once one of its deliveries was genuine', async () => {
    expect(await deliver(genuine(), '127.0.0.21')).toBe(200);
    begin({ connections: 240, from: many(11), send: FORGED, again: { send: FORGED, everyMs: 1600 } });
    await waitUntil('strangers are over the rate', () => (underway.at(-1)?.answers.get(429) ?? 0) > 50);

    expect((await deliverAll('127.0.0.21')).taken).toBeGreaterThanOrEqual(DELIVERIES * 0.99);
  });
});

test('an address has its share of the connections and is told when it asks for more, and another one has its own', async () => {
  begin({ connections: 200, from: one('127.0.0.30'), send: '' });
  await waitUntil('it is refused more', () => (underway[0]?.answers.get(429) ?? 0) > 0);
  await waitUntil('it holds its share and no more', () => {
    const held = underway[0]?.held() ?? 0;
    return held > 50 && held <= CONNECTIONS.max / 4;
  });
  const other = begin({ connections: 20, from: one('127.0.0.31'), send: '' });
  await waitUntil('another one is let in', () => other.held() === 20);
  expect(server.lines.some(({ fields }) => fields.reason === 'connections_exceeded')).toBe(true);
});
