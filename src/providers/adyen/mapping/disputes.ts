/**
 * Disputes of payments. All events of one dispute carry its reference. How it stands is what `disputeStatus` says; where
 * the account or the country gets none, it is what the event code says.
 * https://docs.adyen.com/risk-management/disputes-api/dispute-notifications
 */

import { disputeState } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { AboutPayment, DisputeEvent, DisputeOutcome, DisputeType } from '../../../payments/payment-event.ts';
import { explanationAt, optionalTextAt, type Place, textAt, timeAt } from '../../../payments/place.ts';
import { additionalOf, additionalText, itemOf, optionalAmountOf, othersOf } from './item.ts';

/** What an event code says by itself. */
export interface DisputeCode {
  /** While the dispute is not decided; a decision is `dispute.closed`. */
  readonly type: Exclude<DisputeType, 'dispute.closed' | 'dispute.warning'>;
  readonly outcome?: DisputeOutcome;
  readonly movement?: NonNullable<DisputeEvent['movement']>;
  readonly stage?: string;
  readonly isInquiry?: true;
}

const ENDS: ReadonlyMap<string, DisputeOutcome> = new Map([
  ['won', 'won'],
  ['lost', 'lost'],
  ['accepted', 'lost'],
  ['expired', 'lost'],
]);

const STILL_OPEN: ReadonlySet<string> = new Set(['undefended', 'pending', 'unresponded', 'responded']);

/** A status that Adyen may add tomorrow decides nothing: the code does. */
const outcomeOf = (status: string | null, isInquiry: boolean, { outcome }: DisputeCode): DisputeOutcome | null => {
  const word = status?.toLowerCase() ?? '';
  if (STILL_OPEN.has(word)) return null;
  const told = ENDS.get(word) ?? outcome ?? null;
  // Nothing was taken while somebody only asked, so nothing can be lost.
  return isInquiry && told === 'lost' ? 'closed' : told;
};

/** Later events of a request for information say only by its reason that it is one. */
const isOfInquiry = (item: Place): boolean =>
  additionalText(item, 'rfiReasonCode', 'rfiSchemeCode') !== null &&
  additionalText(item, 'chargebackReasonCode', 'chargebackSchemeCode') === null;

/**
 * `originalReference` is not promised. The dispute's own reference finds the payment then, by the events that name both;
 * which reference stands here is a setting of the account, so it may be the payment's own.
 */
const aboutDispute = (item: Place): AboutPayment => {
  const payment = optionalTextAt(item, 'originalReference');
  const capture = additionalText(item, 'capturePspReference');
  return aboutPayment({ payment, dispute: textAt(item, 'pspReference') }, othersOf(item, { capture }));
};

const reasonOf = (item: Place, ...codes: readonly string[]): string | null =>
  explanationAt(item, 'reason') ?? additionalText(item, ...codes);

export const dispute =
  (code: DisputeCode) =>
  (payload: Place): Mapped => {
    const item = itemOf(payload);
    const amount = optionalAmountOf(item);
    const status = additionalText(item, 'disputeStatus');
    const isInquiry = code.isInquiry ?? isOfInquiry(item);
    const outcome = outcomeOf(status, isInquiry, code);
    const movement = code.movement ?? null;
    return [
      disputeState(outcome === null ? code.type : 'dispute.closed', aboutDispute(item), textAt(item, 'pspReference'), {
        amount,
        moved: movement === null ? null : amount,
        movement,
        isInquiry,
        outcome,
        status,
        stage: code.stage ?? null,
        deadlineAt: timeAt(additionalOf(item), 'defensePeriodEndsAt'),
        reason: reasonOf(item, 'chargebackReasonCode', 'rfiReasonCode'),
      }),
    ];
  };

/** The bank told the card scheme of fraud; nothing is disputed yet. */
export const fraudNotified = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return [
    disputeState('dispute.warning', aboutDispute(item), textAt(item, 'pspReference'), {
      reason: reasonOf(item, 'nofReasonCode'),
    }),
  ];
};
