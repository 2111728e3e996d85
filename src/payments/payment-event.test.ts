import { describe, expectTypeOf, test } from 'vitest';
import type { Money } from './money.ts';
import type {
  DisputeEvent,
  PaymentEvent,
  PaymentEventOf,
  PaymentEventType,
  PaymentStateEvent,
  RefundEvent,
} from './payment-event.ts';
import type { AccountEvent } from './subject-event.ts';

/** These say something when the type check runs. */
describe('PaymentEvent', () => {
  test('is narrowed by its type alone', () => {
    expectTypeOf<PaymentEventOf<'payment.succeeded'>>().toEqualTypeOf<PaymentStateEvent<'payment.succeeded'>>();
    expectTypeOf<PaymentEventOf<'refund.failed'>>().toEqualTypeOf<RefundEvent<'refund.failed'>>();
    expectTypeOf<PaymentEventOf<'dispute.closed'>>().toEqualTypeOf<DisputeEvent<'dispute.closed'>>();
    expectTypeOf<PaymentEventOf<'account.disconnected'>>().toEqualTypeOf<AccountEvent<'account.disconnected'>>();
    expectTypeOf<PaymentEventOf<'refund.failed'>['amount']>().toEqualTypeOf<Money>();
  });

  test('has an event for each of its types', () => {
    type Empty = { [T in PaymentEventType]: [PaymentEventOf<T>] extends [never] ? T : never }[PaymentEventType];

    expectTypeOf<Empty>().toBeNever();
    expectTypeOf<PaymentEventOf<PaymentEventType>>().toEqualTypeOf<PaymentEvent>();
  });
});
