/**
 * Where what was delivered does not say enough: an event that names no payment, and a payment whose events contradict each
 * other. What a provider's API says of the first names its payment; of the second nothing is changed by it.
 */
import type { AskedObject, PresentState } from '../core/present-state.ts';
import type { PaymentFlag, PaymentView } from './payment.ts';
import type { PaymentEvent } from './payment-event.ts';

/** Two statements of the provider's that cannot both be so. The other flags say what the provider does. */
const CONTRADICTIONS: ReadonlySet<PaymentFlag> = new Set([
  'captured_more_than_asked',
  'currencies_mixed',
  'dispute_and_money_disagree',
  'refunded_more_than_captured',
]);

/** Where only refunds or disputes are known yet, what was taken may be under way. */
export const contradictionsOf = ({ flags, status }: Pick<PaymentView, 'flags' | 'status'>): readonly PaymentFlag[] =>
  status === 'unknown' ? [] : flags.filter((flag) => CONTRADICTIONS.has(flag));

/** The refund, dispute or review that the event is about; null for the payment itself. A warning has no object of its own. */
export const askedObjectOf = (event: PaymentEvent): AskedObject | null => {
  if ('refundId' in event) return { kind: 'refund', id: event.refundId };
  if ('disputeId' in event) return event.type === 'dispute.warning' ? null : { kind: 'dispute', id: event.disputeId };
  return 'reviewId' in event ? { kind: 'review', id: event.reviewId } : null;
};

export const isUnattributed = (event: PaymentEvent): boolean =>
  'paymentNames' in event && event.paymentNames.length === 0 && !event.isSimulated;

export const isSameObject = (one: AskedObject, other: AskedObject): boolean =>
  one.kind === other.kind && one.id === other.id;

/** The event under the names that the provider's API gave its payment, where it names none itself. */
export const attributed = <Event extends PaymentEvent>(
  event: Event,
  said: readonly PresentState[] | undefined,
): Event => {
  if (said === undefined || !isUnattributed(event)) return event;
  const object = askedObjectOf(event);
  const named = said.find((one) => object !== null && isSameObject(one, object) && one.names !== undefined);
  if (named === undefined) return event;
  const { names = [], part } = named;
  const [first] = names;
  const related = Object.fromEntries(names.map(({ kind, id }) => [kind, id]));
  return {
    ...event,
    paymentNames: names,
    paymentId: first === undefined || first.kind === 'dispute' ? null : first.id,
    related: { ...related, ...event.related },
    // Without it, it would be counted beside what other events say of the part.
    ...('part' in event && event.part === null && part !== undefined ? { part } : {}),
  };
};
