/** What goes back of PayPal's captures and sales: refunds, and what PayPal takes back. */
import { paymentState, refundState, refundTotal } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import type { AboutPayment, RefundType } from '../../../payments/payment-event.ts';
import { noteProblem, type Place, textAt, timeAt } from '../../../payments/place.ts';
import { aboutPart, statusReasonOf } from './payments.ts';
import {
  type Links,
  linksOf,
  optionalAmountAt,
  optionalWordAt,
  resourceOf,
  statusWordOf,
  unsignedAmountAt,
} from './resource.ts';

/** What the resource is, and what it belongs to: real ones come in more shapes than are documented. */
interface ReturnIds {
  /** The refund or the movement back; null where the resource is the capture or sale itself. */
  readonly refund: string | null;
  /** The capture or sale; null where nothing names it. */
  readonly part: string | null;
  readonly about: AboutPayment;
}

const refundAndPart = (
  resource: Place,
  { self, others }: Links,
  kind: 'capture' | 'sale',
  isItselfUnlessSaid: boolean,
): Pick<ReturnIds, 'refund' | 'part'> => {
  const id = textAt(resource, 'id');
  const named = optionalWordAt(resource, `${kind}_id`) ?? others[kind] ?? null;
  if (self?.kind === kind || named === id) return { refund: null, part: id };
  // The documents' sample: the id is the sale's, and the link to itself is the refund's.
  if (self?.kind === 'refund' && self.id !== id) return { refund: self.id, part: named ?? id };
  if (self === null && named === null && isItselfUnlessSaid) return { refund: null, part: id };
  return { refund: id, part: named };
};

const idsOf = (resource: Place, kind: 'capture' | 'sale', isItselfUnlessSaid = false): ReturnIds => {
  const links = linksOf(resource);
  const { refund, part } = refundAndPart(resource, links, kind, isItselfUnlessSaid);
  return { refund, part, about: aboutPart(resource, part, refund, links) };
};

/** What is the capture or sale itself says its own amount: how much of it went back is known where all of it did. */
const amountOf = (resource: Place, { refund }: ReturnIds): Money => {
  if (refund === null && statusWordOf(resource) === 'PARTIALLY_REFUNDED') {
    noteProblem(resource, resource.object.status === undefined ? 'state' : 'status', 'word_unknown');
  }
  return unsignedAmountAt(resource, 'amount');
};

const REFUND_TYPES: ReadonlyMap<string, RefundType> = new Map([
  ['COMPLETED', 'refund.succeeded'],
  ['PENDING', 'refund.pending'],
  ['FAILED', 'refund.failed'],
  ['CANCELLED', 'refund.canceled'],
]);

const UNDONE: ReadonlySet<RefundType> = new Set(['refund.failed', 'refund.canceled']);

/** By its own status, except that what is told to have failed did. */
const refundTypeOf = (told: RefundType, resource: Place): RefundType => {
  const is = REFUND_TYPES.get(statusWordOf(resource)) ?? told;
  return UNDONE.has(told) && !UNDONE.has(is) ? told : is;
};

const refundReasonOf = (resource: Place): string | null =>
  statusReasonOf(resource) ?? optionalWordAt(resource, 'refund_reason_code');

const refundBody = (told: RefundType, resource: Place, ids: ReturnIds): Mapped => {
  const { refund, part, about } = ids;
  const amount = amountOf(resource, ids);
  const reason = refundReasonOf(resource);
  if (refund === null) return [refundTotal(about, amount, { part, reason })];
  const refundedTotal =
    optionalAmountAt(resource, 'seller_payable_breakdown', 'total_refunded_amount') ??
    optionalAmountAt(resource, 'total_refunded_amount');
  const beganAt = timeAt(resource, 'create_time');
  return [refundState(refundTypeOf(told, resource), about, refund, amount, { refundedTotal, part, beganAt, reason })];
};

export const captureRefund =
  (told: RefundType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    return refundBody(told, resource, idsOf(resource, 'capture'));
  };

export const saleRefund =
  (told: RefundType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    return refundBody(told, resource, idsOf(resource, 'sale'));
  };

const reversal = (resource: Place, ids: ReturnIds): Mapped => [
  paymentState('payment.reversed', ids.about, amountOf(resource, ids), {
    part: ids.part,
    reason: refundReasonOf(resource),
  }),
];

export const captureReversed = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  return reversal(resource, idsOf(resource, 'capture'));
};

/** Where nothing says what the resource is, it is what the type of the event says: the sale. */
export const saleReversed = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  return reversal(resource, idsOf(resource, 'sale', true));
};
