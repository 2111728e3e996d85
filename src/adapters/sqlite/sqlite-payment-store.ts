/** The payment store on SQLite. Payments that are found or listed are computed here, out of their events. */
import { matchesPayment } from '../../payments/match-payment.ts';
import type { PaymentStore, StoredPayment } from '../../payments/payment-store.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';
import { type PackedPayment, viewOf } from './sqlite-payment-operations.ts';

const stored = ({ events, storedAt, changedAt }: PackedPayment): StoredPayment => ({
  payment: viewOf(events),
  storedAt,
  changedAt,
});

export const createSqlitePaymentStore = (executor: SqliteExecutor): PaymentStore => ({
  apply: (change, at, { isDurableLater = false, isPaymentWanted = true } = {}) =>
    executor.run(isDurableLater ? 'paymentApplyLater' : 'paymentApply', { change, at, isPaymentWanted }),
  applyToSubject: (change, at) => executor.run('subjectApply', { change, at }),
  find: async (paymentId) => (await executor.run('paymentFind', paymentId)).map(stored),
  amountsOf: (paymentIds) => executor.run('paymentAmounts', paymentIds),
  list: async (filter) => {
    const { items, cursors, ...page } = await executor.run('paymentList', filter);
    const isWanted = matchesPayment(filter);
    const wanted = items
      .map((item, index) => ({ item: stored(item), cursor: cursors[index] ?? '' }))
      .filter(({ item }) => isWanted(item));
    return { ...page, items: wanted.map(({ item }) => item), cursors: wanted.map(({ cursor }) => cursor) };
  },
});
