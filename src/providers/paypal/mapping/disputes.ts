/** PayPal's disputes, to bodies of payment events. `mapping.ts` says which for what. */
import { disputeState, type EventBody } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import type { DisputeOutcome, DisputeType } from '../../../payments/payment-event.ts';
import { explanationAt, optionalTextAt, type Place, textAt, timeAt } from '../../../payments/place.ts';
import {
  merchantReferenceOf,
  optionalAmountAt,
  optionalPlacesAt,
  optionalWordAt,
  resourceOf,
  statusWordOf,
} from './resource.ts';

const OUTCOMES: ReadonlyMap<string, DisputeOutcome> = new Map([
  ['RESOLVED_SELLER_FAVOUR', 'won'],
  ['RESOLVED_SELLER_FAVOR', 'won'],
  ['DENIED', 'won'],
  ['RESOLVED_BUYER_FAVOUR', 'lost'],
  ['RESOLVED_BUYER_FAVOR', 'lost'],
  ['ACCEPTED', 'lost'],
  // PayPal paid, or the buyer gave up: nobody won against the other.
  ['RESOLVED_WITH_PAYOUT', 'closed'],
  ['CANCELED_BY_BUYER', 'closed'],
  ['NONE', 'closed'],
]);

/** An appeal leaves the outcome of before where it was: the status says that it is open again. */
const isEnded = (type: DisputeType, resource: Place): boolean => {
  if (type === 'dispute.closed') return true;
  const status = statusWordOf(resource);
  return (
    status === 'RESOLVED' || (status === '' && optionalWordAt(resource, 'dispute_outcome', 'outcome_code') !== null)
  );
};

/** What is ended without saying for whom is ended all the same. */
const outcomeOf = (resource: Place): DisputeOutcome =>
  OUTCOMES.get(optionalWordAt(resource, 'dispute_outcome', 'outcome_code') ?? '') ?? 'closed';

type Fields = Parameters<typeof disputeState>[3];

/** What is said of the dispute as a whole. */
const fieldsOf = (resource: Place, isEnd: boolean): Fields => {
  const outcome = isEnd ? outcomeOf(resource) : null;
  const moved = outcome === 'lost' ? optionalAmountAt(resource, 'dispute_outcome', 'amount_refunded') : null;
  return {
    outcome,
    moved,
    movement: moved === null ? null : 'withdrawn',
    isInquiry: resource.object.dispute_life_cycle_stage === 'INQUIRY',
    status: explanationAt(resource, 'status'),
    stage: explanationAt(resource, 'dispute_life_cycle_stage'),
    deadlineAt: timeAt(resource, 'seller_response_due_date'),
    reason: explanationAt(resource, 'reason'),
  };
};

/** Whether what the transactions were is what is disputed; a part of them may be. */
const isWholeDisputed = (transactions: readonly Place[], total: Money | null): boolean => {
  if (total === null) return true;
  const gross = transactions.map((transaction) => optionalAmountAt(transaction, 'gross_amount'));
  return (
    gross.every((amount) => amount?.currency === total.currency) &&
    gross.reduce((sum, amount) => sum + (amount?.minor ?? 0n), 0n) === total.minor
  );
};

type AmountFields = Pick<NonNullable<Fields>, 'amount' | 'togetherAmount' | 'togetherParts'>;

/** `dispute_amount` is of all transactions together: with several, each has its own only where all of it is disputed. */
const amountsOf = (resource: Place, transactions: readonly Place[]): ((transaction: Place) => AmountFields) => {
  const total = optionalAmountAt(resource, 'dispute_amount');
  if (transactions.length <= 1) {
    return (transaction) => ({ amount: total ?? optionalAmountAt(transaction, 'gross_amount') });
  }
  const isWhole = isWholeDisputed(transactions, total);
  return (transaction) => ({
    amount: isWhole ? optionalAmountAt(transaction, 'gross_amount') : null,
    togetherAmount: total,
    togetherParts: transactions.length,
  });
};

export const disputeRow =
  (type: DisputeType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    const disputeId = optionalTextAt(resource, 'dispute_id') ?? textAt(resource, 'id');
    const isEnd = isEnded(type, resource);
    const fields = fieldsOf(resource, isEnd);
    const transactions = optionalPlacesAt(resource, 'disputed_transactions');
    const amountFieldsOf = amountsOf(resource, transactions);
    const bodyOf = (transaction: Place, capture: string | null): EventBody => {
      const about = aboutPayment(
        { capture },
        {
          dispute: disputeId,
          customer: optionalWordAt(transaction, 'buyer', 'payer_id'),
          merchant_reference: merchantReferenceOf(transaction),
        },
      );
      const amounts = amountFieldsOf(transaction);
      return disputeState(isEnd ? 'dispute.closed' : type, about, disputeId, { ...fields, ...amounts, part: capture });
    };
    const [first, ...others] = transactions.flatMap((transaction) => {
      const capture = optionalWordAt(transaction, 'seller_transaction_id');
      return capture === null ? [] : [bodyOf(transaction, capture)];
    });
    if (first !== undefined) return [first, ...others];
    // The payment is not named: PayPal promises neither the transactions nor the seller's id of one.
    return [bodyOf(transactions[0] ?? resource, null)];
  };
