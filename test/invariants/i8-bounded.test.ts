import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { DataKey } from '../../src/core/ports/data-key-source.ts';
import type { Provider } from '../../src/core/ports/provider.ts';
import { backoffMs, requestedWaitMs } from '../../src/core/retry-policy.ts';
import { createEncryptPayload, createSeal } from '../../src/core/seal.ts';
import { answerOf } from '../../src/receive/answer.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestRandomness } from '../support/randomness.ts';
import { createTestHome, stripe, stripeDelivery } from '../support/test-home.ts';

describe('I8 bounded', () => {
  test('every limit is a positive number, has its unit in its name, and a comment that says why', () => {
    const source = readFileSync(join(import.meta.dirname, '../../src/core/limits.ts'), 'utf8');

    expect(Object.keys(LIMITS).length).toBeGreaterThan(20);
    for (const [name, value] of Object.entries(LIMITS)) {
      expect(value, name).toBeGreaterThan(0);
      expect(name, name).toMatch(/(Max|Min|Ms)$/);
    }
    expect(source.match(/\/\*\* /g)?.length ?? 0).toBeGreaterThan(20);
  });

  test('a payload that does not compress below what one item can hold is refused with 413, nothing is stored', async () => {
    const home = createTestHome();
    const noise = randomBytes(LIMITS.sealedBytesMax).toString('base64');

    const outcome = await home.deliver(stripeDelivery(home.clock, 'evt_1', { object: { noise } }));

    expect(outcome.outcome).toBe('too_large');
    expect(answerOf(outcome).httpStatus).toBe(413);
    expect((await home.store.list({ limit: 1 })).items).toEqual([]);
    expect(await home.auditLog.read(0, 10)).toEqual([]);
  });

  test.each([
    ['JSON nested 10,000 deep', Buffer.from(`${'['.repeat(10_000)}${']'.repeat(10_000)}`), 'json_too_deep'],
    ['a repeated key', Buffer.from('{"id":"evt_1","id":"evt_2"}'), 'json_key_repeated'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'body_not_utf8'],
    ['no bytes at all', Buffer.alloc(0), 'body_not_json'],
  ])('a signed body with %s is kept and dead-lettered', async (_what, body, reason) => {
    const home = createTestHome();

    const outcome = await home.deliver(stripeDelivery(home.clock, 'evt_1', { body }));

    expect(outcome).toMatchObject({ outcome: 'accepted', events: [{ status: 'dead_lettered' }] });
    expect((await home.store.list({ limit: 1 })).items).toMatchObject([{ lastError: reason }]);
  });

  test('ids of any length and characters make keys of bounded length that print on one line', async () => {
    const home = createTestHome();
    for (const id of ['x'.repeat(5000), 'evt with\nnewline', 'evt_é']) {
      const outcome = await home.deliver(stripeDelivery(home.clock, id));

      expect(outcome).toMatchObject({
        outcome: 'accepted',
        events: [{ webhookId: expect.stringMatching(/^stripe:sha256-[0-9a-f]{64}$/) }],
      });
    }
  });

  test('a delivery with more events than allowed is kept whole and dead-lettered', async () => {
    const many: Provider = {
      ...stripe,
      parse: (delivery, verification) => {
        const parsed = stripe.parse(delivery, verification);
        if (parsed.outcome !== 'parsed') return parsed;
        return { outcome: 'parsed', events: Array(LIMITS.eventsPerDeliveryMax + 1).fill(parsed.events[0]) };
      },
    };
    const { identifyEvents } = await import('../../src/receive/identify.ts');
    const clock = createTestClock();
    const { body } = stripeDelivery(clock, 'evt_1');

    const events = identifyEvents(
      many,
      { body, headers: new Map(), method: 'POST', query: '', publicUrl: null },
      { outcome: 'verified', secretId: 's', isSimulated: false, transmission: null },
      'a'.repeat(64),
    );

    expect(events).toMatchObject([{ unparsable: 'too_many_events' }]);
  });

  test('backoff grows to its cap with full jitter, and what a handler asks for is bounded', () => {
    const policy = { attemptsMax: 10, backoffBaseMs: 1000, backoffCapMs: 60_000 };
    const most = { fraction: () => 0.999_999 };

    expect([1, 2, 3, 7, 50].map((attempts) => backoffMs(policy, attempts, most))).toEqual([
      999, 1999, 3999, 59_999, 59_999,
    ]);
    expect(backoffMs(policy, 9, { fraction: () => 0 })).toBe(0);
    expect([requestedWaitMs(-1), requestedWaitMs(1500.7), requestedWaitMs(1e12), requestedWaitMs(Number.NaN)]).toEqual([
      0,
      1500,
      LIMITS.retryInMsMax,
      LIMITS.retryInMsMax,
    ]);
  });

  test('a data key seals for a bounded time and count; payloads under old keys stay readable', async () => {
    const clock = createTestClock();
    const randomness = createTestRandomness();
    const keys: DataKey[] = [];
    const dataKeys = {
      generate: async () => {
        const key = { keyId: `key-${keys.length + 1}`, key: randomness.bytes(32) };
        keys.push(key);
        return key;
      },
      open: async (keyId: string) => keys.find((key) => key.keyId === keyId)!,
    };
    const seal = createSeal({ dataKeys, clock, encrypt: createEncryptPayload(randomness) });
    const webhook = { webhookId: 'stripe:evt_1', timestamp: 1 };
    const first = await seal.seal(Buffer.from('one'), webhook);
    clock.advance(LIMITS.dataKeyAgeMsMax - 1);
    const second = await seal.seal(Buffer.from('two'), webhook);
    clock.advance(1);

    const renewed = await Promise.all(Array.from({ length: 20 }, () => seal.seal(Buffer.from('three'), webhook)));

    expect(second.keyId).toBe(first.keyId);
    expect(new Set(renewed.map((sealed) => sealed.keyId))).toEqual(new Set(['key-2']));
    expect(Buffer.from(await seal.open(first, webhook)).toString()).toBe('one');
  });
});
