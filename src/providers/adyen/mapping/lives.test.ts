/** Lives of payments as Adyen tells them: what they add up to is the same in every order. */
import { describe, expect, test } from 'vitest';
import { problemsOfSums, type Story, tell } from '../../../../test/payments/stories.ts';
import { adyenNotification } from '../../../../test/payments/webhooks.ts';

const PAYMENT = 'PAYMENT000000001';
const DISPUTE = 'DISPUTE000000001';

interface Item {
  readonly code: string;
  readonly psp?: string;
  readonly original?: string | null;
  readonly value?: number;
  readonly fields?: object;
}

/** A day passes between two items. */
const bodyOf = ({ code, psp = PAYMENT, original, value = 10_000, fields = {} }: Item, day: number): object =>
  adyenNotification(code, {
    pspReference: psp,
    originalReference: original ?? null,
    amount: { currency: 'EUR', value },
    eventDate: `2026-03-${String(day + 1).padStart(2, '0')}T12:00:00+01:00`,
    ...fields,
  });

const authorised = (fields: object = {}): Item => ({
  code: 'AUTHORISATION',
  fields: { paymentMethod: 'visa', ...fields },
});
const of = (code: string, psp: string, value?: number, fields: object = {}): Item => ({
  code,
  psp,
  original: PAYMENT,
  fields,
  ...(value === undefined ? {} : { value }),
});
const disputed = (code: string, original: string | null, disputeStatus?: string, fields: object = {}): Item => ({
  code,
  psp: DISPUTE,
  original,
  fields: { additionalData: { ...(disputeStatus === undefined ? {} : { disputeStatus }), ...fields } },
});

interface Life {
  readonly title: string;
  readonly isAutomatic?: boolean;
  readonly items: readonly Item[];
  readonly payment: Readonly<Record<string, unknown>>;
}

const LIVES: readonly Life[] = [
  {
    title: 'a payment of an automatic account that is captured by hand was captured once',
    isAutomatic: true,
    items: [authorised(), of('CAPTURE', 'C1')],
    payment: { status: 'succeeded', amount: '10000', captured: '10000', flags: [] },
  },
  {
    title: 'a part that is captured by hand in an automatic account is all that was captured',
    isAutomatic: true,
    items: [authorised(), of('CAPTURE', 'C1', 6000), of('EXPIRE', 'E1', 4000)],
    payment: { status: 'succeeded', amount: '10000', captured: '6000', flags: [] },
  },
  {
    title: 'a second capture that is refused does not unpay what the account captured by itself',
    isAutomatic: true,
    items: [authorised(), of('CAPTURE', 'C1', 10_000, { success: 'false', reason: 'already captured' })],
    payment: { status: 'succeeded', captured: '10000', flags: [] },
  },
  {
    title: 'a payment that is canceled before its delayed capture was never paid',
    isAutomatic: true,
    items: [authorised(), of('CANCELLATION', 'X1')],
    payment: { status: 'canceled', captured: '0', refunded: '0', flags: [] },
  },
  {
    title: 'an automatic capture that fails leaves the reservation',
    isAutomatic: true,
    items: [authorised(), of('CAPTURE_FAILED', 'C1')],
    payment: { status: 'authorized', captured: '0', flags: [] },
  },
  {
    title: 'iDEAL is paid when it is authorised, in a manual account too',
    items: [authorised({ paymentMethod: 'ideal' }), of('REFUND', 'R1', 4000)],
    payment: { status: 'succeeded', captured: '10000', refunded: '4000', flags: [] },
  },
  {
    title: 'a method that is on no list is paid at once when nothing but a refund is left to do',
    items: [authorised({ paymentMethod: 'newpay', operations: ['REFUND'] })],
    payment: { status: 'succeeded', captured: '10000', flags: [] },
  },
  {
    title: 'a reservation that is raised asks for more, and capturing all of it is nothing to look at',
    items: [authorised(), of('AUTHORISATION_ADJUSTMENT', 'A1', 15_000), of('CAPTURE', 'C1', 15_000)],
    payment: { status: 'succeeded', amount: '15000', captured: '15000', flags: [] },
  },
  {
    title: 'a reservation that is lowered asks for less',
    items: [authorised(), of('AUTHORISATION_ADJUSTMENT', 'A1', 4000)],
    payment: { status: 'authorized', amount: '4000', captured: '0', flags: [] },
  },
  {
    title: 'a raise that is refused changes nothing',
    items: [authorised(), of('AUTHORISATION_ADJUSTMENT', 'A1', 15_000, { success: 'false', reason: 'Refused' })],
    payment: { status: 'authorized', amount: '10000', flags: [] },
  },
  {
    title: 'canceled or refunded, nobody says which: a refund where it was captured',
    items: [authorised(), of('CAPTURE', 'C1', 7000), of('CANCEL_OR_REFUND', 'M1')],
    payment: { status: 'succeeded', captured: '7000', refunded: '7000', flags: [] },
  },
  {
    title: 'canceled or refunded, nobody says which: a refund where the account captures by itself',
    isAutomatic: true,
    items: [authorised(), of('REVERSAL', 'M1')],
    payment: { status: 'succeeded', captured: '10000', refunded: '10000', flags: [] },
  },
  {
    title: 'a dispute whose later events name no payment is found by its own reference',
    items: [
      of('CAPTURE', 'C1'),
      disputed('CHARGEBACK', PAYMENT),
      disputed('CHARGEBACK_REVERSED', null),
      disputed('PREARBITRATION_WON', null),
    ],
    payment: {
      status: 'succeeded',
      captured: '10000',
      disputed: '0',
      flags: [],
      disputes: [{ id: DISPUTE, state: 'won', isWithdrawn: false }],
    },
  },
  {
    title: 'a dispute that carries the reference of the payment itself belongs to the payment',
    items: [of('CAPTURE', 'C1'), { code: 'CHARGEBACK', psp: PAYMENT }],
    payment: { status: 'succeeded', captured: '10000', disputed: '10000' },
  },
  {
    title: 'a dispute that nobody defended is lost when its period ended',
    items: [
      of('CAPTURE', 'C1'),
      disputed('CHARGEBACK', PAYMENT, 'Undefended', { defensePeriodEndsAt: '2026-03-09T12:00:00+01:00' }),
      disputed('DISPUTE_DEFENSE_PERIOD_ENDED', null, 'Lost'),
    ],
    payment: {
      disputed: '10000',
      flags: [],
      disputes: [{ id: DISPUTE, state: 'lost', status: 'Lost', deadlineAt: '2026-03-09T11:00:00.000Z' }],
    },
  },
  {
    title: 'a second chargeback that may still be defended leaves the dispute open, and its money gone',
    items: [
      of('CAPTURE', 'C1'),
      disputed('CHARGEBACK_REVERSED', PAYMENT),
      disputed('SECOND_CHARGEBACK', null, 'Undefended'),
    ],
    payment: { disputed: '10000', flags: [], disputes: [{ id: DISPUTE, state: 'open', isWithdrawn: true }] },
  },
  {
    title: 'a request for information that ran out takes no money',
    items: [
      of('CAPTURE', 'C1'),
      disputed('REQUEST_FOR_INFORMATION', PAYMENT, 'Unresponded', { rfiReasonCode: '30' }),
      disputed('DISPUTE_DEFENSE_PERIOD_ENDED', null, 'Expired', { rfiReasonCode: '30' }),
    ],
    payment: { disputed: '0', flags: [], disputes: [{ id: DISPUTE, state: 'closed', isInquiry: true }] },
  },
  {
    title: 'a dispute that is said to be lost although its money came back has to be looked at',
    items: [of('CAPTURE', 'C1'), disputed('CHARGEBACK', PAYMENT), disputed('CHARGEBACK_REVERSED', null, 'Lost')],
    payment: { flags: ['dispute_and_money_disagree'] },
  },
  {
    title: 'fraud that the bank reports is a warning, and takes nothing',
    items: [of('CAPTURE', 'C1'), { code: 'NOTIFICATION_OF_FRAUD', psp: 'NOF1', original: PAYMENT }],
    payment: { disputed: '0', flags: ['fraud_warning'], disputes: [] },
  },
  {
    title: 'a payment is in review until somebody accepts it',
    items: [authorised({ additionalData: { fraudManualReview: 'true' } }), of('MANUAL_REVIEW_ACCEPT', 'V1')],
    payment: { status: 'authorized', flags: [] },
  },
  {
    title: 'a payment that nobody has reviewed yet says so',
    items: [authorised({ additionalData: { fraudManualReview: 'true' } })],
    payment: { status: 'authorized', flags: ['in_review'] },
  },
  {
    title: 'a refund that waits for the capture is no refund yet',
    items: [authorised(), of('POSTPONED_REFUND', 'R1', 4000)],
    payment: { status: 'authorized', refunded: '0', refundPending: '4000' },
  },
  {
    title: 'a rescue that ends does not unpay what was paid before its chargeback',
    isAutomatic: true,
    items: [authorised(), of('AUTORESCUE', 'S1', 10_000, { success: 'false' })],
    payment: { status: 'succeeded', captured: '10000' },
  },
];

/** All orders of a few. */
const ordersOf = (numbers: readonly number[]): readonly (readonly number[])[] =>
  numbers.length < 2
    ? [numbers]
    : numbers.flatMap((first) => ordersOf(numbers.filter((one) => one !== first)).map((rest) => [first, ...rest]));

describe('As Adyen tells it,', () => {
  test.each(LIVES)('$title', async ({ title, isAutomatic = false, items, payment }) => {
    const story: Story = {
      name: title,
      provider: 'adyen',
      settings: { isAdyenCaptureAutomatic: isAutomatic },
      bodies: items.map(bodyOf),
      expect: { payments: [{ id: PAYMENT, ...payment }], deadLetters: 0 },
    };

    for (const order of ordersOf(items.map((_, index) => index + 1))) {
      expect(await problemsOfSums(story, await tell(story, [...order, ...order])), `order ${order.join(' ')}`).toEqual(
        [],
      );
    }
  });
});
