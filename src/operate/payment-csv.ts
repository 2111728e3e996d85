/** A payment as one line of a spreadsheet: amounts that add up, and of what is several one text. Stable. */
import { formatMoney } from '../payments/money.ts';
import type { PaymentJson } from './payment-json.ts';

type MoneyJson = NonNullable<PaymentJson['amount']>;

const money = (of: MoneyJson | null): string =>
  of === null ? '' : ` ${formatMoney({ ...of, minor: BigInt(of.minor) })}`;

/** Until when the first of the open disputes is to be answered. */
const answerUntil = (disputes: PaymentJson['disputes']): string | null =>
  disputes
    .flatMap(({ state, deadlineAt }) => (state === 'open' && deadlineAt !== null ? [deadlineAt] : []))
    .toSorted()[0] ?? null;

/** Its events are left out: they have as many lines as they are. */
export const paymentCsv = ({
  names,
  related,
  flags,
  refunds,
  disputes,
  history: _,
  firstEvent: __,
  lastEvent: ___,
  ...payment
}: PaymentJson) => ({
  ...payment,
  flags: flags.join(' '),
  refunds: refunds.map(({ refundId, state, amount }) => `${refundId} ${state}${money(amount)}`).join('; '),
  disputes: disputes.map(({ disputeId, state, amount }) => `${disputeId} ${state}${money(amount)}`).join('; '),
  answerUntil: answerUntil(disputes),
  names: names.map(({ id }) => id).join(' '),
  related: Object.entries(related)
    .flatMap(([kind, ids]) => (ids ?? []).map((id) => `${kind} ${id}`))
    .join('; '),
});
