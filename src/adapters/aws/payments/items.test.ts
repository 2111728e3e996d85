import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toldPlan } from '../../../../test/payments/told-plans.ts';
import { paymentMapping } from '../../../../test/payments/webhooks.ts';
import { NOW } from '../../../../test/support/clock.ts';
import { runs } from '../../../../test/support/property-runs.ts';
import { LIMITS } from '../../../core/limits.ts';
import type { PaymentEvent } from '../../../payments/payment-event.ts';
import { type RecordedPayment, recordEvents } from '../../../payments/record-events.ts';
import {
  apartItemOf,
  attributesInName,
  isPaymentOf,
  mayBeOfProvider,
  nameKey,
  paymentKey,
  readPaymentItem,
} from './items.ts';
import { packRecorded } from './pack-events.ts';

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

describe('apartItemOf, attributesInName and readPaymentItem', () => {
  test('give back every life of a payment as it was, amounts with all their digits', () => {
    fc.assert(
      fc.property(toldPlan, ({ webhooks }) => {
        const { recorded, owner } = recordedOf(webhooks);
        if (owner === undefined) throw new Error('a life of a payment has events');
        const packed = packRecorded(recorded);
        if (packed === null) throw new Error('a life of a payment fits into an item');
        const stored = { anchor: 'a', names: ['a', 'b'], storedAt: NOW, changedAt: NOW + 1, revision: 3 };

        const view = { status: 'succeeded' } as const;
        const apart = apartItemOf(owner, stored, packed, view);
        const first = attributesInName(owner, { ...stored, revision: 1 }, packed, view);
        const inName = { id: { S: nameKey('a') }, ...first, ...attributesInName(owner, stored, packed, view) };

        expect(readPaymentItem('payments', apart)).toEqual({ ...stored, isApart: true, recorded });
        expect(readPaymentItem('payments', inName)).toEqual({ ...stored, isApart: false, recorded });
        for (const item of [apart, inName]) {
          expect(isPaymentOf(item, owner)).toBe(true);
          expect(isPaymentOf(item, { ...owner, account: 'of somebody else' })).toBe(false);
        }
      }),
      runs(50),
    );
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
