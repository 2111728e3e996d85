/**
 * Payment events: what a webhook means, in one language for all providers. A webhook gives one event almost always, none
 * when it says nothing about money, and several when it speaks of several payments.
 *
 * Every amount is a `Money`, every time UTC milliseconds, every id the provider's own. What a provider does not say is
 * null; nothing is guessed.
 */
import type { EpochMs, Mode, OrderingHint } from '../core/webhook.ts';
import type { Money } from './money.ts';

/** Where an event comes from. All events have these fields. */
export interface EventSource {
  /** The webhook's id; `#2`, `#3` after it for further events of one webhook. The same on every delivery and replay. */
  readonly id: string;
  readonly webhookId: string;
  readonly provider: string;
  /** The provider's own name of the event, for example `payment_intent.succeeded`. */
  readonly providerType: string;
  readonly account: string | null;
  readonly mode: Mode;
  /** True for a provider's simulator: nothing happened in the world. */
  readonly isSimulated: boolean;
  /** When it happened, by the provider's clock. Null when the provider does not say, or says an impossible time. */
  readonly occurredAt: EpochMs | null;
  /** How the provider orders events of one object. */
  readonly ordering: OrderingHint | null;
}

/** What kind of id names a payment; the earlier in this list, the more events of one payment know it. */
export const PAYMENT_NAME_KINDS = ['order', 'payment', 'authorization', 'capture', 'charge'] as const;
export type PaymentNameKind = (typeof PAYMENT_NAME_KINDS)[number];

/**
 * One of the ids that name a payment. PayPal's order, authorization and capture, or Stripe's PaymentIntent and charge, are
 * one payment; a refund may know only the last of them.
 */
export interface PaymentName {
  readonly kind: PaymentNameKind;
  readonly id: string;
}

/** What may belong to a payment. */
export const RELATED_KINDS = [
  ...PAYMENT_NAME_KINDS,
  'refund',
  'dispute',
  'checkout',
  'invoice',
  'subscription',
  'customer',
  'merchant_reference',
] as const;
export type RelatedKind = (typeof RELATED_KINDS)[number];

/** Ids of the objects that the event speaks of, by kind. */
export type RelatedIds = Readonly<Partial<Record<RelatedKind, string>>>;

/** Which payment an event is about. */
export interface AboutPayment {
  /** The most general of `paymentNames`; null when the event belongs to no single payment that it could name. */
  readonly paymentId: string | null;
  /** All ids by which this event knows its payment, the most general first. */
  readonly paymentNames: readonly PaymentName[];
  readonly related: RelatedIds;
}

export type PaymentStateType =
  /** Begun, or approved by the buyer. Nothing is paid. */
  | 'payment.created'
  /** The buyer has to do something, such as confirm with the bank. */
  | 'payment.requires_action'
  /** On its way; the outcome comes later. */
  | 'payment.pending'
  /** Reserved, waiting for capture. */
  | 'payment.authorized'
  /** Paid. `captured` says how much. */
  | 'payment.succeeded'
  /** An attempt failed. Another may follow and succeed: only `payment.canceled` ends a payment without money. */
  | 'payment.failed'
  | 'payment.canceled'
  /** The provider took the money back, for example for a bank debit that the bank returned. */
  | 'payment.reversed';

export interface PaymentStateEvent<T extends PaymentStateType = PaymentStateType> extends EventSource, AboutPayment {
  readonly type: T;
  /** What the event is about: the amount asked for, reserved, paid or taken back. Never negative. */
  readonly amount: Money;
  /** What the whole payment asks for, when the provider says it beside `amount`. */
  readonly asked: Money | null;
  /** Everything captured so far of `part`, when the provider says it. Not to be added up over events. */
  readonly captured: Money | null;
  /** Everything given back so far of `part`, when the provider says it. Not to be added up over events. */
  readonly refundedTotal: Money | null;
  /** The provider's fee so far, when the provider says it. May be in another currency. */
  readonly fee: Money | null;
  /** One of several authorizations or captures of the payment, with a state of its own; null for the payment itself. */
  readonly part: string | null;
  /** The provider's code for why, for example `card_declined`. */
  readonly reason: string | null;
  /** True for a checkout that ended before its payment: a payment that says more about itself is believed instead. */
  readonly isPreliminary: boolean;
}

/** How much of a payment has been given back so far, all refunds together. Cumulative: never add it to refund events. */
export interface RefundTotalEvent extends EventSource, AboutPayment {
  readonly type: 'payment.refund_total';
  readonly amount: Money;
  readonly captured: Money | null;
  readonly part: string | null;
  readonly reason: string | null;
}

export type RefundType = 'refund.pending' | 'refund.succeeded' | 'refund.failed' | 'refund.canceled';

export interface RefundEvent<T extends RefundType = RefundType> extends EventSource, AboutPayment {
  readonly type: T;
  readonly refundId: string;
  /** Of this refund. Never negative. */
  readonly amount: Money;
  /** All refunds of `part` so far, this one included, when the provider says it. Not to be added up. */
  readonly refundedTotal: Money | null;
  readonly part: string | null;
  /** When the refund began. */
  readonly beganAt: EpochMs | null;
  readonly reason: string | null;
}

export type DisputeType =
  /** A buyer or a bank disputes the payment. With `isInquiry` it only asks: no money has moved. */
  | 'dispute.opened'
  | 'dispute.updated'
  /** Decided: see `outcome`. */
  | 'dispute.closed'
  /** The disputed money was taken from the balance. */
  | 'dispute.funds_withdrawn'
  /** The disputed money was put back into the balance. */
  | 'dispute.funds_reinstated'
  /** The bank suspects fraud; nothing is disputed yet. */
  | 'dispute.warning';

/** `closed` is an end without a winner: an inquiry that ended, a dispute that was withdrawn or prevented. */
export type DisputeOutcome = 'won' | 'lost' | 'closed';

export interface DisputeEvent<T extends DisputeType = DisputeType> extends EventSource, AboutPayment {
  readonly type: T;
  readonly disputeId: string;
  /** What is disputed; null for a warning, and when one sum stands for several payments. */
  readonly amount: Money | null;
  /** What left or came back into the balance. */
  readonly moved: Money | null;
  readonly fee: Money | null;
  readonly isInquiry: boolean;
  /** Only of `dispute.closed`. */
  readonly outcome: DisputeOutcome | null;
  readonly reason: string | null;
}

export type PayoutType =
  | 'payout.created'
  | 'payout.updated'
  | 'payout.pending'
  /** Arrived, as far as the provider knows. Stripe's may still be followed by `payout.failed`. */
  | 'payout.paid'
  | 'payout.failed'
  | 'payout.canceled'
  | 'payout.returned'
  /** The payments that make up the payout are known. */
  | 'payout.reconciled';

/** Money on its way from the provider to a bank account, or to somebody who is paid. */
export interface PayoutEvent<T extends PayoutType = PayoutType> extends EventSource {
  readonly type: T;
  readonly payoutId: string;
  /** The batch that a single payout belongs to. */
  readonly batchId: string | null;
  /** Below zero when the provider takes a debt from the bank account. */
  readonly amount: Money;
  readonly fee: Money | null;
  readonly reason: string | null;
}

export type InvoiceType =
  | 'invoice.paid'
  | 'invoice.payment_failed'
  | 'invoice.requires_action'
  | 'invoice.refunded'
  | 'invoice.canceled';

export interface InvoiceEvent<T extends InvoiceType = InvoiceType> extends EventSource {
  readonly type: T;
  /** Null where the provider bills a subscription without invoices (PayPal). */
  readonly invoiceId: string | null;
  readonly amount: Money | null;
  readonly subscriptionId: string | null;
  readonly customerId: string | null;
  /** The payments that paid it, as far as the event names them. */
  readonly paymentIds: readonly string[];
}

export type SubscriptionType =
  | 'subscription.created'
  | 'subscription.activated'
  | 'subscription.updated'
  | 'subscription.paused'
  | 'subscription.resumed'
  | 'subscription.canceled'
  | 'subscription.expired'
  | 'subscription.trial_ending';

export interface SubscriptionEvent<T extends SubscriptionType = SubscriptionType> extends EventSource {
  readonly type: T;
  readonly subscriptionId: string;
  /** The provider's own word, for example `past_due`. */
  readonly status: string | null;
  readonly customerId: string | null;
  /** The last payment, when the provider says it. */
  readonly amount: Money | null;
}

/** A merchant took away the access that they had given. */
export interface AccountEvent extends EventSource {
  readonly type: 'account.disconnected';
  readonly reason: string | null;
}

/** A report for reconciliation can be fetched. */
export interface ReportEvent extends EventSource {
  readonly type: 'report.available';
  readonly reportId: string;
  /** As the provider gives it; fetching needs the provider's credentials. */
  readonly url: string | null;
}

/** One member for each type, so that `Extract` and `switch` see each type alone. */
type EachState = { [T in PaymentStateType]: PaymentStateEvent<T> }[PaymentStateType];
type EachRefund = { [T in RefundType]: RefundEvent<T> }[RefundType];
type EachDispute = { [T in DisputeType]: DisputeEvent<T> }[DisputeType];
type EachPayout = { [T in PayoutType]: PayoutEvent<T> }[PayoutType];
type EachInvoice = { [T in InvoiceType]: InvoiceEvent<T> }[InvoiceType];
type EachSubscription = { [T in SubscriptionType]: SubscriptionEvent<T> }[SubscriptionType];

/** The events that change a payment. */
export type PaymentChangeEvent = EachState | RefundTotalEvent | EachRefund | EachDispute;

export type PaymentEvent =
  | PaymentChangeEvent
  | EachPayout
  | EachInvoice
  | EachSubscription
  | AccountEvent
  | ReportEvent;

export type PaymentEventType = PaymentEvent['type'];

/** The event of one type: `PaymentEventOf<'refund.failed'>`. */
export type PaymentEventOf<T extends PaymentEventType> = Extract<PaymentEvent, { readonly type: T }>;
