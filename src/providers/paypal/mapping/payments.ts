/**
 * PayPal's authorizations, captures and sales, to bodies of payment events; `mapping.ts` says which for what. An order,
 * its authorizations and its captures are one payment; refunds name only the capture.
 */
import { paymentState } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import type { AboutPayment, PaymentStateType } from '../../../payments/payment-event.ts';
import { explanationAt, type Place, textAt } from '../../../payments/place.ts';
import {
  amountAt,
  type Links,
  linksOf,
  merchantReferenceOf,
  optionalAmountAt,
  optionalWordAt,
  resourceOf,
  statusWordOf,
} from './resource.ts';

const zeroOf = (amount: Money): Money => ({ ...amount, minor: 0n });

const relatedIdAt = (resource: Place, key: string): string | null =>
  optionalWordAt(resource, 'supplementary_data', 'related_ids', key);

/** Version 2 names the order in its related ids, else in its links; version 1 has a parent payment in its place. */
const orderAndAuthorizationOf = (
  resource: Place,
  links: Links | null = null,
): { readonly order: string | null; readonly authorization: string | null } => {
  const order = relatedIdAt(resource, 'order_id') ?? optionalWordAt(resource, 'parent_payment');
  const authorization = relatedIdAt(resource, 'authorization_id');
  if (order !== null && authorization !== null) return { order, authorization };
  const { others } = links ?? linksOf(resource);
  return {
    order: order ?? others.order ?? others.payment ?? null,
    authorization: authorization ?? others.authorization ?? null,
  };
};

export const statusReasonOf = (resource: Place): string | null =>
  optionalWordAt(resource, 'status_details', 'reason') ?? explanationAt(resource, 'reason_code');

/** What the object says of itself when it is worse off than the type of the event says; better is not believed. */
const AUTHORIZATION_TYPES: ReadonlyMap<string, PaymentStateType> = new Map([
  ['PENDING', 'payment.pending'],
  ['DENIED', 'payment.failed'],
  ['VOIDED', 'payment.canceled'],
  ['EXPIRED', 'payment.canceled'],
]);

const aboutAuthorization = (resource: Place, id: string): AboutPayment =>
  aboutPayment(
    { order: orderAndAuthorizationOf(resource).order, authorization: id },
    { merchant_reference: merchantReferenceOf(resource) },
  );

export const authorizationCreated = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  const id = textAt(resource, 'id');
  const type = AUTHORIZATION_TYPES.get(statusWordOf(resource)) ?? 'payment.authorized';
  const reason = statusReasonOf(resource);
  return [paymentState(type, aboutAuthorization(resource, id), amountAt(resource, 'amount'), { part: id, reason })];
};

export const authorizationVoided = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  const id = textAt(resource, 'id');
  const reason = statusReasonOf(resource);
  const amount = optionalAmountAt(resource, 'amount');
  return [paymentState('payment.canceled', aboutAuthorization(resource, id), amount, { part: id, reason })];
};

const feeOf = (resource: Place): Money | null =>
  optionalAmountAt(resource, 'seller_receivable_breakdown', 'paypal_fee') ??
  optionalAmountAt(resource, 'transaction_fee');

type TakenType = 'payment.pending' | 'payment.succeeded' | 'payment.failed';

/**
 * A capture that is not completed by its own word is not, whatever the event is called. The other way round the type is
 * believed: a sale that is held comes as PENDING with `state: "completed"`.
 */
const UNFINISHED: ReadonlyMap<string, TakenType> = new Map([
  ['PENDING', 'payment.pending'],
  ['DECLINED', 'payment.failed'],
  ['DENIED', 'payment.failed'],
  ['FAILED', 'payment.failed'],
]);

const takenTypeOf = (type: TakenType, resource: Place): TakenType =>
  type === 'payment.succeeded' ? (UNFINISHED.get(statusWordOf(resource)) ?? type) : type;

/** A capture or sale is all or nothing: what is not completed has captured nothing. */
const taken = (type: TakenType, resource: Place, about: AboutPayment, part: string): Mapped => {
  const amount = amountAt(resource, 'amount');
  const is = takenTypeOf(type, resource);
  const captured = is === 'payment.succeeded' ? amount : zeroOf(amount);
  return [paymentState(is, about, amount, { captured, fee: feeOf(resource), part, reason: statusReasonOf(resource) })];
};

/** A capture, or a sale: the charge of a subscription, and every payment of version 1. */
export const aboutPart = (
  resource: Place,
  part: string | null,
  refund: string | null = null,
  links: Links | null = null,
): AboutPayment =>
  aboutPayment(
    { ...orderAndAuthorizationOf(resource, links), capture: part },
    {
      refund,
      subscription: optionalWordAt(resource, 'billing_agreement_id'),
      merchant_reference: merchantReferenceOf(resource),
    },
  );

export const takenState =
  (type: TakenType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    const part = textAt(resource, 'id');
    return taken(type, resource, aboutPart(resource, part), part);
  };
