/** Accounts of sellers and merchants, and stored ways to pay, to bodies of payment events. */

import { LIMITS } from '../../../core/limits.ts';
import { account, paymentMethod } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import { explanationAt, type Place, textAt } from '../../../payments/place.ts';
import type { AccountType, PaymentMethodType } from '../../../payments/subject-event.ts';
import { optionalPlacesAt, optionalWordAt, resourceOf, statusOf } from './resource.ts';

/** No shape is promised: the merchant stands under one of these names. */
const ACCOUNT_KEYS = ['merchant_id', 'account_id', 'payer_id', 'user_id', 'id'] as const;

const accountIdOf = (resource: Place): string | null => {
  for (const key of ACCOUNT_KEYS) {
    const id = optionalWordAt(resource, key);
    if (id !== null) return id;
  }
  return null;
};

/** Lists of what the account may do, or may not. */
const WORD_LISTS = ['products', 'capabilities', 'limitations', 'account_limitations', 'restrictions'] as const;

const wordOf = (item: Place): string => {
  const name = explanationAt(item, 'name') ?? explanationAt(item, 'type') ?? '';
  const state = explanationAt(item, 'vetting_status') ?? explanationAt(item, 'status') ?? '';
  return `${name} ${state}`.trim();
};

/** `PPCP_CUSTOM SUBSCRIBED, CUSTOM_CARD_PROCESSING ACTIVE`: what is another when the account is. */
const wordsOf = (resource: Place): string | null => {
  const words = WORD_LISTS.flatMap((key) => optionalPlacesAt(resource, key).map(wordOf)).filter((word) => word !== '');
  return words.length === 0 ? null : words.join(', ').slice(0, LIMITS.fieldCharsMax).toWellFormed();
};

const isTrue = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null);

/** `event` is PayPal's own word for what happened: most of these resources have no status, only their ids. */
export const accountState =
  (type: AccountType, event: string) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    const reference = optionalWordAt(resource, 'tracking_id') ?? optionalWordAt(resource, 'external_id');
    return [
      account(type, accountIdOf(resource), {
        status: statusOf(resource) ?? event,
        reason: wordsOf(resource) ?? explanationAt(resource, 'reason'),
        canCharge: isTrue(resource.object.payments_receivable),
        related: aboutPayment({}, { merchant_reference: reference }).related,
      }),
    ];
  };

/** `event` tells apart what the resource, which only has its ids, does not. */
export const paymentMethodState =
  (type: PaymentMethodType, event: string | null) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    return [
      paymentMethod(type, textAt(resource, 'id'), {
        status: event ?? statusOf(resource),
        customerId: optionalWordAt(resource, 'customer', 'id') ?? optionalWordAt(resource, 'external_customer_id'),
        related: aboutPayment({ order: optionalWordAt(resource, 'metadata', 'order_id') }).related,
      }),
    ];
  };
