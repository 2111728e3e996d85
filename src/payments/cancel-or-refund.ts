/** A cancellation that is a refund when the payment was captured before it: only the whole payment tells which it was. */
import { unsaidOf } from './event-bodies.ts';
import { isState, moneyIn, type StateEvent } from './fold-events.ts';
import type { PaymentChangeEvent, RefundEvent } from './payment-event.ts';
import type { SortedEvents } from './summarize.ts';
import { capturedOf, unitOf } from './view-money.ts';

const mayBeRefund = (event: PaymentChangeEvent): event is StateEvent => isState(event) && event.isRefundIfCaptured;

/** The events as they turned out; the same list where there is nothing to decide, as almost always. */
export const withRefundsDecided = (events: SortedEvents): SortedEvents => {
  if (!events.some(mayBeRefund)) return events;
  const others = events.filter((event) => !mayBeRefund(event));
  const unit = unitOf(events);
  const captured = unit === null ? 0n : capturedOf(unit, others);
  if (unit === null || captured === 0n) return events;
  const [first, ...rest] = events.map((event): PaymentChangeEvent => {
    if (!mayBeRefund(event)) return event;
    const refund: RefundEvent<'refund.succeeded'> = {
      ...event,
      ...(unsaidOf('refund.succeeded') as Pick<RefundEvent, 'refundedTotal' | 'part' | 'beganAt' | 'reason'>),
      type: 'refund.succeeded',
      refundId: event.related.refund ?? event.id,
      amount: moneyIn(unit, captured),
    };
    return refund;
  });
  if (first === undefined) throw new TypeError('as many events as before');
  return [first, ...rest];
};
