/**
 * Payment events about what has a life of its own beside payments: payouts, invoices, subscriptions and others, each one
 * *subject* with an id. What is known of it is its newest state (`subject.ts`), so each of these events is news, repeated
 * or stale as those of a payment are.
 *
 * `status` is always the provider's own word; `related` has the ids of whatever else the event names.
 */
import type { EpochMs } from '../core/webhook.ts';
import type { EventSource, RelatedIds } from './event-source.ts';
import type { Money } from './money.ts';

/** What each of these events has. */
export interface OfSubject extends EventSource {
  /** The provider's own word for the state. */
  readonly status: string | null;
  /** The provider's code for why. */
  readonly reason: string | null;
  /** Ids of whatever else the event names, by kind. */
  readonly related: RelatedIds;
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
  | 'payout.reconciled'
  /** A batch was worked through: each of its items says whether it was paid. Not to be added to them. */
  | 'payout.batch_processed';

/** Money on its way from the provider to a bank account, or to somebody who is paid. */
export interface PayoutEvent<T extends PayoutType = PayoutType> extends OfSubject {
  readonly type: T;
  /** Of a reversal: the payout that came back, not the reversal's own reference. */
  readonly payoutId: string;
  /** The batch that a single payout belongs to. */
  readonly batchId: string | null;
  /** Below zero when the provider takes a debt from the bank account. Null of a batch where the provider does not say it. */
  readonly amount: Money | null;
  readonly fee: Money | null;
}

export type InvoiceType =
  | 'invoice.created'
  /** Something about it is another: see `status`. */
  | 'invoice.updated'
  /** It is fixed, and can be paid. */
  | 'invoice.finalized'
  | 'invoice.overdue'
  /** Some of it is paid: `amount` so far. `invoice.paid` follows when all is. */
  | 'invoice.payment_made'
  /** Paid in whole: `amount` is all that was paid. */
  | 'invoice.paid'
  | 'invoice.payment_failed'
  | 'invoice.requires_action'
  /** A credit note reduces it. */
  | 'invoice.credited'
  | 'invoice.refunded'
  /** Nobody has to pay it any more: voided, deleted, or given up as uncollectible (`reason`). */
  | 'invoice.canceled';

export interface InvoiceEvent<T extends InvoiceType = InvoiceType> extends OfSubject {
  readonly type: T;
  /** Null where the provider bills a subscription without invoices (PayPal). */
  readonly invoiceId: string | null;
  readonly amount: Money | null;
  readonly subscriptionId: string | null;
  readonly customerId: string | null;
  /** The payments that paid it, as far as the event names them. */
  readonly paymentIds: readonly string[];
  /** The credit note that reduces it, of `invoice.credited`; of `invoice.updated`: the one that no longer does. */
  readonly creditNoteId: string | null;
  /** How many times it was tried to collect it, when the provider says it. */
  readonly attempts: number | null;
  /** True where it was paid, and not through the provider. */
  readonly isPaidOutOfBand: boolean;
  readonly dueAt: EpochMs | null;
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

export interface SubscriptionEvent<T extends SubscriptionType = SubscriptionType> extends OfSubject {
  readonly type: T;
  /** Null where a plan changed for everybody who subscribes to it: `plan` says which. */
  readonly subscriptionId: string | null;
  readonly customerId: string | null;
  /** The last payment, when the provider says it. */
  readonly amount: Money | null;
  /** What is subscribed to: the provider's ids of plans or prices, each with its quantity, such as `price_1 x2`. */
  readonly plan: string | null;
  readonly periodEndsAt: EpochMs | null;
  /** When it will end, where that is settled. */
  readonly cancelsAt: EpochMs | null;
  /** The planned change that the event is about, where that has an id and a state of its own (Stripe's schedule). */
  readonly scheduleId: string | null;
}

export type CheckoutType =
  | 'checkout.updated'
  /** The buyer is through. Of a subscription or without anything to pay: its payment is told by events of its own. */
  | 'checkout.completed'
  | 'checkout.canceled'
  | 'checkout.expired';

/** A page or terminal where somebody pays, while it has no payment that it could name. */
export interface CheckoutEvent<T extends CheckoutType = CheckoutType> extends OfSubject {
  readonly type: T;
  readonly checkoutId: string;
  readonly amount: Money | null;
  readonly subscriptionId: string | null;
  readonly customerId: string | null;
}

export type TransferType = 'transfer.created' | 'transfer.updated' | 'transfer.reversed' | 'transfer.failed';

/** Money that a platform moves to the balance of one of its sellers, or back. */
export interface TransferEvent<T extends TransferType = TransferType> extends OfSubject {
  readonly type: T;
  readonly transferId: string;
  readonly amount: Money | null;
  /** Everything of it that came back so far. Not to be added up. */
  readonly reversedTotal: Money | null;
  /** The account that it goes to, or came back from; null where the provider does not say it. */
  readonly toAccount: string | null;
}

export type PlatformFeeType = 'platform_fee.earned' | 'platform_fee.refunded';

/** What a platform takes of a seller's payment. */
export interface PlatformFeeEvent<T extends PlatformFeeType = PlatformFeeType> extends OfSubject {
  readonly type: T;
  readonly feeId: string;
  /** What was taken, also of a fee that was given back since. */
  readonly amount: Money;
  /** Everything of it that was given back so far. Not to be added up. */
  readonly refundedTotal: Money | null;
}

export type AccountType =
  /** What a seller's or the merchant's account may do is another. */
  | 'account.updated'
  /** A merchant took away the access that they had given. */
  | 'account.disconnected';

export interface AccountEvent<T extends AccountType = AccountType> extends OfSubject {
  readonly type: T;
  /** Null when the provider names it only as the webhook's `account`. */
  readonly accountId: string | null;
  /** The bank account or the ability of the account that the event is about, each with a state of its own. */
  readonly part: string | null;
  readonly canCharge: boolean | null;
  readonly canBePaidOut: boolean | null;
}

/** What a balance is: the merchant's own, what the provider holds back of it, or money that somebody keeps with them. */
export type BalanceKind = 'merchant' | 'top_up' | 'reserve' | 'customer' | 'gift_card';

/** Money on a balance came, went, or is held back, outside of payments and payouts. */
export interface BalanceEvent extends OfSubject {
  readonly type: 'balance.updated';
  /** The top-up, reserve, customer or gift card. */
  readonly balanceId: string;
  readonly of: BalanceKind;
  /** The movement, where it has an id of its own: each is told once. */
  readonly movementId: string | null;
  /** Of the movement, below zero for what went out. Without a `movementId`: what is on it now, when the provider says it. */
  readonly amount: Money | null;
}

export type PaymentMethodType =
  | 'payment_method.saved'
  | 'payment_method.updated'
  /** It could not be saved, or cannot be used any more. */
  | 'payment_method.failed'
  | 'payment_method.removed';

/** A stored way to pay, or the permission to use it: can the next charge work? */
export interface PaymentMethodEvent<T extends PaymentMethodType = PaymentMethodType> extends OfSubject {
  readonly type: T;
  readonly paymentMethodId: string;
  readonly customerId: string | null;
  /** The last month in which a card can be charged: `2030-12`. */
  readonly expires: string | null;
}

/** An order that may take several payments: its payments tell of the money. */
export interface OrderEvent extends OfSubject {
  readonly type: 'order.updated';
  readonly orderId: string;
  readonly amount: Money | null;
}

export type ReportType =
  /** A report for reconciliation can be fetched. */
  'report.available' | 'report.failed';

export interface ReportEvent<T extends ReportType = ReportType> extends OfSubject {
  readonly type: T;
  readonly reportId: string;
  /** As the provider gives it; fetching needs the provider's credentials. */
  readonly url: string | null;
}

/** One member for each type, so that `Extract` and `switch` see each type alone. */
export type SubjectEvent =
  | { [T in PayoutType]: PayoutEvent<T> }[PayoutType]
  | { [T in InvoiceType]: InvoiceEvent<T> }[InvoiceType]
  | { [T in SubscriptionType]: SubscriptionEvent<T> }[SubscriptionType]
  | { [T in CheckoutType]: CheckoutEvent<T> }[CheckoutType]
  | { [T in TransferType]: TransferEvent<T> }[TransferType]
  | { [T in PlatformFeeType]: PlatformFeeEvent<T> }[PlatformFeeType]
  | { [T in AccountType]: AccountEvent<T> }[AccountType]
  | BalanceEvent
  | { [T in PaymentMethodType]: PaymentMethodEvent<T> }[PaymentMethodType]
  | OrderEvent
  | { [T in ReportType]: ReportEvent<T> }[ReportType];
