/** Stored ways to pay, as Adyen's webhooks of tokens tell them. */

import { paymentMethod } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import { explanationAt, type Place, placeAt, textAt } from '../../../payments/place.ts';
import type { PaymentMethodType } from '../../../payments/subject-event.ts';

/** The event is named by the payment that caused it. */
export const token =
  (type: PaymentMethodType) =>
  (payload: Place): Mapped => {
    const data = placeAt(payload, 'data');
    const customer = explanationAt(data, 'shopperReference');
    return [
      paymentMethod(type, textAt(data, 'storedPaymentMethodId'), {
        customerId: customer,
        related: aboutPayment({}, { payment: explanationAt(payload, 'eventId'), customer }).related,
      }),
    ];
  };
