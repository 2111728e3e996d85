/**
 * Adyen's standard webhooks (`NotificationRequestItem`). The items carry no `hmacSignature`: the provider's `sign` adds
 * it to each. Adyen has no event id; `pspReference` and `eventCode` tell events apart, so the reference comes from
 * `eventId`.
 */
import type { JsonObject } from '../core/read-json.ts';
import { DAY_MS, SECOND_MS } from '../core/time.ts';
import type { Sample, SampleInput } from './sample.ts';
import { type Draw, detailDraw, identityDraw } from './sample-draw.ts';
import { drawOrder, type SampleOrder } from './sample-order.ts';
import { isoSecondsAtPlusOne, utcYear } from './sample-time.ts';

const MERCHANT_ACCOUNT = 'PayhookSampleECOM';

interface Scene {
  readonly input: SampleInput;
  readonly draw: Draw;
  readonly order: SampleOrder;
  /** Of this event. */
  readonly pspReference: string;
  /** Of the payment that a modification changes; a second one, never that of this event. */
  readonly paymentReference: string;
}

const createScene = (input: SampleInput): Scene => {
  const draw = detailDraw(input);
  const identity = identityDraw(input);
  return {
    input,
    draw,
    order: drawOrder(draw, utcYear(input.now)),
    pspReference: identity.upperAlphanumeric(16),
    paymentReference: identity.upperAlphanumeric(16),
  };
};

const paymentMethod = (order: SampleOrder): string => (order.card.brand === 'mastercard' ? 'mc' : order.card.brand);

const item = (scene: Scene, fields: JsonObject): JsonObject => ({
  NotificationRequestItem: {
    additionalData: {},
    amount: { currency: 'EUR', value: scene.order.total },
    eventDate: isoSecondsAtPlusOne(scene.input.now - 2 * SECOND_MS),
    merchantAccountCode: MERCHANT_ACCOUNT,
    merchantReference: scene.order.reference,
    paymentMethod: paymentMethod(scene.order),
    pspReference: scene.pspReference,
    reason: '',
    success: 'true',
    ...fields,
  },
});

const authorisation = (scene: Scene): JsonObject => {
  const authCode = scene.draw.digits(6);
  const { card } = scene.order;
  const expiryDate = `${String(card.expMonth).padStart(2, '0')}/${card.expYear}`;
  return item(scene, {
    eventCode: 'AUTHORISATION',
    additionalData: {
      authCode,
      avsResult: '4 AVS not supported for this card type',
      cardSummary: card.last4,
      cvcResult: '1 Matches',
      expiryDate,
      liabilityShift: 'true',
      paymentMethod: paymentMethod(scene.order),
      refusalReasonRaw: 'AUTHORISED',
      shopperReference: `shopper-${scene.draw.lowerAlphanumeric(8)}`,
      threeDAuthenticated: 'true',
      threeDOffered: 'true',
    },
    operations: ['CANCEL', 'CAPTURE', 'REFUND'],
    reason: `${authCode}:${card.last4}:${expiryDate}`,
  });
};

/** A modification has its own `pspReference` and names the payment in `originalReference`. */
const modification = (scene: Scene, eventCode: string, fields: JsonObject = {}): JsonObject =>
  item(scene, { eventCode, originalReference: scene.paymentReference, ...fields });

const chargeback = (scene: Scene): JsonObject =>
  modification(scene, 'CHARGEBACK', {
    additionalData: {
      autoDefended: 'false',
      chargebackReasonCode: '10.4',
      chargebackSchemeCode: 'visa',
      defendable: 'true',
      defensePeriodEndsAt: isoSecondsAtPlusOne(scene.input.now + 18 * DAY_MS),
      disputeStatus: 'Undefended',
    },
    paymentMethod: 'visa',
    reason: 'Other Fraud-Card Absent Environment',
  });

const sample = (eventType: string, summary: string, items: (scene: Scene) => readonly JsonObject[]): Sample => ({
  eventType,
  summary,
  build: (input) => ({ live: 'false', notificationItems: items(createScene(input)) }),
});

/** Two items that tell of one payment: authorised, then captured under a reference of its own. */
const batch = (scene: Scene): readonly JsonObject[] => [
  authorisation({ ...scene, pspReference: scene.paymentReference }),
  modification(scene, 'CAPTURE'),
];

/** Amounts are whole minor units. */
export const adyenSamples: readonly Sample[] = [
  sample('AUTHORISATION', 'a card payment was authorised', (scene) => [authorisation(scene)]),
  sample('CAPTURE', 'the capture of a payment was accepted', (scene) => [modification(scene, 'CAPTURE')]),
  sample('CAPTURE_FAILED', 'an accepted capture failed later', (scene) => [
    modification(scene, 'CAPTURE_FAILED', { reason: 'Capture Failed' }),
  ]),
  sample('REFUND', 'the refund of a payment was accepted', (scene) => [modification(scene, 'REFUND')]),
  sample('REFUND_FAILED', 'an accepted refund failed later', (scene) => [
    modification(scene, 'REFUND_FAILED', { reason: 'Refund Failed' }),
  ]),
  sample('CANCELLATION', 'an authorised payment was cancelled', (scene) => [modification(scene, 'CANCELLATION')]),
  sample('CHARGEBACK', 'the money of a payment was taken back', (scene) => [chargeback(scene)]),
  sample('BATCH', 'two items in one delivery: AUTHORISATION and CAPTURE', batch),
];
