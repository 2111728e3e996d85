/** SQL of payments: one row for each event, one for each name. Reading, recording and writing are one transaction. */

import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import type { News } from '../../core/effects.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Page } from '../../core/page.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { paymentEventsFromJson, paymentEventsToStoredJson } from '../../payments/event-json.ts';
import type { PaymentName } from '../../payments/event-source.ts';
import type { PaymentSummary, PaymentView } from '../../payments/payment.ts';
import type { PaymentChangeEvent } from '../../payments/payment-event.ts';
import type { ApplyOutcome, PaymentAmounts, PaymentFilter } from '../../payments/payment-store.ts';
import { knownOf, type RecordedEvent, type RecordedPayment, recordEvents } from '../../payments/record-events.ts';
import { type EventsOfPayment, paymentOf } from '../../payments/reduce-payment.ts';
import type { NextPositions } from './sqlite-next-positions.ts';
import { amountValues, createPaymentAmounts } from './sqlite-payment-amounts.ts';
import { createPaymentList } from './sqlite-payment-list.ts';
import { prepareInsertWithMac, type RowMacs } from './sqlite-row-macs.ts';

/**
 * A payment of a list on its way between the threads: its events as one JSON text. Whoever asked computes the payment, so
 * that a long list does not keep the database thread from its work. The one payment of an apply, which is computed here
 * anyhow, travels as it is: copying it costs a quarter of reading the text and computing it again.
 */
export interface PackedPayment {
  readonly events: string;
  readonly storedAt: EpochMs;
  readonly changedAt: EpochMs;
}

interface ToApply {
  readonly change: EventsOfPayment;
  readonly at: EpochMs;
  readonly isPaymentWanted: boolean;
}

export interface PaymentOperations {
  paymentApply(input: ToApply): ApplyOutcome;
  /** The same, and durable with the next write that is. */
  paymentApplyLater(input: ToApply): ApplyOutcome;
  paymentFind(paymentId: string): readonly PackedPayment[];
  paymentAmounts(paymentIds: readonly string[]): readonly (readonly PaymentAmounts[])[];
  paymentList(filter: PaymentFilter): Page<PackedPayment>;
}

interface Found {
  readonly position: number;
  readonly storedAt: EpochMs;
  readonly recorded: RecordedPayment;
}

interface LookedUp {
  /** Every payment under any of the names, the oldest first: the others are joined to it. */
  readonly found: readonly Found[];
  /** Names that no payment has yet. */
  readonly unknownNames: readonly PaymentName[];
}

interface Recorded {
  readonly recorded: RecordedPayment;
  readonly summary: PaymentSummary;
}

export const viewOf = (events: string): PaymentView =>
  paymentOf(paymentEventsFromJson<PaymentChangeEvent>(events)).view;

const textOf = (event: PaymentChangeEvent): string => paymentEventsToStoredJson([event]).slice(1, -1);

export const createPaymentOperations = (
  db: DatabaseSync,
  macs: RowMacs,
  positions: NextPositions,
): PaymentOperations => {
  const readTexts = db.prepare('SELECT event FROM payment_events WHERE payment_position = ?');
  const eventsOf = (position: number): string =>
    `[${readTexts
      .all(position)
      .map(({ event }) => event)
      .join(',')}]`;

  const packed = (row: Record<string, unknown>): PackedPayment => ({
    events: eventsOf(Number(row.position)),
    storedAt: Number(row.storedAt),
    changedAt: Number(row.changedAt),
  });
  const find = db.prepare(`SELECT DISTINCT p.position, p.stored_at AS storedAt, p.changed_at AS changedAt
    FROM payment_names n JOIN payments p ON p.position = n.payment_position WHERE n.name_id = ?
    ORDER BY p.stored_at DESC, p.position DESC LIMIT ${LIMITS.findMax}`);

  const apply = createApply(db, macs, positions.of('payments'));

  return {
    paymentApply: apply,
    paymentApplyLater: apply,
    paymentFind: (paymentId) => find.all(paymentId).map(packed),
    paymentAmounts: createPaymentAmounts(db, (position) => viewOf(eventsOf(position))),
    paymentList: createPaymentList(db, packed),
  };
};

const createApply = (
  db: DatabaseSync,
  macs: RowMacs,
  nextPosition: () => number,
): PaymentOperations['paymentApply'] => {
  const readEvents = db.prepare('SELECT event, news FROM payment_events WHERE payment_position = ?');
  const nameOwner = db.prepare(
    'SELECT payment_position AS position FROM payment_names WHERE name_id = ? AND provider = ? AND account = ?',
  );
  const storedAt = db.prepare('SELECT stored_at AS storedAt FROM payments WHERE position = ?');
  const insertPayment = prepareInsertWithMac(db, macs, 'payments');
  const updatePayment = db.prepare(`UPDATE payments SET payment_id = ?, status = ?, changed_at = ?,
    mode = ?, currency = ?, exponent = ?, amount = ?, captured = ? WHERE position = ?`);
  const putName = prepareInsertWithMac(
    db,
    macs,
    'payment_names',
    'ON CONFLICT DO UPDATE SET payment_position = excluded.payment_position, mac = excluded.mac',
  );
  const insertEvent = prepareInsertWithMac(db, macs, 'payment_events');
  const removeEvents = db.prepare('DELETE FROM payment_events WHERE payment_position = ?');
  const removePayment = db.prepare('DELETE FROM payments WHERE position = ?');

  const readFound = (position: number): Found => {
    const recorded = readEvents.all(position).map(({ event, news }): RecordedEvent => {
      const [read] = paymentEventsFromJson<PaymentChangeEvent>(`[${event}]`);
      assert(read !== undefined, 'the row holds an event');
      return { event: read, news: news as News };
    });
    return { position, storedAt: Number(storedAt.get(position)?.storedAt), recorded };
  };

  const lookUp = (change: EventsOfPayment): LookedUp => {
    const positions = new Set<number>();
    const unknownNames: PaymentName[] = [];
    for (const name of change.names) {
      const owner = nameOwner.get(name.id, change.provider, accountIn(change));
      if (owner === undefined) unknownNames.push(name);
      else positions.add(Number(owner.position));
    }
    const found = [...positions].map(readFound).sort((a, b) => a.storedAt - b.storedAt || a.position - b.position);
    return { found, unknownNames };
  };

  const write = (change: EventsOfPayment, at: EpochMs, { found, unknownNames }: LookedUp, result: Recorded): void => {
    const [kept, ...joined] = found;
    const { provider } = change;
    const account = accountIn(change);
    const { paymentId, status, names } = result.summary;
    const amounts = amountValues(result.summary);
    const position = kept?.position ?? nextPosition();
    if (kept !== undefined) updatePayment.run(paymentId, status, at, ...Object.values(amounts), position);
    else {
      const of = { position, provider, account, payment_id: paymentId, status };
      insertPayment({ ...of, stored_at: at, changed_at: at, ...amounts });
    }
    for (const { position: joinedPosition } of joined) {
      removeEvents.run(joinedPosition);
      removePayment.run(joinedPosition);
    }
    for (const { event, news } of newIn(result.recorded, kept)) {
      insertEvent({ payment_position: position, event_id: event.id, event: textOf(event), news });
    }
    // The names of a payment are those of its events: when several became one, each name is written again.
    for (const { id } of joined.length > 0 ? names : unknownNames) {
      putName({ name_id: id, provider, account, payment_position: position });
    }
  };

  return ({ change, at, isPaymentWanted }) => {
    const lookedUp = lookUp(change);
    const result = recordEvents(
      lookedUp.found.map(({ recorded }) => recorded),
      change,
    );
    if (result.outcome === 'too_many_events') return { outcome: 'too_many_events' };
    const { recorded, received, isChanged } = result;
    const known = knownOf(recorded, isPaymentWanted);
    if (isChanged) write(change, at, lookedUp, { recorded, summary: known.summary });
    return { outcome: 'applied', ...known, received };
  };
};

/** A key has no nulls. */
const accountIn = ({ account }: EventsOfPayment): string => account ?? '';

/** What has no row under the kept payment yet. */
const newIn = (recorded: RecordedPayment, kept: Found | undefined): RecordedPayment => {
  const known = new Set(kept?.recorded.map(({ event }) => event.id));
  return recorded.filter(({ event }) => !known.has(event.id));
};
