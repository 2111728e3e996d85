/** How much may come in all and from one address, through the whole server with a clock that stands still. */
import { afterEach, describe, expect, test } from 'vitest';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import { createAddressRate } from '../../src/homes/local/rate-limits.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import {
  createTestFolder,
  type LocalServer,
  post,
  readStored,
  startLocalServer,
  type TestFolder,
} from '../support/running-server.ts';
import { createSigner, SECRET_ENV, stripeEvent } from './signed.ts';

const NOTHING = { body: Buffer.from('{}'), headers: {} };

let folder: TestFolder;
let server: LocalServer;
let clock: TestClock;

const start = async (edge: PayhookConfig['edge'] = {}): Promise<void> => {
  clock = createTestClock();
  folder = createTestFolder();
  server = await startLocalServer({ folder, clock, env: SECRET_ENV, config: { edge } });
};

afterEach(async () => {
  await server.running.stop('test over');
  folder[Symbol.dispose]();
});

const deliverOne = async (from: string | undefined): Promise<number> =>
  (await post(server.url, 'stripe', NOTHING, from === undefined ? {} : { 'x-forwarded-for': from })).status;

/** Statuses of unsigned deliveries: 401 means that the rates let one through. Many of them go side by side. */
const deliver = async (count: number, from?: string): Promise<readonly number[]> => {
  const statuses: number[] = [];
  const senders = count > 10 ? 10 : 1;
  let started = 0;
  const send = async (): Promise<void> => {
    while (started < count) {
      started += 1;
      statuses.push(await deliverOne(from));
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
  return statuses;
};

const tally = (statuses: readonly number[]): Record<number, number> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(statuses, (status) => status)).map(([key, all]) => [key, all?.length ?? 0]),
  );

describe('the rate of all deliveries', () => {
  test('lets a burst through, then answers 429 with the seconds to wait, and fills again with time', async () => {
    await start({ requestsPerSecond: 2, requestsBurst: 5 });

    expect(await deliver(7)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const refused = await post(server.url, 'stripe', NOTHING);
    expect([refused.text, refused.headers.get('retry-after')]).toEqual(['{"error":"rate_exceeded"}', '1']);

    clock.advance(1000);
    expect(await deliver(3)).toEqual([401, 401, 429]);
    clock.advance(60_000);
    expect(tally(await deliver(6))).toEqual({ 401: 5, 429: 1 });
  });

  test('gains nothing from a clock that is set back', async () => {
    await start({ requestsPerSecond: 1, requestsBurst: 1 });
    expect(await deliver(1)).toEqual([401]);

    clock.advance(-60_000);

    expect(await deliver(1)).toEqual([429]);
    clock.advance(1000);
    expect(await deliver(1)).toEqual([401]);
  });

  test('is not held against health and readiness', async () => {
    await start({ requestsPerSecond: 1, requestsBurst: 1 });
    await deliver(2);

    for (const path of ['/health', '/ready']) expect((await fetch(server.url + path)).status).toBe(200);
  });

  test('is not used up by one address that is over its own rate', async () => {
    await start({ requestsPerSecond: 1, requestsBurst: 100, requestsPerSecondPerAddress: 1, trustedProxyHops: 1 });

    expect(tally(await deliver(150, '198.51.100.7'))).toEqual({ 401: 60, 429: 90 });

    expect(tally(await deliver(10, '198.51.100.8'))).toEqual({ 401: 10 });
  });
});

describe('the rate of one address', () => {
  const edge = { requestsPerSecondPerAddress: 1, trustedProxyHops: 1 } as const;

  test('counts over 60 seconds, says how long to wait, and does not count what it refuses', async () => {
    await start(edge);

    expect(tally(await deliver(70, '198.51.100.7'))).toEqual({ 401: 60, 429: 10 });
    const refused = await post(server.url, 'stripe', NOTHING, { 'x-forwarded-for': '198.51.100.7' });
    expect(refused.text).toBe('{"error":"address_rate_exceeded"}');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);

    // Half of the next window has passed: half of the 60 that were let in still count, none of those refused.
    clock.advance(90_000);
    expect(tally(await deliver(40, '198.51.100.7'))).toEqual({ 401: 30, 429: 10 });
    clock.advance(120_000);
    expect(tally(await deliver(61, '198.51.100.7'))).toEqual({ 401: 60, 429: 1 });
  });

  test('counts IPv6 senders by their /64, IPv4 senders one by one, and both spellings of IPv4 as one', async () => {
    await start(edge);
    expect(tally(await deliver(60, '2001:db8:1:2::1'))).toEqual({ 401: 60 });

    expect(await deliver(1, '2001:db8:1:2:ffff:ffff:ffff:ffff')).toEqual([429]);
    expect(await deliver(1, '2001:db8:1:3::1')).toEqual([401]);
    expect(tally(await deliver(60, '198.51.100.7'))).toEqual({ 401: 60 });
    expect(await deliver(1, '::ffff:198.51.100.7')).toEqual([429]);
    expect(await deliver(1, '198.51.100.8')).toEqual([401]);
  });

  test('lets published provider addresses through unless told not to', async () => {
    await start(edge);
    expect(tally(await deliver(70, '3.18.12.63'))).toEqual({ 401: 70 });
    await server.running.stop('next');
    folder[Symbol.dispose]();

    await start({ ...edge, arePublishedAddressesExempt: false });
    expect(tally(await deliver(70, '3.18.12.63'))).toEqual({ 401: 60, 429: 10 });
  });

  test('lets this machine through unless told not to', async () => {
    await start({ requestsPerSecondPerAddress: 1 });
    expect(tally(await deliver(70))).toEqual({ 401: 70 });
    await server.running.stop('next');
    folder[Symbol.dispose]();

    await start({ requestsPerSecondPerAddress: 1, isLoopbackExempt: false });
    expect(tally(await deliver(70))).toEqual({ 401: 60, 429: 10 });
  });

  test('does not count what proves to be genuine and new, and counts what repeats it', async () => {
    await start(edge);
    const { sign } = await createSigner(clock.now());
    const send = async (id: string): Promise<number> => {
      const signed = sign('stripe', stripeEvent(id), { now: clock.now() });
      return (await post(server.url, 'stripe', signed, { 'x-forwarded-for': '198.51.100.7' })).status;
    };

    for (let n = 0; n < 70; n += 1) expect([n, await send(`evt_${n}`)]).toEqual([n, 200]);
    const repeats: number[] = [];
    for (let n = 0; n < 70; n += 1) repeats.push(await send('evt_1'));

    expect(tally(repeats)).toEqual({ 200: 60, 429: 10 });
  });

  test('goes by the entry that the outermost trusted proxy added, and ignores the header without proxies', async () => {
    await start({ ...edge, trustedProxyHops: 2 });
    expect(tally(await deliver(60, '203.0.113.1, 198.51.100.7, 10.0.0.1'))).toEqual({ 401: 60 });
    // The sender may claim whatever it likes to the left of that entry.
    expect(await deliver(1, '3.18.12.63, 198.51.100.7, 10.0.0.1')).toEqual([429]);
    expect(await deliver(1, '198.51.100.7, 203.0.113.1, 10.0.0.1')).toEqual([401]);
    await server.running.stop('next');
    folder[Symbol.dispose]();

    await start({ requestsPerSecondPerAddress: 1, isLoopbackExempt: false });
    expect(tally(await deliver(60, '198.51.100.7'))).toEqual({ 401: 60 });
    expect(await deliver(1, '198.51.100.8')).toEqual([429]);
  });

  test('is audited and logged with its reason and address, and changes nothing', async () => {
    await start(edge);
    await deliver(61, '198.51.100.7');

    const stored = readStored(folder.data);
    expect(stored.webhooks).toEqual([]);
    expect(stored.entries.filter((entry) => entry.reason === 'address_rate_exceeded')).toHaveLength(1);
    expect(server.lines.at(-1)).toMatchObject({
      event: 'delivery.refused',
      fields: { reason: 'address_rate_exceeded', http_status: 429, source_address: '198.51.100.7' },
    });
  });
});

describe('what is set aside of the rate of all', () => {
  const edge = { requestsPerSecond: 1, requestsBurst: 40, trustedProxyHops: 1 } as const;

  test('is left by strangers, however many they are, to published addresses', async () => {
    await start(edge);

    expect(tally(await deliver(50, '198.51.100.7'))).toEqual({ 401: 30, 429: 20 });
    expect(await deliver(1, '198.51.100.8')).toEqual([429]);
    expect(tally(await deliver(12, '3.18.12.63'))).toEqual({ 401: 10, 429: 2 });

    // What flows in goes to them as well until the bottom is full again.
    clock.advance(8000);
    expect(await deliver(1, '198.51.100.8')).toEqual([429]);
    expect(tally(await deliver(8, '3.18.12.63'))).toEqual({ 401: 8 });
  });

  test('is left to an address from which a genuine webhook came, too; its own rate holds for it as before', async () => {
    await start({ ...edge, requestsPerSecondPerAddress: 1 });
    const { sign } = await createSigner(clock.now());
    const signed = sign('stripe', stripeEvent('evt_1'), { now: clock.now() });
    const from = { 'x-forwarded-for': '203.0.113.20' };
    expect((await post(server.url, 'stripe', signed, from)).status).toBe(200);
    await deliver(35, '198.51.100.7');
    expect(await deliver(1, '198.51.100.8')).toEqual([429]);

    expect(await deliver(1, '203.0.113.20')).toEqual([401]);
  });
});

describe('the origin of a delivery', () => {
  const edge = { requestsPerSecondPerAddress: 1, trustedProxyHops: 1 } as const;
  const origins = (): readonly unknown[] =>
    server.lines.map(({ fields }) => fields.source_address).filter((origin) => origin !== undefined);

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:5007', '203.0.113.7'],
    ['"203.0.113.7"', '203.0.113.7'],
    ['"203.0.113.7:5007"', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7:5007', '203.0.113.7'],
    ['[2001:db8::1]:443', '2001:db8::'],
    ['"[2001:db8::1]:443"', '2001:db8::'],
    ['[2001:db8::1]', '2001:db8::'],
    ['2001:db8::1', '2001:db8::'],
    ['203.0.113.1, 203.0.113.7:5007', '203.0.113.7'],
    ['unknown', 'unknown'],
    ['_hidden', 'unknown'],
    ['', 'unknown'],
    ['203.0.113.7,', 'unknown'],
    ['203.0.113.7:', 'unknown'],
    ['203.0.113.7:99999999', 'unknown'],
    ['[203.0.113.7', 'unknown'],
    ['for=203.0.113.7', 'unknown'],
    ['example.com', 'unknown'],
    ['\u00e4', 'unknown'],
  ])('that a proxy claims as %j is %s', async (claim, origin) => {
    await start(edge);

    await deliverOne(claim);

    expect(origins()).toEqual([origin]);
  });

  test('is unknown where fewer proxies speak than are trusted', async () => {
    await start({ ...edge, trustedProxyHops: 2 });

    await deliverOne('203.0.113.7');

    expect(origins()).toEqual(['unknown']);
  });

  test('that cannot be read has a rate of its own, which takes nothing from anybody', async () => {
    await start(edge);

    expect(tally(await deliver(70, 'unknown'))).toEqual({ 401: 60, 429: 10 });
    expect(await deliver(1, '_hidden')).toEqual([429]);
    expect(await deliver(1, '203.0.113.7')).toEqual([401]);
    expect(await deliver(1)).toEqual([401]);
  });

  test('with a port is still a published address', async () => {
    await start(edge);

    expect(tally(await deliver(70, '3.18.12.63:4711'))).toEqual({ 401: 70 });
  });

  test.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'x-forwarded-proto', 'via'])(
    'is never this machine where %s says that something forwarded it; readiness and one line say so',
    async (name) => {
      await start({ requestsPerSecondPerAddress: 1 });
      const ready = async () => (await fetch(`${server.url}/ready`)).json();
      expect(await ready()).toEqual({ status: 'ready' });
      const statuses: number[] = [];
      for (let n = 0; n < 61; n += 1)
        statuses.push((await post(server.url, 'stripe', NOTHING, { [name]: '1' })).status);

      expect(tally(statuses)).toEqual({ 401: 60, 429: 1 });
      expect(await deliver(1)).toEqual([401]);
      expect(await ready()).toEqual({ status: 'ready', warning: expect.stringContaining('edge.trustedProxyHops') });
      const warnings = server.lines.filter(({ event }) => event === 'edge.proxy_not_configured');
      expect(warnings).toMatchObject([
        { level: 'warn', fields: { message: expect.stringContaining('X-Forwarded-For') } },
      ]);
      clock.advance(601_000);
      expect(await ready()).toEqual({ status: 'ready' });
    },
  );

  test('is held to its rate when it asks for readiness, too, and not by what others may send in all', async () => {
    await start({ ...edge, requestsBurst: 40, requestsPerSecond: 1 });
    await deliver(50, '198.51.100.7');
    const ask = async (method: string) =>
      (await fetch(`${server.url}/ready`, { method, headers: { 'x-forwarded-for': '198.51.100.9' } })).status;

    const statuses: number[] = [];
    for (let n = 0; n < 70; n += 1) statuses.push(await ask(n % 2 === 0 ? 'GET' : 'HEAD'));

    expect(tally(statuses)).toEqual({ 200: 60, 429: 10 });
  });
});

describe('createAddressRate', () => {
  test('remembers a bounded number of addresses and forgets the one that was silent longest', async () => {
    await start();
    const { take } = createAddressRate(1, clock);
    for (let index = 0; index < 60; index += 1) take('first');
    for (let index = 0; index < 60; index += 1) take('kept');
    expect([take('first').isAllowed, take('kept').isAllowed]).toEqual([false, false]);

    const memoryBefore = process.memoryUsage().heapUsed;
    for (let index = 0; index < 100_000; index += 1) {
      take(`address ${index}`);
      if (index % 1000 === 0) take('kept');
    }

    expect(take('kept').isAllowed).toBe(false);
    expect(take('first').isAllowed).toBe(true);
    expect(process.memoryUsage().heapUsed - memoryBefore).toBeLessThan(64 * 1024 * 1024);
  });
});
