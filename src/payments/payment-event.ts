/**
 * Payment events: what a webhook means, in one language for all providers. A webhook gives one event almost always, none
 * when it says nothing about money, and several when it speaks of several payments.
 *
 * Every amount is a `Money`, every time UTC milliseconds, every id the provider's own. What a provider does not say is
 * null; nothing is guessed. A movement moves money, a state is a state: each field says which of the two it is.
 *
 * Here: what changes a payment. What has a life of its own beside payments is in `subject-event.ts`.
 */
import type { EpochMs } from '../core/webhook.ts';
import type { EventSource, PaymentName, RelatedIds } from './event-source.ts';
import type { Money } from './money.ts';
import type { SubjectEvent } from './subject-event.ts';

/** Which payment an event is about. */
export interface AboutPayment {
  /**
   * The most general of `paymentNames`; null when the event names no payment, which providers do not promise for every
   * refund and dispute. A dispute's own id never stands here.
   */
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

/** A payment that is begun, asked about or ended may be told without an amount; one that moves money never is. */
type AmountOf<T extends PaymentStateType> = T extends
  | 'payment.created'
  | 'payment.requires_action'
  | 'payment.failed'
  | 'payment.canceled'
  ? Money | null
  : Money;

export interface PaymentStateEvent<T extends PaymentStateType = PaymentStateType> extends EventSource, AboutPayment {
  readonly type: T;
  /**
   * What the event is about, never negative: the amount asked for, reserved or paid. Of `payment.reversed`, the one
   * movement among these types: what was taken back, which may be a part.
   */
  readonly amount: AmountOf<T>;
  /** What the whole payment asks for, when the provider says it beside `amount`. */
  readonly asked: Money | null;
  /** Everything captured so far of `part`, when the provider says it: money that was paid, not only reserved. Not to be added up over events. */
  readonly captured: Money | null;
  /**
   * True where `captured` follows from how the account or the payment method works, and no capture was told: a capture
   * that is told for the payment is believed instead.
   */
  readonly isCaptureAssumed: boolean;
  /** Everything given back so far of `part`, when the provider says it. Not to be added up over events. */
  readonly refundedTotal: Money | null;
  /** The provider's fee so far, when the provider says it. May be in another currency. */
  readonly fee: Money | null;
  /** One of several authorizations or captures of the payment, with a state of its own; null for the payment itself. */
  readonly part: string | null;
  /** The provider's id of this try to pay: two failures of one attempt are one, of two attempts they are two. */
  readonly attempt: string | null;
  /** The provider's code for why, for example `card_declined`. */
  readonly reason: string | null;
  /** A cancellation that is a refund of everything if the payment was captured before: the provider does not say which. */
  readonly isRefundIfCaptured: boolean;
  /** True for a checkout that ended before its payment: a payment that says more about itself is believed instead. */
  readonly isPreliminary: boolean;
}

/** How much of a payment has been given back so far, all refunds together. Cumulative: never add it to refund events. */
export interface RefundTotalEvent extends EventSource, AboutPayment {
  readonly type: 'payment.refund_total';
  /** Of what was captured. What was only reserved and is released was never paid, and is not in it. */
  readonly amount: Money;
  /** What was reserved and released, which the provider may tell as a refund too: as much of refunds is none. */
  readonly released: Money | null;
  readonly captured: Money | null;
  readonly part: string | null;
  readonly reason: string | null;
}

export type RefundType =
  | 'refund.pending'
  /** Waits for somebody: the buyer has to say where the money should go. */
  | 'refund.requires_action'
  | 'refund.succeeded'
  | 'refund.failed'
  | 'refund.canceled';

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
  /** Why it was made, or why it failed. */
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
  /** What is disputed of `part`; null for a warning, and when the provider does not say it. */
  readonly amount: Money | null;
  /** One of several captures that the dispute is about; null where it is about the payment itself. */
  readonly part: string | null;
  /** What is disputed of all of the dispute's captures together, where one sum stands for several. */
  readonly togetherAmount: Money | null;
  /** How many captures these are. */
  readonly togetherParts: number | null;
  /** What left or came back into the balance, by `movement`. Of a dispute lost in part: only what was lost. */
  readonly moved: Money | null;
  /** Whether the disputed money left the balance or came back; null where the event tells of no movement. */
  readonly movement: 'withdrawn' | 'reinstated' | null;
  readonly fee: Money | null;
  /** It only asks: no money is at stake yet. */
  readonly isInquiry: boolean;
  /** How it was decided; null while it is open. By the dispute's own status wherever the provider gives it. */
  readonly outcome: DisputeOutcome | null;
  /** The provider's own word for the state, for example `needs_response`. */
  readonly status: string | null;
  /** The provider's own word for how far it has come, for example `PRE_ARBITRATION`. */
  readonly stage: string | null;
  /** Until when the merchant may answer. */
  readonly deadlineAt: EpochMs | null;
  readonly reason: string | null;
}

export type ReviewType = 'review.opened' | 'review.closed';

/** The provider looks at the risk of the payment. */
export interface ReviewEvent<T extends ReviewType = ReviewType> extends EventSource, AboutPayment {
  readonly type: T;
  readonly reviewId: string;
  readonly amount: null;
  /** The provider's own word for how it ended; null while it is open. */
  readonly outcome: string | null;
  readonly reason: string | null;
}

/** One member for each type, so that `Extract` and `switch` see each type alone. */
type EachState = { [T in PaymentStateType]: PaymentStateEvent<T> }[PaymentStateType];
type EachRefund = { [T in RefundType]: RefundEvent<T> }[RefundType];
type EachDispute = { [T in DisputeType]: DisputeEvent<T> }[DisputeType];
type EachReview = ReviewEvent<'review.opened'> | ReviewEvent<'review.closed'>;

/** The events that change a payment. */
export type PaymentChangeEvent = EachState | RefundTotalEvent | EachRefund | EachDispute | EachReview;

export type PaymentEvent = PaymentChangeEvent | SubjectEvent;

export type PaymentEventType = PaymentEvent['type'];

/** The event of one type: `PaymentEventOf<'refund.failed'>`. */
export type PaymentEventOf<T extends PaymentEventType> = Extract<PaymentEvent, { readonly type: T }>;
