/**
 * The payment: the state that the payment events of one payment add up to. It *is* the set of its events; everything else
 * is computed from that set (`view-payment.ts`). So it does not depend on the order in which webhooks arrive or on how
 * often each does.
 */
import type { EpochMs, Mode } from '../core/webhook.ts';
import type { Money } from './money.ts';
import type { DisputeOutcome, PaymentChangeEvent, PaymentName, RelatedKind } from './payment-event.ts';

export const PAYMENT_STATUSES = [
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
  /** By what the provider said, more went back than came in. */
  | 'refunded_more_than_captured'
  | 'captured_more_than_asked'
  /** Amounts in another currency than the payment's are in none of the sums. */
  | 'currencies_mixed'
  | 'fraud_warning';

export interface PaymentRefund {
  readonly refundId: string;
  readonly state: 'pending' | 'succeeded' | 'failed' | 'canceled';
  readonly amount: Money;
  readonly at: EpochMs | null;
}

export interface PaymentDispute {
  readonly disputeId: string;
  readonly state: 'open' | DisputeOutcome;
  readonly isInquiry: boolean;
  readonly amount: Money | null;
  /** Whether the disputed money is out of the balance, as far as the provider said; null when it said nothing. */
  readonly isWithdrawn: boolean | null;
  readonly at: EpochMs | null;
}

/** One event in the payment's life, and the status after it. In the order of what happened, not of arrival. */
export interface PaymentTransition {
  readonly eventId: string;
  readonly type: PaymentChangeEvent['type'];
  readonly providerType: string;
  readonly at: EpochMs | null;
  readonly amount: Money | null;
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
  /** What was asked for. */
  readonly amount: Money | null;
  /** The sums are in `currency`, never below zero, and null only while there is no currency. */
  readonly captured: Money | null;
  readonly refunded: Money | null;
  /** Refunds under way. */
  readonly refundPending: Money | null;
  /** Taken back by the provider outside of refunds and disputes. */
  readonly reversed: Money | null;
  /** In disputes that are open, or were lost. Inquiries do not count. */
  readonly disputed: Money | null;
  /** The provider's fees, as far as it said them, one sum for each currency. */
  readonly fees: readonly Money[];
  readonly refunds: readonly PaymentRefund[];
  readonly disputes: readonly PaymentDispute[];
  /** Ids of everything that belongs to the payment, by kind. */
  readonly related: Readonly<Partial<Record<RelatedKind, readonly string[]>>>;
  readonly flags: readonly PaymentFlag[];
  readonly firstEvent: PaymentTransition;
  readonly lastEvent: PaymentTransition;
  readonly history: readonly PaymentTransition[];
}

export interface Payment {
  /** What is to be stored: each event once, in the order of what happened. At least one. */
  readonly events: readonly PaymentChangeEvent[];
  readonly view: PaymentView;
}
