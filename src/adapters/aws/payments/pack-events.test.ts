import { createHash } from 'node:crypto';
import { inflateRawSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toldPlan } from '../../../../test/payments/told-plans.ts';
import { paymentMapping } from '../../../../test/payments/webhooks.ts';
import { LIMITS } from '../../../core/limits.ts';
import { paymentEventsToJson } from '../../../payments/event-json.ts';
import type { PaymentEvent } from '../../../payments/payment-event.ts';
import { type RecordedPayment, recordEvents } from '../../../payments/record-events.ts';
import { EVENT_DICTIONARY_1 } from './event-dictionary-1.ts';
import { packRecorded, unpackRecorded } from './pack-events.ts';

/** The payments of a life as a store would record them, and whose they are. */
const recordedOf = (webhooks: readonly (readonly PaymentEvent[])[]) => {
  let recorded: RecordedPayment = [];
  const changes = webhooks.flatMap((events) => paymentMapping.changesOf(events).payments);
  for (const change of changes) {
    const result = recordEvents(recorded.length === 0 ? [] : [recorded], change);
    if (result.outcome === 'recorded') recorded = result.recorded;
  }
  return { recorded, owner: changes[0] };
};

const usualWebhooks = () => fc.sample(toldPlan, { numRuns: 1, seed: 1 }).flatMap(({ webhooks }) => webhooks);

describe('packRecorded', () => {
  test('keeps a usual payment far within a write unit', () => {
    const { recorded } = recordedOf(usualWebhooks());

    expect(recorded.length).toBeGreaterThan(2);
    expect(packRecorded(recorded)?.length).toBeLessThan(500);
  });

  test('says null for what no item can hold', () => {
    const { recorded } = recordedOf(usualWebhooks());
    const [first] = recorded;
    if (first === undefined) throw new Error('a life of a payment has events');
    const noise = (index: number): string =>
      Array.from({ length: 64 }, (_, at) => ((index * 7919 + at * 104_729) ** 3 % 1e12).toString(36)).join('');
    const many = Array.from({ length: LIMITS.paymentEventsMax * 4 }, (_, index) => ({
      ...first,
      event: { ...first.event, id: noise(index) },
    }));

    expect(packRecorded(many)).toBeNull();
  });
});

describe('unpackRecorded', () => {
  test('is given the same dictionary for ever: payments that were stored with it are read with nothing else', () => {
    const dictionary = inflateRawSync(Buffer.from(EVENT_DICTIONARY_1.join(''), 'base64'));

    expect(createHash('sha256').update(dictionary).digest('hex')).toBe(
      'ee3d507b30163d742c55399ac2f248d0a1f4d507ce152a4bc907a1b4a489709a',
    );
  });

  test('says that it is of a newer Payhook when its dictionary is not known', () => {
    expect(() => unpackRecorded(Buffer.of(2, 0))).toThrow('update Payhook');
  });

  test('reads what was packed before it said its version, stale before news', () => {
    const { recorded } = recordedOf(usualWebhooks());
    const three = recorded.slice(0, 3).map(({ event }) => event);
    const before = zstdCompressSync(`023\n${paymentEventsToJson(three)}`);

    expect(unpackRecorded(before).map(({ news }) => news)).toEqual(['repeated', 'news', 'stale']);
  });

  test('does not guess what a newer version means', () => {
    expect(() => unpackRecorded(zstdCompressSync('v3 2\n[]'))).toThrow(
      expect.objectContaining({ code: 'store_damaged', message: expect.stringContaining('by a newer Payhook') }),
    );
  });

  test('refuses events without their digits', () => {
    const { recorded } = recordedOf(usualWebhooks());
    const packed = packRecorded(recorded);

    expect(unpackRecorded(packed ?? new Uint8Array())).toEqual(recorded);
    expect(() => unpackRecorded(new Uint8Array())).toThrow();
    expect(() => unpackRecorded(zstdCompressSync(`v2 \n[]`).subarray(0, 6))).toThrow();
  });
});
