import { describe, expect, expectTypeOf, test } from 'vitest';
import type { PaymentEvent, PaymentEventOf } from '../payments/payment-event.ts';
import { type EventPattern, on } from './on.ts';

describe('on', () => {
  test('keeps what was asked for', () => {
    const call = () => undefined;

    expect(on('payment.succeeded', call)).toEqual({
      handles: 'payment_events',
      patterns: ['payment.succeeded'],
      providers: null,
      events: 'news',
      call,
    });
    expect(on(['refund.*', 'dispute.opened'], { provider: 'stripe', events: 'all' }, call)).toEqual({
      handles: 'payment_events',
      patterns: ['refund.*', 'dispute.opened'],
      providers: ['stripe'],
      events: 'all',
      call,
    });
  });

  test('types the event by the pattern', () => {
    on('payment.succeeded', (event) => {
      expectTypeOf(event).toEqualTypeOf<PaymentEventOf<'payment.succeeded'>>();
    });
    on('refund.*', (event) => {
      expectTypeOf(event.type).toEqualTypeOf<
        'refund.pending' | 'refund.requires_action' | 'refund.succeeded' | 'refund.failed' | 'refund.canceled'
      >();
      expectTypeOf(event.refundId).toBeString();
    });
    on(['payout.paid', 'account.disconnected'], (event) => {
      expectTypeOf(event.type).toEqualTypeOf<'payout.paid' | 'account.disconnected'>();
    });
    on('*', (event) => {
      expectTypeOf(event).toEqualTypeOf<PaymentEvent>();
    });
  });

  test.each<[string, RegExp]>([
    ['payment.suceeded', /expected a type of event \(did you mean payment\.succeeded\?\)/],
    ['payments.*', /expected a type of event \(did you mean payment\.\*\?\)/],
    ['payment.was_very_good', /expected one of payment\.created, .*payment\.succeeded.*, or payment\.\*/],
    ['money.*', /expected a type of event such as payment\.succeeded, or one of payment\.\*/],
    ['pay*', /expected a type of event/],
    ['', /expected a type of event/],
  ])('refuses %j, which no event can match, and says what is allowed', (pattern, said) => {
    expect(() => on(pattern as EventPattern, () => undefined)).toThrow(said);
  });

  test('refuses a handler that is no function, and a handler of nothing', () => {
    expect(() => on('payment.succeeded', {}, undefined as never)).toThrow('the last argument is the function to call');
    expect(() => on([], () => undefined)).toThrow('name at least one type of event');
  });
});
