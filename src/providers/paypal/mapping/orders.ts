/** PayPal's orders of both versions and what begins or ends them, to bodies of payment events. */
import { order, paymentState } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import type { AboutPayment } from '../../../payments/payment-event.ts';
import { ifReadable, optionalTextAt, type Place, placesAt, sumOf, textAt } from '../../../payments/place.ts';
import {
  merchantReferenceOf,
  optionalAmountAt,
  optionalPlacesAt,
  optionalWordAt,
  resourceOf,
  statusOf,
  unsignedAmountAt,
} from './resource.ts';

/** Without an amount: nothing is paid yet, or nothing will be. */
type OrderType = 'payment.created' | 'payment.failed' | 'payment.canceled';

/** All units together; null when one of them does not say its amount. */
const sumOfUnits = (resource: Place, key: 'purchase_units' | 'transactions'): Money | null =>
  ifReadable(resource, (readable) => {
    const amounts = placesAt(readable, key).map((unit) => unsignedAmountAt(unit, 'amount'));
    return sumOf(readable, key, amounts);
  });

const referenceOfUnits = (resource: Place, key: 'purchase_units' | 'transactions'): string | null => {
  const [unit] = optionalPlacesAt(resource, key);
  return unit === undefined ? null : merchantReferenceOf(unit);
};

const idOf = (resource: Place): string => optionalTextAt(resource, 'order_id') ?? textAt(resource, 'id');

const aboutOrder = (resource: Place): AboutPayment =>
  aboutPayment(
    { order: idOf(resource) },
    {
      customer: optionalWordAt(resource, 'payer', 'payer_id'),
      merchant_reference: referenceOfUnits(resource, 'purchase_units'),
    },
  );

export const orderState =
  (type: OrderType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    const amount = sumOfUnits(resource, 'purchase_units');
    return [
      paymentState(type, aboutOrder(resource), amount, {
        reason: optionalWordAt(resource, 'status_details', 'reason'),
      }),
    ];
  };

/** Its captures are the payments. */
export const orderProcessed = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  return [
    order(idOf(resource), {
      status: statusOf(resource),
      amount: sumOfUnits(resource, 'purchase_units'),
      related: aboutOrder(resource).related,
    }),
  ];
};

/** Version 1: a payment (PAY-…), approved by the buyer. Its sales, orders and authorizations name it as their parent. */
export const paymentCreated = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  const about = aboutPayment(
    { order: textAt(resource, 'id') },
    {
      customer: optionalWordAt(resource, 'payer', 'payer_info', 'payer_id'),
      merchant_reference: referenceOfUnits(resource, 'transactions'),
    },
  );
  return [paymentState('payment.created', about, sumOfUnits(resource, 'transactions'))];
};

/** Version 1: an order (O-…), which belongs to a payment. */
export const paymentOrderState =
  (type: OrderType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    const id = textAt(resource, 'id');
    const parent = optionalWordAt(resource, 'parent_payment');
    const about = aboutPayment(parent === null ? { order: id } : { order: parent, payment: id }, {
      merchant_reference: merchantReferenceOf(resource),
    });
    const amount = optionalAmountAt(resource, 'amount');
    return [paymentState(type, about, amount, { reason: optionalWordAt(resource, 'reason_code') })];
  };
