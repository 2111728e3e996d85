/** Stripe's payouts, balances and reports, to bodies of payment events: money outside of payments. */
import { balance, type EventBody, payout, report } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import { type Money, moneyOfMinor } from '../../../payments/money.ts';
import { explanationAt, idIn, insideOf, type Place, textAt, wordIn } from '../../../payments/place.ts';
import type { BalanceKind, PayoutType } from '../../../payments/subject-event.ts';
import { STRIPE_CURRENCIES } from './currencies.ts';
import { listIn, optionalSignedAmountAt, relatedOf, signedAmountAt, stripeObject } from './object.ts';

const PAYOUT_STATUSES: ReadonlyMap<string, PayoutType> = new Map([
  ['paid', 'payout.paid'],
  ['failed', 'payout.failed'],
  ['canceled', 'payout.canceled'],
  ['pending', 'payout.pending'],
  ['in_transit', 'payout.pending'],
]);

const payoutBody = (object: Place, type: PayoutType): Mapped => [
  payout(type, textAt(object, 'id'), signedAmountAt(object, 'amount'), {
    status: wordIn(object, 'status'),
    reason: explanationAt(object, 'failure_code'),
    related: relatedOf({
      ledger_entry: idIn(object, 'failure_balance_transaction') ?? idIn(object, 'balance_transaction'),
    }),
  }),
];

export const payoutState =
  (type: PayoutType) =>
  (payload: Place): Mapped =>
    payoutBody(stripeObject(payload), type);

/** By its own status; one that another payout took back has come back, whatever its status says. */
export const payoutByStatus = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const byStatus = PAYOUT_STATUSES.get(wordIn(object, 'status') ?? '') ?? 'payout.updated';
  return payoutBody(object, idIn(object, 'reversed_by') === null ? byStatus : 'payout.returned');
};

/** Money that the merchant brings in. */
export const topUpState = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  return [
    balance('top_up', textAt(object, 'id'), {
      amount: optionalSignedAmountAt(object, 'amount'),
      status: wordIn(object, 'status'),
      reason: explanationAt(object, 'failure_code'),
      related: relatedOf({ ledger_entry: idIn(object, 'balance_transaction') }),
    }),
  ];
};

/** At least one, or nothing that is to be told. */
const mappedOf = (bodies: readonly EventBody[]): Mapped => {
  const [first, ...others] = bodies;
  return first === undefined ? { ignored: 'informational' } : [first, ...others];
};

/** What can be paid out, in each currency. The balance has no id. */
export const balanceAvailable = (payload: Place): Mapped =>
  mappedOf(
    listIn(stripeObject(payload), 'available').flatMap((item) => {
      const amount = optionalSignedAmountAt(item, 'amount');
      return amount === null ? [] : [balance('merchant', 'available', { amount })];
    }),
  );

const cashOf = (available: Place | null): readonly Money[] =>
  Object.entries(available?.object ?? {}).flatMap(([currency, minor]) => {
    const amount = moneyOfMinor(minor, currency, STRIPE_CURRENCIES);
    return typeof amount === 'string' ? [] : [amount];
  });

/** Bank transfers of a customer that match no payment, in each currency. */
export const cashAvailable = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const customer = textAt(object, 'customer');
  const related = relatedOf({ customer });
  return mappedOf(
    cashOf(insideOf(object, 'available')).map((amount) => balance('customer', customer, { amount, related })),
  );
};

/** Each kind of movement names what it is of under its own name. */
const cashIdsOf = (object: Place) => {
  const parts = ['applied_to_payment', 'unapplied_from_payment', 'refunded_from_payment'].map((key) =>
    insideOf(object, key),
  );
  const first = (key: string): string | null => parts.map((part) => idIn(part, key)).find((id) => id !== null) ?? null;
  return { payment: first('payment_intent'), refund: first('refund') };
};

export const cashMoved = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const id = textAt(object, 'id');
  const customer = idIn(object, 'customer');
  return [
    balance('customer', customer ?? id, {
      movementId: id,
      amount: signedAmountAt(object, 'net_amount'),
      reason: wordIn(object, 'type'),
      related: relatedOf({ customer, ...cashIdsOf(object) }),
    }),
  ];
};

/** Money that came to the account details of a source of an older integration. */
export const sourceFunded = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const id = textAt(object, 'id');
  return [
    balance('customer', idIn(object, 'source') ?? id, {
      movementId: id,
      amount: signedAmountAt(object, 'amount'),
      status: wordIn(object, 'status'),
      reason: wordIn(object, 'type'),
    }),
  ];
};

/** What Stripe holds back: a hold and a release have an amount, a plan only says how much of each payment. */
export const reserveState =
  (of: 'hold' | 'plan' | 'release') =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const id = textAt(object, 'id');
    const amount = of === 'plan' ? null : optionalSignedAmountAt(object, 'amount');
    const isRelease = of === 'release';
    const kind: BalanceKind = 'reserve';
    return [
      balance(kind, (isRelease ? idIn(object, 'reserve_hold') : null) ?? id, {
        movementId: isRelease ? id : null,
        amount: isRelease && amount !== null ? { ...amount, minor: -amount.minor } : amount,
        status: wordIn(object, 'status') ?? of,
        reason: wordIn(object, 'reason'),
        related: relatedOf({ charge: idIn(object, 'source_charge') }),
      }),
    ];
  };

export const reportState =
  (type: 'report.available' | 'report.failed') =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    return [
      report(type, textAt(object, 'id'), {
        url: wordIn(insideOf(object, 'result'), 'url'),
        status: wordIn(object, 'status'),
        reason: explanationAt(object, 'error'),
      }),
    ];
  };

/** A query that ran by plan: it says by its status whether there is a result. */
export const queryRun = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const status = wordIn(object, 'status');
  const isThere = status === 'completed' || insideOf(object, 'file') !== null;
  const error = insideOf(object, 'error');
  return [
    report(isThere ? 'report.available' : 'report.failed', textAt(object, 'id'), {
      url: wordIn(insideOf(object, 'file'), 'url'),
      status,
      reason: error === null ? null : explanationAt(error, 'message'),
    }),
  ];
};
