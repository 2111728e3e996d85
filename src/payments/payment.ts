/**
 * The payment: the state that the payment events of one payment add up to. It *is* the set of its events; everything else
 * is computed from that set (`view-payment.ts`). So it does not depend on the order in which webhooks arrive or on how
 * often each does.
 */
import type { EpochMs, Mode } from '../core/webhook.ts';
import type { PaymentName, RelatedKind } from './event-source.ts';
import type { Money } from './money.ts';
import type { DisputeOutcome, PaymentChangeEvent } from './payment-event.ts';

export const PAYMENT_STATUSES = [
  /** A dispute that names no payment; it joins its payment when an event names both. */
  'unattributed',
  /** Only refunds or disputes of it are known yet. */
  'unknown',
  'created',
  'requires_action',
  'pending',
  'authorized',
  'succeeded',
  'failed',
  'canceled',
  'reversed',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** What a person should look at. */
export type PaymentFlag =
  /** By what the provider said, more went back than came in: refunds, reversals, and disputes that are open or lost. */
  | 'refunded_more_than_captured'
  | 'captured_more_than_asked'
  /** Amounts in another currency than the payment's are in none of the sums. */
  | 'currencies_mixed'
  | 'fraud_warning'
  /** The provider says that a dispute is lost and its money is back, or that it is not lost and its money is gone. */
  | 'dispute_and_money_disagree'
  /** The provider looks at its risk. */
  | 'in_review';

export interface PaymentRefund {
  readonly refundId: string;
  readonly state: 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled';
  readonly amount: Money;
  readonly reason: string | null;
  readonly at: EpochMs | null;
}

export interface PaymentDispute {
  readonly disputeId: string;
  readonly state: 'open' | DisputeOutcome;
  readonly isInquiry: boolean;
  readonly amount: Money | null;
  /** What of it is lost; null unless it is, and less than `amount` when it is lost in part. */
  readonly lost: Money | null;
  /** Whether the disputed money is out of the balance, as far as the provider said; null when it said nothing. */
  readonly isWithdrawn: boolean | null;
  /** The provider's own words for its state and how far it has come. */
  readonly status: string | null;
  readonly stage: string | null;
  /** Until when the merchant may answer. */
  readonly deadlineAt: EpochMs | null;
  readonly reason: string | null;
  readonly at: EpochMs | null;
}

/** One event in the payment's life, and the status after it. In the order of what happened, not of arrival. */
export interface PaymentTransition {
  readonly eventId: string;
  readonly type: PaymentChangeEvent['type'];
  readonly providerType: string;
  readonly at: EpochMs | null;
  readonly amount: Money | null;
  /** The capture, authorization or charge that it is about, where the payment has several with states of their own. */
  readonly part: string | null;
  readonly reason: string | null;
  readonly status: PaymentStatus;
  /** The status was another before. */
  readonly isTransition: boolean;
}

export interface PaymentView {
  readonly provider: string;
  readonly account: string | null;
  /** The most general of `names`. */
  readonly paymentId: string;
  /** Every id that names this payment, the most general first. */
  readonly names: readonly PaymentName[];
  readonly mode: Mode;
  readonly status: PaymentStatus;
  /** Null while no event has said an amount. */
  readonly currency: string | null;
  /** What the buyer was asked for, as the provider last said it. A hold that is raised asks for more. */
  readonly amount: Money | null;
  /**
   * Paid by the buyer: taken, not only reserved. What goes back later stays in it. This and the sums below are in
   * `currency`, null only while there is none, and but for `net` never below zero.
   */
  readonly captured: Money | null;
  /** Given back to the buyer by refunds that succeeded, out of what was captured. Releasing what was reserved is none. */
  readonly refunded: Money | null;
  /** Refunds under way. */
  readonly refundPending: Money | null;
  /** Taken back by the provider beyond what refunds and disputes took: each movement counts once. */
  readonly reversed: Money | null;
  /** At stake in disputes that are open, and gone by those that were lost. Inquiries do not count. */
  readonly disputed: Money | null;
  /** What the provider took for the payment and its disputes, as far as it said so, one sum for each currency. */
  readonly fees: readonly Money[];
  /** Captured less refunded, reversed, disputed and fees; null while the payment's own fee is not known, or one is in another currency. */
  readonly net: Money | null;
  readonly refunds: readonly PaymentRefund[];
  readonly disputes: readonly PaymentDispute[];
  /** Ids of everything that belongs to the payment, by kind. */
  readonly related: Readonly<Partial<Record<RelatedKind, readonly string[]>>>;
  readonly flags: readonly PaymentFlag[];
  readonly firstEvent: PaymentTransition;
  readonly lastEvent: PaymentTransition;
  readonly history: readonly PaymentTransition[];
}

/** What is written and answered with every event. The rest of the view takes three times as long: it is for who reads it. */
export type PaymentSummary = Pick<
  PaymentView,
  'provider' | 'account' | 'paymentId' | 'names' | 'mode' | 'status' | 'currency' | 'amount' | 'captured'
>;

export interface Payment {
  /** What is to be stored: each event once, in the order of what happened. At least one. */
  readonly events: readonly PaymentChangeEvent[];
  readonly view: PaymentView;
}
