/** Amounts and payments as the command line shows them. */
import { formatMoney, type Money } from '../payments/money.ts';
import type { PaymentDispute, PaymentView } from '../payments/payment.ts';

/** `12,480.50 USD`, `-0.49 EUR`, `500 JPY`: all digits, whatever their number, as the console writes them. */
export const moneyText = (money: Money): string =>
  formatMoney(money).replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','));

const isSome = (money: Money | null): money is Money => money !== null && money.minor !== 0n;

const amountPart = (word: string, money: Money | null): string[] =>
  isSome(money) ? [`${word} ${moneyText(money)}`] : [];

const disputePart = ({ state, isInquiry }: PaymentDispute): string => `${isInquiry ? 'inquiry' : 'dispute'} ${state}`;

/** Everything of a payment that is worth a line: `stripe pi_1: succeeded, captured 12.30 USD, refunded 2.00 USD`. */
export const paymentLine = (payment: PaymentView): string =>
  [
    `${payment.provider} ${payment.paymentId}: ${payment.status}`,
    ...(isSome(payment.captured) ? amountPart('captured', payment.captured) : amountPart('amount', payment.amount)),
    ...amountPart('refunded', payment.refunded),
    ...amountPart('refund pending', payment.refundPending),
    ...amountPart('reversed', payment.reversed),
    ...amountPart('disputed', payment.disputed),
    ...payment.disputes.map(disputePart),
    ...payment.flags.map((flag) => `flag ${flag}`),
  ].join(', ');
