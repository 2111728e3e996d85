/** Stripe's subscriptions and what is planned of them, to bodies of payment events. */
import { subscription } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import { idIn, insideOf, isTrueAt, type Place, textAt, wordIn } from '../../../payments/place.ts';
import type { SubscriptionType } from '../../../payments/subject-event.ts';
import { listIn, relatedOf, stripeObject, timeIn } from './object.ts';

/** The ends and pauses among Stripe's statuses; the others change nothing that has a name of its own. */
const STATUSES: ReadonlyMap<string, SubscriptionType> = new Map([
  ['canceled', 'subscription.canceled'],
  ['incomplete_expired', 'subscription.expired'],
  ['paused', 'subscription.paused'],
]);

const planOf = (item: Place): string | null => {
  const price = idIn(item, 'price') ?? idIn(item, 'plan');
  const { quantity } = item.object;
  if (price === null) return null;
  return typeof quantity === 'number' && quantity !== 1 ? `${price} x${quantity}` : price;
};

const CHARS_MAX = 500;

/** The prices of its items; before 2018 a subscription was of one plan, and said it itself. */
const plansOf = (object: Place): string | null => {
  const plans = [
    ...listIn(object, 'items').map(planOf),
    ...(object.object.items === undefined ? [planOf(object)] : []),
  ];
  const named = plans.filter((plan) => plan !== null).join(', ');
  return named === '' ? null : named.slice(0, CHARS_MAX);
};

/** Since API version 2025-03-31.basil each item has a period of its own: the subscription is paid until the first ends. */
const periodEndOf = (object: Place): number | null => {
  const ends = listIn(object, 'items').map((item) => timeIn(item, 'current_period_end'));
  const known = [...ends, timeIn(object, 'current_period_end')].filter((end) => end !== null);
  return known.length === 0 ? null : Math.min(...known);
};

/** Why it was canceled; that its invoices are not collected for now, which no status says. */
const reasonOf = (object: Place): string | null =>
  wordIn(insideOf(object, 'cancellation_details'), 'reason') ??
  (insideOf(object, 'pause_collection') === null ? null : 'pause_collection');

const body = (object: Place, type: SubscriptionType, reason: string | null): Mapped => {
  const periodEndsAt = periodEndOf(object);
  const atPeriodEnd = isTrueAt(object, 'cancel_at_period_end') ? periodEndsAt : null;
  return [
    subscription(type, textAt(object, 'id'), {
      status: wordIn(object, 'status'),
      customerId: idIn(object, 'customer'),
      plan: plansOf(object),
      periodEndsAt,
      cancelsAt: timeIn(object, 'cancel_at') ?? atPeriodEnd,
      reason: reason ?? reasonOf(object),
    }),
  ];
};

export const subscriptionState =
  (type: SubscriptionType) =>
  (payload: Place): Mapped =>
    body(stripeObject(payload), type, null);

/** By its own status: an update may be the end of it. */
export const subscriptionByStatus =
  (reason: string | null) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    return body(object, STATUSES.get(wordIn(object, 'status') ?? '') ?? 'subscription.updated', reason);
  };

/** A schedule that has not begun is of no subscription yet. */
export const scheduleState =
  (reason: string) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const subscriptionId = idIn(object, 'subscription') ?? idIn(object, 'released_subscription');
    if (subscriptionId === null) return { ignored: 'informational' };
    const phases = listIn(object, 'phases');
    const upcoming = phases.map((phase) => plansOf(phase)).filter((plan) => plan !== null);
    const customerId = idIn(object, 'customer');
    return [
      subscription('subscription.updated', subscriptionId, {
        scheduleId: textAt(object, 'id'),
        customerId,
        status: wordIn(object, 'status'),
        plan: upcoming.length === 0 ? null : upcoming.join(' then ').slice(0, CHARS_MAX),
        reason,
        related: relatedOf({ customer: customerId }),
      }),
    ];
  };
