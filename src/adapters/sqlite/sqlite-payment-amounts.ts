/** SQL of what payments add up to: columns of their own, so that a sum over many does not read the events of each. */
import type { DatabaseSync } from 'node:sqlite';
import type { Mode } from '../../core/webhook.ts';
import { amountsOf } from '../../payments/match-payment.ts';
import type { Money } from '../../payments/money.ts';
import type { PaymentSummary, PaymentView } from '../../payments/payment.ts';
import type { PaymentAmounts } from '../../payments/payment-store.ts';

const minorText = (money: Money | null): string | null => (money === null ? null : String(money.minor));

/** Values of the columns, under their names. */
export const amountValues = ({ mode, currency, amount, captured }: PaymentSummary) => ({
  mode,
  currency,
  // Amounts of a payment are in its currency and unit.
  exponent: amount?.exponent ?? captured?.exponent ?? null,
  amount: minorText(amount),
  captured: minorText(captured),
});

/** Columns of `find`, by their places: rows without names are read in half the time. */
type Row = readonly [
  position: number,
  provider: string,
  account: string,
  paymentId: string,
  mode: string | null,
  currency: string | null,
  exponent: number | null,
  amount: string | null,
  captured: string | null,
];

const moneyOf = (minor: string | null, currency: string | null, exponent: number | null): Money | null =>
  minor === null || currency === null || exponent === null ? null : { minor: BigInt(minor), currency, exponent };

/** `viewAt` computes a payment of before there were these columns. */
export const createPaymentAmounts = (
  db: DatabaseSync,
  viewAt: (position: number) => PaymentView,
): ((paymentIds: readonly string[]) => readonly (readonly PaymentAmounts[])[]) => {
  // Not sorted, and not made distinct by SQLite: either would take twice as long.
  const find =
    db.prepare(`SELECT p.position, p.provider, p.account, p.payment_id, p.mode, p.currency, p.exponent, p.amount,
    p.captured FROM payment_names n CROSS JOIN payments p ON p.position = n.payment_position WHERE n.name_id = ?`);
  find.setReturnArrays(true);
  const read = ([position, provider, account, paymentId, mode, currency, exponent, amount, captured]: Row) =>
    mode === null
      ? amountsOf(viewAt(position))
      : {
          provider,
          account: account === '' ? null : account,
          paymentId,
          mode: mode as Mode,
          currency,
          amount: moneyOf(amount, currency, exponent),
          captured: moneyOf(captured, currency, exponent),
        };
  return (paymentIds) =>
    paymentIds.map((id) => {
      const rows = find.all(id) as unknown as readonly Row[];
      const isFirst = ([position]: Row, index: number): boolean =>
        rows.findIndex(([other]) => other === position) === index;
      return (rows.length > 1 ? rows.filter(isFirst) : rows).map(read);
    });
};
