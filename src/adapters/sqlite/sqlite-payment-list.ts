/** SQL of lists of payments: in the order of an index over time; the rest of a filter is looked for in what that gives. */
import type { DatabaseSync } from 'node:sqlite';
import { LIMITS } from '../../core/limits.ts';
import { cursorOf, type Page, pageOf, readCursor } from '../../core/page.ts';
import { paymentStatusesOf } from '../../payments/match-payment.ts';
import type { PaymentFilter } from '../../payments/payment-store.ts';
import { createBuiltStatements } from './sqlite-built-statements.ts';
import { and, andAfter, noConditions, type Sql, type WalkSql, walkSql, where } from './sqlite-conditions.ts';

const LIST = 'payments';

export const paymentListSql = (filter: PaymentFilter): WalkSql => {
  const { since, until, after, provider, account, mode, related, limit, lookAtMax = LIMITS.listLookedAtMax } = filter;
  const range = noConditions();
  if (since !== undefined) and(range, 'stored_at >= ?', since);
  if (until !== undefined) and(range, 'stored_at < ?', until);
  if (after !== undefined) andAfter(range, 'stored_at', ...readCursor(LIST, after, ['number', 'number'] as const));
  const rest = noConditions();
  const statuses = paymentStatusesOf(filter);
  if (statuses !== undefined) and(rest, `status IN (${statuses.map(() => '?').join(', ')})`, ...statuses);
  if (provider !== undefined) and(rest, 'provider = ?', provider);
  if (account !== undefined) and(rest, 'account = ?', account);
  // All events of a payment are of one mode.
  const ofMode = `(SELECT json_extract(event, '$.mode') FROM payment_events WHERE payment_position = position LIMIT 1) = ?`;
  if (mode !== undefined) and(rest, ofMode, mode);
  // The text of an event holds its ids in quotation marks. Whether it is an id of what is related is looked at afterwards.
  const holds = 'EXISTS (SELECT 1 FROM payment_events WHERE payment_position = position AND instr(event, ?) > 0)';
  if (related !== undefined) and(rest, holds, JSON.stringify(related));
  return walkSql({
    rows: (columns): Sql => ({ text: `SELECT ${columns} FROM payments${where(range.texts)}`, values: range.values }),
    columns: 'position, stored_at, changed_at, status, provider, account',
    place: 'position, stored_at, changed_at',
    indexed: 'position, stored_at',
    order: 'ORDER BY stored_at DESC, position DESC',
    rest,
    limit,
    lookAtMax,
  });
};

/** `packed` makes what travels on out of a row of the list. */
export const createPaymentList = <Packed>(
  db: DatabaseSync,
  packed: (row: Record<string, unknown>) => Packed,
): ((filter: PaymentFilter) => Page<Packed>) => {
  const statement = createBuiltStatements(db);
  const rows = ({ text, values }: Sql) =>
    statement(text)
      .all(...values)
      .map(({ position, stored_at: storedAt, changed_at: changedAt }) => ({
        row: { position, storedAt, changedAt },
        at: Number(storedAt),
        cursor: cursorOf(LIST, Number(storedAt), Number(position)),
      }));
  return (filter) => {
    const sql = paymentListSql(filter);
    const found = rows(sql.page);
    const isFull = found.length > filter.limit;
    const page = pageOf(
      found.map(({ row, ...place }) => ({ ...place, item: row })),
      filter.limit,
      isFull || sql.last === null ? null : (rows(sql.last)[0] ?? null),
    );
    return { ...page, items: page.items.map(packed) };
  };
};
