/** The payment store on SQLite. Payments that are found or listed are computed here, out of their events. */
import { paymentEventsFromJson } from '../../payments/event-json.ts';
import type { PaymentView } from '../../payments/payment.ts';
import type { PaymentChangeEvent } from '../../payments/payment-event.ts';
import type { PaymentStore, StoredPayment } from '../../payments/payment-store.ts';
import { paymentOf } from '../../payments/reduce-payment.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';
import type { PackedPayment } from './sqlite-payment-operations.ts';

const viewOf = (events: string): PaymentView => paymentOf(paymentEventsFromJson<PaymentChangeEvent>(events)).view;

const stored = ({ events, storedAt, changedAt }: PackedPayment): StoredPayment => ({
  payment: viewOf(events),
  storedAt,
  changedAt,
});

export const createSqlitePaymentStore = (executor: SqliteExecutor): PaymentStore => ({
  apply: (change, at, { isDurableLater = false } = {}) =>
    executor.run(isDurableLater ? 'paymentApplyLater' : 'paymentApply', { change, at }),
  applyToSubject: (change, at) => executor.run('subjectApply', { change, at }),
  find: async (paymentId) => (await executor.run('paymentFind', paymentId)).map(stored),
  list: async (filter) => (await executor.run('paymentList', filter)).map(stored),
});
