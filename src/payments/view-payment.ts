/** What the events of a payment add up to. A pure function of their set; nothing else is looked at. */
import { moneyIn } from './fold-events.ts';
import { rankOfKind } from './mapping.ts';
import type { PaymentFlag, PaymentView } from './payment.ts';
import { type PaymentChangeEvent, type PaymentName, RELATED_KINDS, type RelatedKind } from './payment-event.ts';
import { disputedOf, disputesOf } from './view-disputes.ts';
import { amountOf, capturedOf, feesOf, hasForeignAmount, returnedOf, unitOf } from './view-money.ts';
import { historyOf } from './view-status.ts';

const compareNames = (a: PaymentName, b: PaymentName): number =>
  rankOfKind(a.kind) - rankOfKind(b.kind) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Each name once, the most general first; an id that two kinds have counts as the more general one. */
export const namesOf = (events: readonly PaymentChangeEvent[]): readonly PaymentName[] => {
  // A list and no map: a payment has one to four names, and this runs for every event.
  const names: PaymentName[] = [];
  for (const event of events) {
    for (const name of event.paymentNames) {
      const at = names.findIndex(({ id }) => id === name.id);
      const known = names[at];
      if (known === undefined) names.push(name);
      else if (compareNames(name, known) < 0) names[at] = name;
    }
  }
  return names.length > 1 ? names.sort(compareNames) : names;
};

/** Ids of everything that the events mention, each once. */
const relatedOf = (events: readonly PaymentChangeEvent[]): PaymentView['related'] => {
  const found: Partial<Record<RelatedKind, string[]>> = {};
  for (const event of events) {
    for (const kind in event.related) {
      const id = event.related[kind as RelatedKind];
      if (id === undefined) continue;
      const ids = found[kind as RelatedKind];
      if (ids === undefined) found[kind as RelatedKind] = [id];
      else if (!ids.includes(id)) ids.push(id);
    }
  }
  const related: Partial<Record<RelatedKind, readonly string[]>> = {};
  for (const kind of RELATED_KINDS) {
    const ids = found[kind];
    if (ids !== undefined) related[kind] = ids.length > 1 ? ids.sort() : ids;
  }
  return related;
};

/** Only PayPal's events of one payment disagree about it: some name the merchant, some nobody. */
const accountOf = (events: readonly PaymentChangeEvent[]): string | null => {
  let first: string | null = null;
  for (const { account } of events) if (account !== null && (first === null || account < first)) first = account;
  return first;
};

type Sums = Pick<
  PaymentView,
  'currency' | 'amount' | 'captured' | 'refunded' | 'refundPending' | 'reversed' | 'disputed' | 'refunds' | 'disputes'
> & { readonly flags: readonly PaymentFlag[] };

const NO_SUMS: Omit<Sums, 'disputes' | 'flags'> = {
  currency: null,
  amount: null,
  captured: null,
  refunded: null,
  refundPending: null,
  reversed: null,
  disputed: null,
  refunds: [],
};

const warningFlag = (events: readonly PaymentChangeEvent[]): readonly PaymentFlag[] =>
  events.some(({ type }) => type === 'dispute.warning') ? ['fraud_warning'] : [];

const sumsOf = (events: readonly PaymentChangeEvent[]): Sums => {
  const disputes = disputesOf(events);
  const unit = unitOf(events);
  if (unit === null) return { ...NO_SUMS, disputes, flags: warningFlag(events) };
  const amount = amountOf(unit, events);
  const captured = capturedOf(unit, events);
  const { refunded, refundPending, reversed, refunds } = returnedOf(unit, events);
  const flags: PaymentFlag[] = [...warningFlag(events)];
  if (refunded + reversed > captured) flags.push('refunded_more_than_captured');
  if (amount !== null && captured > amount.minor) flags.push('captured_more_than_asked');
  if (hasForeignAmount(unit, events)) flags.push('currencies_mixed');
  return {
    currency: unit.currency,
    amount,
    captured: moneyIn(unit, captured),
    refunded: moneyIn(unit, refunded),
    refundPending: moneyIn(unit, refundPending),
    reversed: moneyIn(unit, reversed),
    disputed: moneyIn(unit, disputedOf(unit, disputes)),
    refunds,
    disputes,
    flags: flags.toSorted(),
  };
};

/** `events` is sorted by `compareByTime`, has each event once, and at least one. */
export const viewPayment = (events: readonly [PaymentChangeEvent, ...PaymentChangeEvent[]]): PaymentView => {
  const [first] = events;
  const names = namesOf(events);
  const history = historyOf(events);
  const firstEvent = history[0];
  const lastEvent = history.at(-1);
  if (firstEvent === undefined || lastEvent === undefined) throw new TypeError('a payment has at least one event');
  return {
    provider: first.provider,
    account: accountOf(events),
    paymentId: names[0]?.id ?? '',
    names,
    mode: first.mode,
    status: lastEvent.status,
    ...sumsOf(events),
    fees: feesOf(events),
    related: relatedOf(events),
    firstEvent,
    lastEvent,
    history,
  };
};
