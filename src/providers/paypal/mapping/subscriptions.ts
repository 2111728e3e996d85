/** PayPal's subscriptions, of both versions of the API, and their plans, to bodies of payment events. */
import { invoice, subscription } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import { ifReadable, optionalPlaceAt, type Place, textAt, timeAt } from '../../../payments/place.ts';
import type { SubscriptionType } from '../../../payments/subject-event.ts';
import {
  merchantReferenceOf,
  optionalAmountAt,
  optionalPlacesAt,
  optionalWordAt,
  resourceOf,
  statusOf,
  statusWordOf,
} from './resource.ts';

const payerOf = (resource: Place): string | null =>
  optionalWordAt(resource, 'subscriber', 'payer_id') ?? optionalWordAt(resource, 'payer', 'payer_info', 'payer_id');

const planOf = (resource: Place): string | null => {
  const plan = optionalWordAt(resource, 'plan_id');
  if (plan === null) return null;
  const quantity = optionalWordAt(resource, 'quantity');
  return quantity === null ? plan : `${plan} x${quantity}`;
};

/** An end or a pause by its own status is one, whatever the event is called. */
const STATUS_TYPES: ReadonlyMap<string, SubscriptionType> = new Map([
  ['SUSPENDED', 'subscription.paused'],
  ['CANCELLED', 'subscription.canceled'],
  ['EXPIRED', 'subscription.expired'],
]);

const relatedOf = (resource: Place): { readonly merchant_reference?: string } => {
  const reference = merchantReferenceOf(resource);
  return reference === null ? {} : { merchant_reference: reference };
};

const billingOf = (resource: Place): Place | null =>
  ifReadable(resource, (readable) => optionalPlaceAt(readable, 'billing_info'));

const nextBillingOf = (resource: Place): number | null => {
  const billing = billingOf(resource);
  return billing === null ? null : timeAt(billing, 'next_billing_time');
};

export const subscriptionState =
  (type: SubscriptionType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    return [
      subscription(STATUS_TYPES.get(statusWordOf(resource)) ?? type, textAt(resource, 'id'), {
        status: statusOf(resource),
        customerId: payerOf(resource),
        amount: optionalAmountAt(resource, 'billing_info', 'last_payment', 'amount'),
        plan: planOf(resource),
        periodEndsAt: nextBillingOf(resource),
        related: relatedOf(resource),
      }),
    ];
  };

const FAILED = ['billing_info', 'last_failed_payment'] as const;

/** PayPal bills a subscription without invoices. */
export const subscriptionPaymentFailed = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  return [
    invoice('invoice.payment_failed', null, {
      amount: optionalAmountAt(resource, ...FAILED, 'amount'),
      subscriptionId: textAt(resource, 'id'),
      customerId: payerOf(resource),
      status: statusOf(resource),
      reason: optionalWordAt(resource, ...FAILED, 'reason_code'),
      attempts: attemptsOf(resource),
      related: relatedOf(resource),
    }),
  ];
};

const attemptsOf = (resource: Place): number | null => {
  const count = billingOf(resource)?.object.failed_payments_count;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
};

/** What the regular periods cost from now on; null where a plan has tiers of prices. */
const priceOf = (plan: Place): Money | null => {
  const regular = optionalPlacesAt(plan, 'billing_cycles').findLast((cycle) => cycle.object.tenure_type === 'REGULAR');
  return regular === undefined ? null : optionalAmountAt(regular, 'pricing_scheme', 'fixed_price');
};

/** The price of a plan is another for all who subscribe to it: there is no event for each of them. */
export const planPriceChanged = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  const status = statusOf(resource);
  return [
    subscription('subscription.updated', null, { plan: textAt(resource, 'id'), amount: priceOf(resource), status }),
  ];
};
