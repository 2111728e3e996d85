/** Each payment computed again out of its events, and every name of it looked up. */
import type { DatabaseSync } from 'node:sqlite';
import { type AuditProblem, problem } from '../../audit/problem.ts';
import { paymentEventsFromJson } from '../../payments/event-json.ts';
import type { PaymentView } from '../../payments/payment.ts';
import type { PaymentChangeEvent } from '../../payments/payment-event.ts';
import { paymentOf } from '../../payments/reduce-payment.ts';
import type { CheckStep } from './sqlite-check-step.ts';
import { amountValues } from './sqlite-payment-amounts.ts';

const PAGE_ROWS = 500;

export const createCheckPayments = (db: DatabaseSync): CheckStep => {
  const page = db.prepare(`SELECT position, provider, account, payment_id AS paymentId, status,
    mode, currency, exponent, amount, captured FROM payments
    WHERE position > ? ORDER BY position LIMIT ${PAGE_ROWS}`);
  const readEvents = db.prepare('SELECT event FROM payment_events WHERE payment_position = ?');
  const owner = db.prepare(`SELECT payment_position AS position FROM payment_names
    WHERE name_id = ? AND provider = ? AND account = ?`);

  const viewOf = (position: number): PaymentView | undefined => {
    const texts = readEvents.all(position).map(({ event }) => event);
    if (texts.length === 0) return undefined;
    return paymentOf(paymentEventsFromJson<PaymentChangeEvent>(`[${texts.join(',')}]`)).view;
  };

  return (after) => {
    const rows = page.all(after);
    const problems = rows.flatMap((row): readonly AuditProblem[] => {
      const { provider, paymentId, status } = row;
      const position = Number(row.position);
      const what = `payment ${paymentId} of ${provider}`;
      let view: PaymentView | undefined;
      try {
        view = viewOf(position);
      } catch {
        return [problem('state_edited', `${what} has an event that cannot be read`)];
      }
      if (view === undefined) return [problem('state_removed', `${what} has no events: they were removed`)];
      const areAmounts =
        row.mode === null || Object.entries(amountValues(view)).every(([name, value]) => row[name] === value);
      const differs = view.paymentId !== paymentId || view.status !== status;
      const edited = `${what} is stored as ${status}, and its events make it ${view.paymentId}, ${view.status}`;
      const lost = view.names.filter(
        ({ id }) => Number(owner.get(id, String(row.provider), String(row.account))?.position ?? 0) !== position,
      );
      return [
        ...(differs ? [problem('state_edited', edited)] : []),
        ...(areAmounts
          ? []
          : [problem('state_edited', `${what} is stored with other amounts than its events add up to`)]),
        ...lost.map(({ id }) => problem('state_removed', `the name ${id} no longer leads to ${what}`)),
      ];
    });
    return { problems, last: rows.length === 0 ? undefined : Number(rows.at(-1)?.position) };
  };
};
