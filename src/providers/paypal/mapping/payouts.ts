/** PayPal's payouts: batches, their items, and what a platform pays out to the seller of a payment. */
import { payout, transfer } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import { explanationAt, type Place, placeAt, textAt } from '../../../payments/place.ts';
import type { PayoutType, TransferType } from '../../../payments/subject-event.ts';
import { amountAt, optionalAmountAt, optionalPlacesAt, optionalWordAt, resourceOf } from './resource.ts';

/** A batch that succeeded was worked through: its items say which of them were paid. */
export const payoutBatch =
  (type: PayoutType) =>
  (payload: Place): Mapped => {
    const header = placeAt(resourceOf(payload), 'batch_header');
    return [
      payout(type, textAt(header, 'payout_batch_id'), optionalAmountAt(header, 'amount'), {
        fee: optionalAmountAt(header, 'fees'),
        status: explanationAt(header, 'batch_status'),
        related: aboutPayment(
          {},
          { merchant_reference: optionalWordAt(header, 'sender_batch_header', 'sender_batch_id') },
        ).related,
      }),
    ];
  };

/** One error, or a list of them. */
const errorNameOf = (resource: Place): string | null => {
  const [first] = optionalPlacesAt(resource, 'errors');
  return first === undefined ? optionalWordAt(resource, 'errors', 'name') : explanationAt(first, 'name');
};

/**
 * One that is not paid by its own word is not, whatever the event is called.
 * https://developer.paypal.com/docs/api/payments.payouts-batch/v1/#definition-transaction_enum
 */
const NOT_PAID: ReadonlyMap<string, PayoutType> = new Map([
  ['FAILED', 'payout.failed'],
  ['BLOCKED', 'payout.failed'],
  ['PENDING', 'payout.pending'],
  ['UNCLAIMED', 'payout.pending'],
  ['ONHOLD', 'payout.pending'],
  ['RETURNED', 'payout.returned'],
  ['REFUNDED', 'payout.returned'],
  ['REVERSED', 'payout.returned'],
]);

const itemTypeOf = (told: PayoutType, status: string | null): PayoutType =>
  told === 'payout.paid' ? (NOT_PAID.get(status ?? '') ?? told) : told;

export const payoutItem =
  (told: PayoutType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    const item = placeAt(resource, 'payout_item');
    const type = itemTypeOf(told, explanationAt(resource, 'transaction_status'));
    return [
      payout(type, textAt(resource, 'payout_item_id'), amountAt(item, 'amount'), {
        batchId: optionalWordAt(resource, 'payout_batch_id'),
        fee: optionalAmountAt(resource, 'payout_item_fee'),
        status: explanationAt(resource, 'transaction_status'),
        reason: errorNameOf(resource),
        related: aboutPayment({}, { merchant_reference: optionalWordAt(item, 'sender_item_id') }).related,
      }),
    ];
  };

/** A platform releases to the seller what it held of a payment. */
export const referencedPayout =
  (type: TransferType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    const capture = resource.object.reference_type === 'OTHERS' ? null : optionalWordAt(resource, 'reference_id');
    const merchantReference = optionalWordAt(resource, 'external_reference_id') ?? optionalWordAt(resource, 'custom');
    return [
      transfer(type, optionalWordAt(resource, 'item_id') ?? textAt(resource, 'reference_id'), {
        amount: optionalAmountAt(resource, 'payout_amount'),
        toAccount: optionalWordAt(resource, 'payout_destination') ?? optionalWordAt(resource, 'external_merchant_id'),
        status: optionalWordAt(resource, 'processing_state', 'status'),
        reason: optionalWordAt(resource, 'processing_state', 'reason'),
        related: aboutPayment({ capture }, { merchant_reference: merchantReference }).related,
      }),
    ];
  };
