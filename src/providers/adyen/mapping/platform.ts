/** What Adyen's balance platforms tell: payouts, transfers, disputes of cards that they issue, account holders, reports. */

import { account, balance, disputeState, payout, report, transfer } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import { type Money, magnitude } from '../../../payments/money.ts';
import type { DisputeOutcome } from '../../../payments/payment-event.ts';
import { explanationAt, type Place, placeAt, signedMinorAt, textAt } from '../../../payments/place.ts';
import type { PayoutType, TransferType } from '../../../payments/subject-event.ts';
import { ADYEN_CURRENCIES } from './currencies.ts';

type Told = 'created' | 'updated';
type Standing = 'pending' | 'done' | 'failed' | 'canceled' | 'back';

const words = (standing: Standing, statuses: string): readonly (readonly [string, Standing])[] =>
  statuses.split(' ').map((status) => [status, standing] as const);

/** Of a transfer's `status`. Those that are not here are steps of one kind of transfer and decide nothing. */
const STANDINGS: ReadonlyMap<string, Standing> = new Map([
  ...words('pending', 'received authorised pending approvalPending pendingApproval pendingExecution bookingPending'),
  ...words('done', 'booked credited'),
  ...words('failed', 'failed refused rejected error'),
  ...words('canceled', 'cancelled expired'),
  ...words('back', 'returned reversed captureReversed refunded chargeback secondChargeback'),
]);

/** An optional object; in an odd shape it is as if it were not there. */
const partAt = (place: Place, key: string): Place | null => {
  const value = place.object[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? placeAt(place, key) : null;
};

const textIn = (place: Place, key: string, name: string): string | null => {
  const part = partAt(place, key);
  return part === null ? null : explanationAt(part, name);
};

/** Some versions put a minus before what leaves an account: `direction` says it. */
const amountIn = (data: Place, key: string): Money =>
  magnitude(signedMinorAt(placeAt(data, key), { amount: 'value', currency: 'currency' }, ADYEN_CURRENCIES));

const standingOf = (data: Place): Standing | undefined => STANDINGS.get(explanationAt(data, 'status') ?? '');

/** Neither is why something went wrong. */
const NO_REASONS: ReadonlySet<string> = new Set(['approved', 'pending']);

const reasonOf = (data: Place): string | null => {
  const reason = explanationAt(data, 'reason');
  return reason !== null && NO_REASONS.has(reason) ? null : reason;
};

/** What every transfer says of itself. */
const saidOf = (data: Place) => {
  const reference = textIn(data, 'categoryData', 'paymentMerchantReference') ?? explanationAt(data, 'reference');
  const payment = textIn(data, 'categoryData', 'pspPaymentReference');
  return {
    status: explanationAt(data, 'status'),
    reason: reasonOf(data),
    related: aboutPayment({}, { payment, merchant_reference: reference }).related,
  };
};

/** Its id is not promised, nor is one of the others. */
const idOf = (data: Place): string =>
  explanationAt(data, 'id') ?? explanationAt(data, 'eventId') ?? textAt(data, 'reference');

const PAYOUTS: Readonly<Record<Standing, PayoutType>> = {
  pending: 'payout.pending',
  done: 'payout.paid',
  failed: 'payout.failed',
  canceled: 'payout.canceled',
  back: 'payout.returned',
};

const payoutTypeOf = (standing: Standing | undefined, told: Told): PayoutType => {
  if (told === 'created' && (standing === 'pending' || standing === undefined)) return 'payout.created';
  return standing === undefined ? 'payout.updated' : PAYOUTS[standing];
};

const TRANSFERS: Readonly<Partial<Record<Standing, TransferType>>> = {
  failed: 'transfer.failed',
  canceled: 'transfer.failed',
  back: 'transfer.reversed',
};

/**
 * `direction` is that of the request: a direct debit that comes in takes the money out. Null where nothing says it.
 * https://docs.adyen.com/api-explorer/transfer-webhooks/4/post/balancePlatform.transfer.updated
 */
const isMoneyIn = (data: Place): boolean | null => {
  const direction = explanationAt(data, 'direction');
  if (direction !== 'incoming' && direction !== 'outgoing') return null;
  const isDirectDebit = explanationAt(data, 'type')?.endsWith('DirectDebit') === true;
  return (direction === 'incoming') !== isDirectDebit;
};

/** Whose balance the webhook tells of. */
const ownerOf = (data: Place): string | null =>
  textIn(data, 'balanceAccount', 'id') ?? textIn(data, 'accountHolder', 'id');

/** Of a payment that is split, or its refund, the seller's: nothing else is named. */
const targetOf = (data: Place): string | null =>
  data.object.category === 'internal' && isMoneyIn(data) === false
    ? textIn(data, 'counterparty', 'balanceAccountId')
    : ownerOf(data);

const transferOf = (data: Place, told: Told): Mapped => [
  transfer(TRANSFERS[standingOf(data) ?? 'done'] ?? `transfer.${told}`, idOf(data), {
    amount: amountIn(data, 'amount'),
    toAccount: targetOf(data),
    ...saidOf(data),
  }),
];

/** Somebody outside took it from the balance. */
const debited = (data: Place): Mapped => {
  const taken = amountIn(data, 'amount');
  const movementId = idOf(data);
  const amount = { ...taken, minor: -taken.minor };
  return [balance('merchant', ownerOf(data) ?? movementId, { movementId, amount, ...saidOf(data) })];
};

/** To or from a bank or card outside of Adyen: sent out it is a payout, taken out a debit, in it is money on the balance. */
const outside = (data: Place, told: Told): Mapped => {
  if (isMoneyIn(data) === true)
    return [balance('top_up', idOf(data), { amount: amountIn(data, 'amount'), ...saidOf(data) })];
  if (data.object.direction === 'incoming') return debited(data);
  return [payout(payoutTypeOf(standingOf(data), told), idOf(data), amountIn(data, 'amount'), saidOf(data))];
};

/** By its category. What a card that the platform issued paid for is no payment to the merchant. */
export const transferTold =
  (told: Told) =>
  (payload: Place): Mapped => {
    const data = placeAt(payload, 'data');
    switch (explanationAt(data, 'category')) {
      case 'issuedCard':
        return { ignored: 'left_out' };
      case 'bank':
      case 'card':
      case 'topUp':
        return outside(data, told);
      default:
        return transferOf(data, told);
    }
  };

const DISPUTE_ENDS: ReadonlyMap<string, DisputeOutcome> = new Map([
  ['won', 'won'],
  ['lost', 'lost'],
  ['closed', 'closed'],
  ['expired', 'closed'],
  ['cancelled', 'closed'],
]);

/** A card holder of the platform disputes what a card of it paid: nothing here names a payment of the merchant. */
export const platformDispute =
  (told: 'dispute.opened' | 'dispute.updated') =>
  (payload: Place): Mapped => {
    const data = placeAt(payload, 'data');
    const status = explanationAt(data, 'status');
    const outcome = DISPUTE_ENDS.get(status?.toLowerCase() ?? '') ?? null;
    const transaction = explanationAt(data, 'transactionId');
    return [
      disputeState(
        outcome === null ? told : 'dispute.closed',
        aboutPayment({}, { ledger_entry: transaction }),
        explanationAt(data, 'id') ?? textAt(data, 'transactionId'),
        {
          amount: partAt(data, 'disputedAmount') === null ? null : amountIn(data, 'disputedAmount'),
          outcome,
          status,
          stage: explanationAt(data, 'statusDetail'),
          reason: explanationAt(data, 'type') ?? explanationAt(data, 'description'),
        },
      ),
    ];
  };

const isAllowed = (holder: Place, ...names: readonly string[]): boolean | null => {
  const capabilities = partAt(holder, 'capabilities');
  const said = names.flatMap((name) => {
    const allowed = capabilities === null ? null : partAt(capabilities, name)?.object.allowed;
    return typeof allowed === 'boolean' ? [allowed] : [];
  });
  return said.length === 0 ? null : said.includes(true);
};

/** Whether a seller can be paid by buyers, and paid out, is what their capabilities say. */
export const accountHolder = (payload: Place): Mapped => {
  const holder = placeAt(placeAt(payload, 'data'), 'accountHolder');
  return [
    account('account.updated', textAt(holder, 'id'), {
      status: explanationAt(holder, 'status'),
      canCharge: isAllowed(holder, 'receivePayments', 'receiveFromPlatformPayments'),
      canBePaidOut: isAllowed(holder, 'sendToTransferInstrument', 'sendToThirdParty'),
      related: aboutPayment({}, { merchant_reference: explanationAt(holder, 'reference') }).related,
    }),
  ];
};

export const platformReport = (payload: Place): Mapped => {
  const data = placeAt(payload, 'data');
  const url = explanationAt(data, 'downloadUrl');
  return [report('report.available', textAt(data, 'fileName'), { url, status: explanationAt(data, 'reportType') })];
};
