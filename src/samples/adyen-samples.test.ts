import { describe, expect, test } from 'vitest';
import { seededInput } from '../../test/support/sample-input.ts';
import type { JsonObject } from '../core/read-json.ts';
import { adyenSamples } from './adyen-samples.ts';

// biome-ignore lint/suspicious/noExplicitAny: the bodies are walked like any JSON.
const itemsOf = (eventType: string): readonly any[] => {
  const body = adyenSamples.find((sample) => sample.eventType === eventType)?.build(seededInput('adyen'));
  const items = (body?.notificationItems ?? []) as readonly JsonObject[];
  return items.map((item) => item.NotificationRequestItem);
};

describe('adyenSamples', () => {
  test.each(adyenSamples)('$eventType has every field that is signed, and no signature yet', ({ eventType }) => {
    for (const item of itemsOf(eventType)) {
      expect(item).toMatchObject({
        pspReference: expect.stringMatching(/^[0-9A-Z]{16}$/),
        merchantAccountCode: expect.any(String),
        merchantReference: expect.any(String),
        amount: { currency: 'EUR', value: expect.any(Number) },
        success: 'true',
      });
      expect(item.eventDate).toBe('2026-03-01T13:34:54+01:00');
      expect(item.additionalData).not.toHaveProperty('hmacSignature');
    }
  });

  test.each(['CAPTURE', 'CAPTURE_FAILED', 'REFUND', 'REFUND_FAILED', 'CANCELLATION', 'CHARGEBACK'])(
    '%s names its payment beside its own reference',
    (eventType) => {
      const [item] = itemsOf(eventType);

      expect(item.originalReference).toMatch(/^[0-9A-Z]{16}$/);
      expect(item.originalReference).not.toBe(item.pspReference);
    },
  );

  test('BATCH captures the payment that it authorises', () => {
    const [authorised, captured] = itemsOf('BATCH');

    expect(authorised).not.toHaveProperty('originalReference');
    expect(captured.originalReference).toBe(authorised.pspReference);
    expect(captured.pspReference).not.toBe(authorised.pspReference);
    expect(captured.amount).toEqual(authorised.amount);
  });
});
