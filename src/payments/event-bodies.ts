/** The bodies of payment events, so that a mapping names only what its provider says: the rest is null. */

import type { EventSource } from './event-source.ts';
import type { Money } from './money.ts';
import type {
  AboutPayment,
  DisputeEvent,
  DisputeType,
  PaymentEvent,
  PaymentEventType,
  PaymentStateEvent,
  PaymentStateType,
  RefundEvent,
  RefundTotalEvent,
  RefundType,
  ReviewEvent,
  ReviewType,
} from './payment-event.ts';
import type {
  AccountEvent,
  AccountType,
  BalanceEvent,
  BalanceKind,
  CheckoutEvent,
  CheckoutType,
  InvoiceEvent,
  InvoiceType,
  OrderEvent,
  PaymentMethodEvent,
  PaymentMethodType,
  PayoutEvent,
  PayoutType,
  PlatformFeeEvent,
  PlatformFeeType,
  ReportEvent,
  ReportType,
  SubscriptionEvent,
  SubscriptionType,
  TransferEvent,
  TransferType,
} from './subject-event.ts';

type WithoutSource<E> = E extends EventSource ? Omit<E, keyof EventSource> : never;
/** An event without where it comes from. */
export type EventBody = WithoutSource<PaymentEvent>;

/** What an event of each family says where its provider says nothing. Also of events stored before a field existed. */
const UNSAID = {
  payment: {
    asked: null,
    captured: null,
    isCaptureAssumed: false,
    refundedTotal: null,
    fee: null,
    part: null,
    attempt: null,
    reason: null,
    isRefundIfCaptured: false,
    isPreliminary: false,
  },
  refund: { refundedTotal: null, part: null, beganAt: null, reason: null },
  refundTotal: { released: null, captured: null, part: null, reason: null },
  dispute: {
    amount: null,
    part: null,
    togetherAmount: null,
    togetherParts: null,
    moved: null,
    movement: null,
    fee: null,
    isInquiry: false,
    outcome: null,
    status: null,
    stage: null,
    deadlineAt: null,
    reason: null,
  },
  review: { amount: null, outcome: null, reason: null },
  subject: { status: null, reason: null, related: {} },
} as const;

/** The fields that an event of the type has where nobody said them. */
export const unsaidOf = (type: PaymentEventType): object => {
  if (type === 'payment.refund_total') return UNSAID.refundTotal;
  if (type.startsWith('payment.')) return UNSAID.payment;
  if (type.startsWith('refund.')) return UNSAID.refund;
  if (type.startsWith('dispute.')) return UNSAID.dispute;
  if (type.startsWith('review.')) return UNSAID.review;
  return UNSAID.subject;
};

/** The fields of an event that a mapping may leave out. */
type Fields<E, K extends keyof E> = Partial<Omit<E, keyof EventSource | keyof AboutPayment | 'type' | K>>;

// Field by field where it runs for almost every webhook: spreading three objects takes seven times as long.
export const paymentState = <T extends PaymentStateType>(
  type: T,
  { paymentId, paymentNames, related }: AboutPayment,
  amount: PaymentStateEvent<T>['amount'],
  fields: Fields<PaymentStateEvent, 'amount'> = {},
): EventBody => {
  const body: WithoutSource<PaymentStateEvent<T>> = {
    type,
    amount,
    paymentId,
    paymentNames,
    related,
    asked: fields.asked ?? null,
    captured: fields.captured ?? null,
    isCaptureAssumed: fields.isCaptureAssumed ?? false,
    refundedTotal: fields.refundedTotal ?? null,
    fee: fields.fee ?? null,
    part: fields.part ?? null,
    attempt: fields.attempt ?? null,
    reason: fields.reason ?? null,
    isRefundIfCaptured: fields.isRefundIfCaptured ?? false,
    isPreliminary: fields.isPreliminary ?? false,
  };
  // The compiler does not see that a body of one of the types is one of the union.
  return body as EventBody;
};

/** `amount` is of what was captured: `RefundTotalEvent`. */
export const refundTotal = (
  { paymentId, paymentNames, related }: AboutPayment,
  amount: Money,
  fields: Fields<RefundTotalEvent, 'amount'> = {},
): EventBody => ({
  type: 'payment.refund_total',
  amount,
  paymentId,
  paymentNames,
  related,
  released: fields.released ?? null,
  captured: fields.captured ?? null,
  part: fields.part ?? null,
  reason: fields.reason ?? null,
});

export const refundState = (
  type: RefundType,
  { paymentId, paymentNames, related }: AboutPayment,
  refundId: string,
  amount: Money,
  fields: Fields<RefundEvent, 'refundId' | 'amount'> = {},
): EventBody => ({
  type,
  refundId,
  amount,
  paymentId,
  paymentNames,
  related,
  refundedTotal: fields.refundedTotal ?? null,
  part: fields.part ?? null,
  beganAt: fields.beganAt ?? null,
  reason: fields.reason ?? null,
});

export const disputeState = (
  type: DisputeType,
  { paymentId, paymentNames, related }: AboutPayment,
  disputeId: string,
  fields: Fields<DisputeEvent, 'disputeId'> = {},
): EventBody => {
  const body: WithoutSource<DisputeEvent> = {
    type,
    disputeId,
    paymentId,
    paymentNames,
    related,
    amount: fields.amount ?? null,
    part: fields.part ?? null,
    togetherAmount: fields.togetherAmount ?? null,
    togetherParts: fields.togetherParts ?? null,
    moved: fields.moved ?? null,
    movement: fields.movement ?? null,
    fee: fields.fee ?? null,
    isInquiry: fields.isInquiry ?? false,
    outcome: fields.outcome ?? null,
    status: fields.status ?? null,
    stage: fields.stage ?? null,
    deadlineAt: fields.deadlineAt ?? null,
    reason: fields.reason ?? null,
  };
  // As above.
  return body as EventBody;
};

export const reviewState = (
  type: ReviewType,
  about: AboutPayment,
  reviewId: string,
  fields: Fields<ReviewEvent, 'reviewId' | 'amount'> = {},
): EventBody => ({ type, reviewId, ...about, ...UNSAID.review, ...fields });

/** As `Fields`, of what has a life of its own: `related` is among them. */
type SubjectFields<E, K extends keyof E> = Partial<Omit<E, keyof EventSource | 'type' | K>>;

export const payout = (
  type: PayoutType,
  payoutId: string,
  amount: Money | null,
  fields: SubjectFields<PayoutEvent, 'payoutId' | 'amount'> = {},
): EventBody => ({ type, payoutId, amount, ...UNSAID.subject, batchId: null, fee: null, ...fields });

export const invoice = (
  type: InvoiceType,
  invoiceId: string | null,
  fields: SubjectFields<InvoiceEvent, 'invoiceId'> = {},
): EventBody => ({
  type,
  invoiceId,
  ...UNSAID.subject,
  amount: null,
  subscriptionId: null,
  customerId: null,
  paymentIds: [],
  creditNoteId: null,
  attempts: null,
  isPaidOutOfBand: false,
  dueAt: null,
  ...fields,
});

export const subscription = (
  type: SubscriptionType,
  subscriptionId: string | null,
  fields: SubjectFields<SubscriptionEvent, 'subscriptionId'> = {},
): EventBody => ({
  type,
  subscriptionId,
  ...UNSAID.subject,
  customerId: null,
  amount: null,
  plan: null,
  periodEndsAt: null,
  cancelsAt: null,
  scheduleId: null,
  ...fields,
});

export const checkout = (
  type: CheckoutType,
  checkoutId: string,
  fields: SubjectFields<CheckoutEvent, 'checkoutId'> = {},
): EventBody => ({
  type,
  checkoutId,
  ...UNSAID.subject,
  amount: null,
  subscriptionId: null,
  customerId: null,
  ...fields,
});

export const transfer = (
  type: TransferType,
  transferId: string,
  fields: SubjectFields<TransferEvent, 'transferId'> = {},
): EventBody => ({
  type,
  transferId,
  ...UNSAID.subject,
  amount: null,
  reversedTotal: null,
  toAccount: null,
  ...fields,
});

export const platformFee = (
  type: PlatformFeeType,
  feeId: string,
  amount: Money,
  fields: SubjectFields<PlatformFeeEvent, 'feeId' | 'amount'> = {},
): EventBody => ({ type, feeId, amount, ...UNSAID.subject, refundedTotal: null, ...fields });

export const account = (
  type: AccountType,
  accountId: string | null,
  fields: SubjectFields<AccountEvent, 'accountId'> = {},
): EventBody => ({ type, accountId, ...UNSAID.subject, part: null, canCharge: null, canBePaidOut: null, ...fields });

export const balance = (
  of: BalanceKind,
  balanceId: string,
  fields: SubjectFields<BalanceEvent, 'of' | 'balanceId'> = {},
): EventBody => ({
  type: 'balance.updated',
  of,
  balanceId,
  ...UNSAID.subject,
  movementId: null,
  amount: null,
  ...fields,
});

export const paymentMethod = (
  type: PaymentMethodType,
  paymentMethodId: string,
  fields: SubjectFields<PaymentMethodEvent, 'paymentMethodId'> = {},
): EventBody => ({ type, paymentMethodId, ...UNSAID.subject, customerId: null, expires: null, ...fields });

export const order = (orderId: string, fields: SubjectFields<OrderEvent, 'orderId'> = {}): EventBody => ({
  type: 'order.updated',
  orderId,
  ...UNSAID.subject,
  amount: null,
  ...fields,
});

export const report = (
  type: ReportType,
  reportId: string,
  fields: SubjectFields<ReportEvent, 'reportId'> = {},
): EventBody => ({ type, reportId, ...UNSAID.subject, url: null, ...fields });
