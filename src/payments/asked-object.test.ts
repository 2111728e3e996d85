import { describe, expect, test } from 'vitest';
import { dispute, link, refund, up } from '../../test/payments/paypal-resources.ts';
import { eventOf, paypalEvent, stripeEvent } from '../../test/payments/webhooks.ts';
import type { PresentState } from '../core/present-state.ts';
import { askedObjectOf, attributed, contradictionsOf, isUnattributed } from './asked-object.ts';

const without = eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.REFUNDED', { ...refund, links: [link('self', 'x')] }));
const named = eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.REFUNDED', { ...refund, links: [up('captures/C9')] }));
const said: PresentState = {
  why: 'unattributed',
  kind: 'refund',
  id: refund.id,
  outcome: 'attributed',
  at: 5,
  names: [
    { kind: 'order', id: 'O1' },
    { kind: 'capture', id: 'C1' },
  ],
  part: 'C1',
};

describe('an event that names no payment', () => {
  test('is told from one that does, and from one of a simulator', () => {
    expect(isUnattributed(without)).toBe(true);
    expect(isUnattributed({ ...without, isSimulated: true })).toBe(false);
    expect(isUnattributed(named)).toBe(false);
    expect(isUnattributed(eventOf('paypal', paypalEvent('BILLING.SUBSCRIPTION.ACTIVATED', { id: 'I-1' })))).toBe(false);
  });

  test('is of the payment that the API named, and nothing else of it is another', () => {
    const event = attributed(without, [{ ...said, id: 'another', names: [{ kind: 'capture', id: 'X' }] }, said]);

    expect(event).toEqual({
      ...without,
      paymentId: 'O1',
      paymentNames: said.names,
      related: { ...without.related, order: 'O1', capture: 'C1' },
      part: 'C1',
    });
  });

  test.each([
    ['nothing was said', without, undefined],
    ['what was said names none', without, [{ ...said, outcome: 'names_no_payment', names: undefined }]],
    ['it was said of a dispute', without, [{ ...said, kind: 'dispute' }]],
    ['it names one itself', named, [said]],
  ] as const)('stays as it is where %s', (_why, event, states) => {
    expect(attributed(event, states as readonly PresentState[] | undefined)).toEqual(event);
  });

  test('keeps the part that it names itself', () => {
    expect(attributed({ ...without, part: 'OWN' } as typeof without, [said])).toMatchObject({ part: 'OWN' });
  });
});

test.each([
  [without, { kind: 'refund', id: refund.id }],
  [eventOf('paypal', paypalEvent('CUSTOMER.DISPUTE.CREATED', dispute)), { kind: 'dispute', id: dispute.dispute_id }],
  [eventOf('stripe', stripeEvent('review.opened', { id: 'prv_1', reason: 'rule' })), { kind: 'review', id: 'prv_1' }],
  [eventOf('stripe', stripeEvent('radar.early_fraud_warning.created', { id: 'issfr_1', charge: 'ch_1' })), null],
])('what can be asked for is the object of the event', (event, object) => {
  expect(askedObjectOf(event)).toEqual(object);
});

test('flags of what the provider does are no contradictions, nor is a refund that came before its payment', () => {
  const flags = ['currencies_mixed', 'fraud_warning', 'in_review', 'refunded_more_than_captured'] as const;

  expect(contradictionsOf({ flags, status: 'succeeded' })).toEqual(['currencies_mixed', 'refunded_more_than_captured']);
  expect(contradictionsOf({ flags, status: 'unknown' })).toEqual([]);
  expect(contradictionsOf({ flags: [], status: 'succeeded' })).toEqual([]);
});
