/** The shop's own database: orders, what was shipped, the ledger, and which event was had by which handler. */
import { DatabaseSync } from 'node:sqlite';
import type { Money } from 'payhook';

export interface Order extends Money {
  readonly orderId: string;
  readonly provider: string;
  /** The provider's id for the payment, noted when the buyer began to pay. */
  readonly paymentId: string;
}

export interface OrderState extends Order {
  readonly state: 'placed' | 'shipped' | 'canceled';
  readonly shipments: number;
  readonly note: string;
}

export interface Booking extends Money {
  readonly orderId: string;
  readonly what: string;
}

/**
 * Amounts are text: a number of SQLite ends at 2^63, and one of JavaScript at 2^53. The table `had` is what makes an
 * effect happen once: its key is the handler and the idempotency id of the event.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    minor TEXT NOT NULL,
    currency TEXT NOT NULL,
    exponent INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'placed',
    note TEXT NOT NULL DEFAULT '',
    UNIQUE (provider, payment_id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS shipments (order_id TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS ledger (
    order_id TEXT NOT NULL,
    what TEXT NOT NULL,
    minor TEXT NOT NULL,
    currency TEXT NOT NULL,
    exponent INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS had (handler TEXT, idempotency_id TEXT, PRIMARY KEY (handler, idempotency_id)) STRICT;
`;

type Row = Readonly<Record<string, unknown>>;

const orderOfRow = (row: Row): Order => ({
  orderId: String(row.order_id),
  provider: String(row.provider),
  paymentId: String(row.payment_id),
  minor: BigInt(String(row.minor)),
  currency: String(row.currency),
  exponent: Number(row.exponent),
});

export type Shop = ReturnType<typeof openShop>;

export const openShop = (path: string) => {
  const db = new DatabaseSync(path, { timeout: 5000 });
  db.exec('PRAGMA journal_mode = WAL');
  db.exec(SCHEMA);
  const had = db.prepare('INSERT INTO had VALUES (?, ?) ON CONFLICT DO NOTHING');
  const findOrder = db.prepare('SELECT * FROM orders WHERE provider = ? AND payment_id = ?');
  const insertOrder = db.prepare(
    'INSERT INTO orders (order_id, provider, payment_id, minor, currency, exponent) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const markShipped = db.prepare("UPDATE orders SET state = 'shipped' WHERE order_id = ? AND state <> 'shipped'");
  const insertShipment = db.prepare('INSERT INTO shipments VALUES (?)');
  const markCanceled = db.prepare("UPDATE orders SET state = 'canceled' WHERE order_id = ? AND state = 'placed'");
  const setNote = db.prepare('UPDATE orders SET note = ? WHERE order_id = ?');
  const insertBooking = db.prepare('INSERT INTO ledger VALUES (?, ?, ?, ?, ?)');

  return {
    takeOrder({ orderId, provider, paymentId, minor, currency, exponent }: Order): void {
      insertOrder.run(orderId, provider, paymentId, String(minor), currency, exponent);
    },

    orderOfPayment(provider: string, paymentId: string): Order | undefined {
      const row = findOrder.get(provider, paymentId);
      return row === undefined ? undefined : orderOfRow(row);
    },

    /**
     * Runs the effect unless this handler has had this event. Both are one transaction: after a crash either both are
     * there or neither, and a handler that is called again does the effect exactly once.
     */
    once(idempotencyId: string, handler: string, effect: () => void): void {
      db.exec('BEGIN IMMEDIATE');
      try {
        if (had.run(handler, idempotencyId).changes === 1) effect();
        db.exec('COMMIT');
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },

    /** Not twice, even for two different events that both say that all of the money is there. */
    ship({ orderId }: Order): void {
      if (markShipped.run(orderId).changes === 1) insertShipment.run(orderId);
    },

    /** What was shipped is not canceled any more. */
    cancel({ orderId }: Order): void {
      markCanceled.run(orderId);
    },

    note({ orderId }: Order, text: string): void {
      setNote.run(text, orderId);
    },

    book({ orderId }: Order, what: string, { minor, currency, exponent }: Money): void {
      insertBooking.run(orderId, what, String(minor), currency, exponent);
    },

    orders(): readonly OrderState[] {
      const rows: readonly Row[] = db
        .prepare(
          'SELECT *, (SELECT count(*) FROM shipments s WHERE s.order_id = o.order_id) AS n FROM orders o ORDER BY order_id',
        )
        .all();
      return rows.map((row) => ({
        ...orderOfRow(row),
        state: String(row.state) as OrderState['state'],
        shipments: Number(row.n),
        note: String(row.note),
      }));
    },

    ledger(): readonly Booking[] {
      const rows: readonly Row[] = db.prepare('SELECT * FROM ledger ORDER BY order_id, rowid').all();
      return rows.map((row) => ({
        orderId: String(row.order_id),
        what: String(row.what),
        minor: BigInt(String(row.minor)),
        currency: String(row.currency),
        exponent: Number(row.exponent),
      }));
    },

    close: () => db.close(),
  };
};
