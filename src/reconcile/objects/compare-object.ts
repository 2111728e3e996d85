/**
 * What a provider's object says of money, against what is known here of the same: is it paid, and how much of it. Only that is
 * compared: what a payment has been through on its way is told by events, and a list has its present state alone.
 */
import type { Money } from '../../payments/money.ts';
import type { PaymentDispute, PaymentRefund, PaymentStatus, PaymentView } from '../../payments/payment.ts';
import type { PaymentEvent, PaymentStateEvent } from '../../payments/payment-event.ts';
import type { PayoutEvent } from '../../payments/subject-event.ts';

/** Where money is, in words that hold for payments, refunds, disputes and payouts. */
export type MoneyState =
  | 'paid'
  | 'reserved'
  | 'unpaid'
  | 'refunded'
  | 'paid_out'
  | 'under_way'
  | 'undone'
  | 'open'
  | 'won'
  | 'lost'
  | 'closed';

/** What one side says of an object. */
export interface Said {
  readonly state: MoneyState;
  /** Null where it does not say how much. */
  readonly amount: Money | null;
}

export type Compared =
  | { readonly outcome: 'same' }
  /** `here` is null where nothing is known of it; `difference` says which of them matters first. */
  | {
      readonly outcome: 'differs';
      readonly difference: 'not_here' | 'state' | 'amount';
      readonly listed: Said;
      readonly here: Said | null;
    }
  /** It says nothing of money, or names nothing that it belongs to. */
  | { readonly outcome: 'not_compared' };

const PAYMENT_STATES: Readonly<Record<PaymentStatus, MoneyState>> = {
  unattributed: 'unpaid',
  unknown: 'unpaid',
  created: 'unpaid',
  requires_action: 'unpaid',
  pending: 'unpaid',
  authorized: 'reserved',
  succeeded: 'paid',
  failed: 'unpaid',
  canceled: 'unpaid',
  // It was paid, and went back: a movement of its own.
  reversed: 'paid',
};

const stateOfType = (type: string): MoneyState => PAYMENT_STATES[type.slice(type.indexOf('.') + 1) as PaymentStatus];

const REFUND_STATES: Readonly<Record<PaymentRefund['state'], MoneyState>> = {
  pending: 'under_way',
  requires_action: 'under_way',
  succeeded: 'refunded',
  failed: 'undone',
  canceled: 'undone',
};

const PAYOUT_STATES: Readonly<Record<PayoutEvent['type'], MoneyState>> = {
  'payout.created': 'under_way',
  'payout.updated': 'under_way',
  'payout.pending': 'under_way',
  'payout.paid': 'paid_out',
  'payout.reconciled': 'paid_out',
  'payout.batch_processed': 'paid_out',
  'payout.failed': 'undone',
  'payout.canceled': 'undone',
  'payout.returned': 'undone',
};

const isSameMoney = (one: Money | null, other: Money | null): boolean =>
  one === null ||
  other === null ||
  (one.minor === other.minor && one.currency === other.currency && one.exponent === other.exponent);

/** States in which no money of ours has moved: whoever does not know of it misses nothing. */
const NOTHING_MOVED: ReadonlySet<MoneyState> = new Set(['unpaid', 'undone']);

const compareSaid = (listed: Said, here: Said | null): Compared => {
  if (here === null) {
    return NOTHING_MOVED.has(listed.state)
      ? { outcome: 'same' }
      : { outcome: 'differs', difference: 'not_here', listed, here };
  }
  if (listed.state !== here.state) return { outcome: 'differs', difference: 'state', listed, here };
  return NOTHING_MOVED.has(listed.state) || isSameMoney(listed.amount, here.amount)
    ? { outcome: 'same' }
    : { outcome: 'differs', difference: 'amount', listed, here };
};

/** How much was taken is known of what is paid; what is only reserved may be raised and lowered. */
const saidByPayment = ({ type, amount, captured }: PaymentStateEvent): Said => {
  const state = stateOfType(type);
  return { state, amount: state === 'paid' ? (captured ?? amount) : null };
};

/** One of several captures has a state of its own in the payment's history. */
const partHere = (part: string, { history }: PaymentView): Said | null => {
  const last = history.findLast((one) => one.part === part && one.type.startsWith('payment.') && isOwnState(one.type));
  if (last === undefined) return null;
  const state = stateOfType(last.type);
  return { state, amount: state === 'paid' ? last.amount : null };
};

/** What was taken back is a movement, and a sum of refunds is one of several: neither says what was paid. */
const isOwnState = (type: string): boolean => type !== 'payment.reversed' && type !== 'payment.refund_total';

const paymentHere = (part: string | null, payments: readonly PaymentView[]): Said | null => {
  const [payment] = payments;
  if (payment === undefined) return null;
  if (part !== null) return partHere(part, payment);
  const state = PAYMENT_STATES[payment.status];
  return { state, amount: state === 'paid' ? payment.captured : null };
};

const refundHere = (refundId: string, payments: readonly PaymentView[]): Said | null => {
  const refund = payments.flatMap(({ refunds }) => refunds).find((one) => one.refundId === refundId);
  return refund === undefined ? null : { state: REFUND_STATES[refund.state], amount: refund.amount };
};

const disputeHere = (disputeId: string, payments: readonly PaymentView[]): Said | null => {
  const dispute = payments.flatMap(({ disputes }) => disputes).find((one) => one.disputeId === disputeId);
  return dispute === undefined ? null : saidByDispute(dispute);
};

const saidByDispute = ({ state, amount }: Pick<PaymentDispute, 'state' | 'amount'>): Said => ({ state, amount });

const saidByPayout = ({ type, amount }: PayoutEvent): Said => ({ state: PAYOUT_STATES[type], amount });

/**
 * `payments` are those that the event names, or the payout events of the same payout where it is one. An object that belongs to
 * a payment and names none is not compared.
 */
export const compareObject = (
  event: PaymentEvent,
  payments: readonly PaymentView[],
  payoutHere: PayoutEvent | undefined,
): Compared => {
  if ('payoutId' in event) {
    return compareSaid(saidByPayout(event), payoutHere === undefined ? null : saidByPayout(payoutHere));
  }
  if (!('paymentNames' in event) || event.paymentNames.length === 0) return { outcome: 'not_compared' };
  switch (event.type) {
    case 'payment.created':
    case 'payment.requires_action':
    case 'payment.pending':
    case 'payment.authorized':
    case 'payment.succeeded':
    case 'payment.failed':
    case 'payment.canceled':
      return compareSaid(saidByPayment(event), paymentHere(event.part, payments));
    case 'refund.pending':
    case 'refund.requires_action':
    case 'refund.succeeded':
    case 'refund.failed':
    case 'refund.canceled': {
      const state = REFUND_STATES[event.type.slice('refund.'.length) as PaymentRefund['state']];
      return compareSaid({ state, amount: event.amount }, refundHere(event.refundId, payments));
    }
    case 'dispute.opened':
    case 'dispute.updated':
    case 'dispute.closed': {
      const listed = saidByDispute({ state: event.outcome ?? 'open', amount: event.amount });
      return compareSaid(listed, disputeHere(event.disputeId, payments));
    }
    default:
      return { outcome: 'not_compared' };
  }
};
