/** The life of a payment by two clocks: when its provider says that something happened, and when it came to us. Pure. */
import type { PaymentDetailJson } from '../api-types.ts';

export interface Step {
  /** By the clock that was asked for; null where it does not know. */
  readonly at: string | null;
  readonly change: PaymentDetailJson['history'][number];
  /** Null when its webhook is not kept any more. */
  readonly arrival: PaymentDetailJson['arrivals'][number] | null;
}

const stepsOf = ({ history, arrivals }: PaymentDetailJson): readonly Omit<Step, 'at'>[] =>
  history.map((change) => ({ change, arrival: arrivals.find(({ eventId }) => eventId === change.eventId) ?? null }));

/** In the order of what happened, as the payment has it. */
export const byTheirClock = (payment: PaymentDetailJson): readonly Step[] =>
  stepsOf(payment).map((step) => ({ ...step, at: step.change.at }));

/** In the order in which it came; what is not kept any more stands first. */
export const byOurClock = (payment: PaymentDetailJson): readonly Step[] =>
  stepsOf(payment)
    .map((step) => ({ ...step, at: step.arrival?.receivedAt ?? null }))
    .toSorted((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : (a.at ?? '') > (b.at ?? '') ? 1 : 0));
