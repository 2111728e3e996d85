import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toldPlan } from '../../../../test/payments/told-plans.ts';
import { paymentMapping } from '../../../../test/payments/webhooks.ts';
import { NOW } from '../../../../test/support/clock.ts';
import { runs } from '../../../../test/support/property-runs.ts';
import { LIMITS } from '../../../core/limits.ts';
import { paymentEventsToJson } from '../../../payments/event-json.ts';
import type { PaymentEvent } from '../../../payments/payment-event.ts';
import { type RecordedPayment, recordEvents } from '../../../payments/record-events.ts';
import {
  mayBeOfProvider,
  nameKey,
  packRecorded,
  paymentItemOf,
  paymentKey,
  readPaymentItem,
  unpackRecorded,
} from './items.ts';

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

describe('paymentItemOf and readPaymentItem', () => {
  test('give back every life of a payment as it was, amounts with all their digits', () => {
    fc.assert(
      fc.property(toldPlan, ({ webhooks }) => {
        const { recorded, owner } = recordedOf(webhooks);
        if (owner === undefined) throw new Error('a life of a payment has events');
        const packed = packRecorded(recorded);
        if (packed === null) throw new Error('a life of a payment fits into an item');
        const stored = { anchor: 'a', names: ['a', 'b'], storedAt: NOW, changedAt: NOW + 1, revision: 3 };

        const item = paymentItemOf(owner, stored, packed, { status: 'succeeded' });

        expect(readPaymentItem('payments', item)).toEqual({ ...stored, recorded });
      }),
      runs(50),
    );
  });

  test('are smaller than a write unit for a usual payment', () => {
    const { recorded } = recordedOf(usualWebhooks());

    expect(packRecorded(recorded)?.length).toBeLessThan(1024 - 256);
  });
});

describe('packRecorded', () => {
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
    expect(() => unpackRecorded(new Uint8Array(10))).toThrow();
  });
});

describe('paymentKey and nameKey', () => {
  test('are different for different payments and names, whatever is in them', () => {
    const text = fc.string({ maxLength: 8, unit: fc.constantFrom('a', ':', '"', ',', '[', '\\') });
    const owner = fc.record({ provider: text, account: fc.option(text) });
    fc.assert(
      fc.property(owner, text, owner, text, (a, x, b, y) => {
        const isSame = JSON.stringify([a, x]) === JSON.stringify([b, y]);
        expect(paymentKey(a, x) === paymentKey(b, y)).toBe(isSame);
        expect(nameKey(x) === nameKey(y)).toBe(x === y);
        expect(paymentKey(a, x)).not.toBe(nameKey(y));
        expect(mayBeOfProvider(paymentKey(a, x), a.provider)).toBe(true);
        if (a.provider !== b.provider) expect(mayBeOfProvider(paymentKey(a, x), b.provider)).toBe(false);
      }),
    );
  });

  test('fit into a key of the table, however long the ids are', () => {
    const long = '\u{1f4b3}'.repeat(LIMITS.fieldCharsMax * 4);

    expect(Buffer.byteLength(paymentKey({ provider: 'stripe', account: long }, long))).toBeLessThanOrEqual(2048);
    expect(nameKey(long)).not.toBe(nameKey(`${long}x`));
    expect(mayBeOfProvider(paymentKey({ provider: 'stripe', account: long }, long), 'paypal')).toBe(true);
  });
});
