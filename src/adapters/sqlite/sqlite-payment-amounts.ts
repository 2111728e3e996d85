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

/** Columns of `find`, by their places: rows without names are read in half the time. `key`: which of the ids it is under. */
type Row = readonly [
  key: number,
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
  // All ids at once: calls cost as much as what they read. Not sorted, and not made distinct: either would take twice as long.
  const find =
    db.prepare(`SELECT ids.key, p.position, p.provider, p.account, p.payment_id, p.mode, p.currency, p.exponent, p.amount,
    p.captured FROM json_each(?) ids CROSS JOIN payment_names n ON n.name_id = ids.value
    CROSS JOIN payments p ON p.position = n.payment_position`);
  find.setReturnArrays(true);
  const read = ([_, position, provider, account, paymentId, mode, currency, exponent, amount, captured]: Row) =>
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
  return (paymentIds) => {
    const found: PaymentAmounts[][] = paymentIds.map(() => []);
    let [lastKey, positions]: [number, number[]] = [-1, []];
    for (const row of find.iterate(JSON.stringify(paymentIds)) as unknown as Iterable<Row>) {
      const [key, position] = row;
      if (key !== lastKey) [lastKey, positions] = [key, []];
      // Names of several accounts may lead to one payment.
      if (positions.includes(position)) continue;
      positions.push(position);
      found[key]?.push(read(row));
    }
    return found;
  };
};
