/** What payments add up to, for whoever keeps the books: currencies apart. The same in both homes. */
import { LIMITS } from '../core/limits.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { Money } from '../payments/money.ts';
import type { PaymentView } from '../payments/payment.ts';
import { type ListPaymentsDeps, type PaymentsQuery, walkPayments } from './list-payments.ts';
import { timeText } from './webhook-json.ts';

/** Of the payments in one currency, in its smallest unit at their providers. */
export interface CurrencySums {
  readonly payments: number;
  readonly captured: Money;
  readonly refunded: Money;
  readonly reversed: Money;
  /** At stake in open disputes, and gone by lost ones. */
  readonly disputed: Money;
  /** Captured less the three before it. Fees are not taken off: not every provider says them. */
  readonly left: Money;
}

export interface PaymentSums {
  /** By currency. Providers count some currencies in different units: these are apart, too. */
  readonly sums: readonly CurrencySums[];
  readonly payments: number;
  /** Of which no amount is known. */
  readonly withoutAmount: number;
  /** Nothing older than this was looked at; null when these are all. */
  readonly scannedUntil: EpochMs | null;
}

const PARTS = ['captured', 'refunded', 'reversed', 'disputed'] as const;

const plus = (sum: Money, money: Money | null): Money => ({ ...sum, minor: sum.minor + (money?.minor ?? 0n) });

const add = (sums: CurrencySums | undefined, payment: PaymentView, captured: Money): CurrencySums => {
  const none: Money = { ...captured, minor: 0n };
  const before = sums ?? { payments: 0, captured: none, refunded: none, reversed: none, disputed: none };
  const [inAll, refunded, reversed, disputed] = PARTS.map((name) => plus(before[name], payment[name])) as [
    Money,
    Money,
    Money,
    Money,
  ];
  const left = { ...inAll, minor: inAll.minor - refunded.minor - reversed.minor - disputed.minor };
  return { payments: before.payments + 1, captured: inAll, refunded, reversed, disputed, left };
};

/** Of the newest `LIMITS.paymentsLookedAtMax` payments that the query looks at. */
export const createSumPayments =
  (deps: ListPaymentsDeps) =>
  async ({
    lookAtMax = LIMITS.paymentsLookedAtMax,
    ...query
  }: Omit<PaymentsQuery, 'limit' | 'after'>): Promise<PaymentSums> => {
    const sums = new Map<string, CurrencySums>();
    let [payments, withoutAmount] = [0, 0];
    let scannedUntil: EpochMs | null = null;
    for await (const { found, last } of walkPayments(deps, { ...query, limit: 1 }, lookAtMax)) {
      for (const { payment } of found.map(({ item }) => item)) {
        const { captured } = payment;
        const key = `${captured?.currency} ${captured?.exponent}`;
        payments += 1;
        if (captured === null) withoutAmount += 1;
        else sums.set(key, add(sums.get(key), payment, captured));
      }
      scannedUntil = last?.at ?? null;
    }
    const byCurrency = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
    return { sums: byCurrency, payments, withoutAmount, scannedUntil };
  };

const moneyJson = ({ minor, ...unit }: Money) => ({ ...unit, minor: String(minor) });

/** Stable. */
export const currencySumsJson = ({ payments, ...sums }: CurrencySums) => ({
  currency: sums.captured.currency,
  payments,
  captured: moneyJson(sums.captured),
  refunded: moneyJson(sums.refunded),
  reversed: moneyJson(sums.reversed),
  disputed: moneyJson(sums.disputed),
  left: moneyJson(sums.left),
});

/** Stable. */
export const paymentSumsJson = ({ sums, payments, withoutAmount, scannedUntil }: PaymentSums) => ({
  sums: sums.map(currencySumsJson),
  payments,
  withoutAmount,
  scannedUntil: scannedUntil === null ? null : timeText(scannedUntil),
});
