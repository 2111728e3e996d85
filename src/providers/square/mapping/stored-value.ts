/** What Square keeps for somebody: cards, bank accounts, gift cards; and the access that a merchant gave. */
import { account, balance, paymentMethod } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import { explanationAt, insideOf, isTrueAt, type Place, textAt, wordIn } from '../../../payments/place.ts';
import type { PaymentMethodType } from '../../../payments/subject-event.ts';
import { moneyIn, squareObject } from './object.ts';

export const cardState =
  (type: PaymentMethodType) =>
  (payload: Place): Mapped => {
    const card = squareObject(payload, 'card');
    const isKnown = typeof card.object.enabled === 'boolean';
    const enabled = isTrueAt(card, 'enabled') ? 'enabled' : 'disabled';
    return [
      paymentMethod(type, textAt(card, 'id'), {
        customerId: wordIn(card, 'customer_id'),
        status: isKnown ? enabled : null,
        reason: explanationAt(card, 'issuer_alert'),
      }),
    ];
  };

export const bankAccountState =
  (type: PaymentMethodType) =>
  (payload: Place): Mapped => {
    const bank = squareObject(payload, 'bank_account');
    return [
      paymentMethod(type, textAt(bank, 'id'), {
        customerId: wordIn(bank, 'customer_id'),
        status: wordIn(bank, 'status'),
      }),
    ];
  };

/**
 * Where the amount of each kind of activity stands, and whether it goes out of the card.
 * https://developer.squareup.com/reference/square/objects/GiftCardActivity
 */
const ACTIVITIES: ReadonlyMap<string, readonly [details: string, isOut: boolean]> = new Map([
  ['ACTIVATE', ['activate_activity_details', false]],
  ['LOAD', ['load_activity_details', false]],
  ['REDEEM', ['redeem_activity_details', true]],
  ['CLEAR_BALANCE', ['clear_balance_activity_details', true]],
  ['ADJUST_INCREMENT', ['adjust_increment_activity_details', false]],
  ['ADJUST_DECREMENT', ['adjust_decrement_activity_details', true]],
  ['REFUND', ['refund_activity_details', false]],
  ['UNLINKED_ACTIVITY_REFUND', ['unlinked_activity_refund_activity_details', false]],
  ['IMPORT', ['import_activity_details', false]],
  ['IMPORT_REVERSAL', ['import_reversal_activity_details', true]],
  ['TRANSFER_BALANCE_TO', ['transfer_balance_to_activity_details', true]],
  ['TRANSFER_BALANCE_FROM', ['transfer_balance_from_activity_details', false]],
]);

const movedBy = (activity: Place, kind: string): Money | null => {
  const [key, isOut] = ACTIVITIES.get(kind) ?? [null, false];
  const details = key === null ? null : insideOf(activity, key);
  const amount = details === null ? null : moneyIn(details, 'amount_money');
  return amount !== null && isOut ? { ...amount, minor: -amount.minor } : amount;
};

/**
 * Each activity is a movement of its own; Square writes one anew while it is pending. Of a card that is named by its number
 * alone the activity stands for it: whoever has the number can spend what is on the card.
 */
export const giftCardActivity = (payload: Place): Mapped => {
  const activity = squareObject(payload, 'gift_card_activity');
  const kind = wordIn(activity, 'type') ?? '';
  const details = insideOf(activity, 'redeem_activity_details');
  return [
    balance('gift_card', wordIn(activity, 'gift_card_id') ?? textAt(activity, 'id'), {
      movementId: textAt(activity, 'id'),
      amount: movedBy(activity, kind),
      status: details === null ? null : wordIn(details, 'status'),
      reason: kind,
    }),
  ];
};

export const giftCardState = (payload: Place): Mapped => {
  const card = squareObject(payload, 'gift_card');
  const amount = moneyIn(card, 'balance_money');
  return [balance('gift_card', textAt(card, 'id'), { amount, status: wordIn(card, 'state') })];
};

export const authorizationRevoked = (payload: Place): Mapped => [
  account('account.disconnected', null, { reason: explanationAt(squareObject(payload, 'revocation'), 'revoker_type') }),
];
