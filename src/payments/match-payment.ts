/** Which payments a filter means. Adapters look where it is cheap first; what it means is said here. */
import type { PaymentStatus, PaymentView } from './payment.ts';
import type { PaymentAmounts, PaymentFilter, StoredPayment } from './payment-store.ts';

/** Undefined for all. */
export const paymentStatusesOf = ({ status }: Pick<PaymentFilter, 'status'>): readonly PaymentStatus[] | undefined =>
  typeof status === 'string' ? [status] : status;

const is = <T>(asked: T | undefined, value: T): boolean => asked === undefined || asked === value;

/** All that a filter says but for times and cursor, by which lists are ordered. */
export const matchesPayment = (filter: PaymentFilter): ((stored: StoredPayment) => boolean) => {
  const statuses = paymentStatusesOf(filter);
  return ({ payment }) =>
    (statuses === undefined || statuses.includes(payment.status)) &&
    is(filter.provider, payment.provider) &&
    is(filter.account, payment.account) &&
    is(filter.mode, payment.mode) &&
    isRelated(filter.related, payment);
};

const isRelated = (asked: string | undefined, { related, refunds, disputes }: PaymentView): boolean =>
  asked === undefined ||
  Object.values(related).some((ids) => ids.includes(asked)) ||
  refunds.some(({ refundId }) => refundId === asked) ||
  disputes.some(({ disputeId }) => disputeId === asked);

export const amountsOf = (payment: PaymentView): PaymentAmounts => {
  const { provider, account, paymentId, mode, currency, amount, captured } = payment;
  return { provider, account, paymentId, mode, currency, amount, captured };
};
