/** Payment events written out, for the suites of what stores them: no provider and no mapping is needed. */

import {
  type EventSource,
  PAYMENT_NAME_KINDS,
  type PaymentName,
  type PaymentNameKind,
} from '../../src/payments/event-source.ts';
import type { Money } from '../../src/payments/money.ts';
import type { PaymentChangeEvent, PaymentStateEvent, RefundEvent } from '../../src/payments/payment-event.ts';
import type { EventsOfPayment } from '../../src/payments/reduce-payment.ts';
import { paymentMapping } from '../payments/webhooks.ts';
import { NOW } from '../support/clock.ts';

export const usd = (minor: bigint): Money => ({ minor, currency: 'USD', exponent: 2 });

type NameIds = Partial<Record<PaymentNameKind, string>>;

const namesIn = (ids: NameIds): readonly PaymentName[] =>
  PAYMENT_NAME_KINDS.flatMap((kind) => {
    const id = ids[kind];
    return id === undefined ? [] : [{ kind, id }];
  });

const aboutPayment = (ids: NameIds) => {
  const paymentNames = namesIn(ids);
  return { paymentId: paymentNames[0]?.id ?? null, paymentNames, related: { ...ids } };
};

const sourceOf = (id: string): EventSource => ({
  id: `stripe:${id}`,
  webhookId: `stripe:${id}`,
  provider: 'stripe',
  providerType: 'payment_intent.succeeded',
  account: null,
  mode: 'test',
  isSimulated: false,
  occurredAt: NOW,
  ordering: null,
});

/** `payment.succeeded` over 10.00 USD, unless `overrides` says something else. What succeeded is captured. */
export const stateEvent = (
  id: string,
  names: NameIds,
  overrides: Partial<PaymentStateEvent> = {},
): PaymentChangeEvent => {
  const { type = 'payment.succeeded', amount = usd(1000n) } = overrides;
  const event: PaymentStateEvent = {
    ...sourceOf(id),
    ...aboutPayment(names),
    type,
    amount,
    asked: null,
    captured: type === 'payment.succeeded' ? amount : null,
    isCaptureAssumed: false,
    refundedTotal: null,
    fee: null,
    part: null,
    attempt: null,
    reason: null,
    isRefundIfCaptured: false,
    isPreliminary: false,
    ...overrides,
  };
  // The compiler does not see that an event of one of the types is one of the union.
  return event as PaymentChangeEvent;
};

/** `refund.succeeded` over one cent, of a refund that has the event's id as its own. */
export const refundEvent = (id: string, names: NameIds, overrides: Partial<RefundEvent> = {}): PaymentChangeEvent => ({
  ...sourceOf(id),
  ...aboutPayment(names),
  type: 'refund.succeeded',
  refundId: `re_${id}`,
  amount: usd(1n),
  refundedTotal: null,
  part: null,
  beganAt: null,
  reason: null,
  ...overrides,
});

/** The events of one webhook, all of one payment. */
export const changeOf = (...events: readonly PaymentChangeEvent[]): EventsOfPayment => {
  const [change, ...others] = paymentMapping.changesOf(events).payments;
  if (change === undefined || others.length > 0) throw new Error('the events are to be about one payment');
  return change;
};
