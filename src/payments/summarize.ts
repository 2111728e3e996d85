/** What is always known of a payment: its names, status and amounts. Computed for every event, so with as few steps as it takes. */
import type { PaymentName } from './event-source.ts';
import { moneyIn } from './fold-events.ts';
import { rankOfKind } from './mapping.ts';
import type { PaymentSummary } from './payment.ts';
import type { PaymentChangeEvent } from './payment-event.ts';
import { amountOf, capturedOf, unitOf } from './view-money.ts';
import { statusAfter } from './view-status.ts';

/** By `compareByTime`, each event once, and at least one. */
export type SortedEvents = readonly [PaymentChangeEvent, ...PaymentChangeEvent[]];

const compareNames = (a: PaymentName, b: PaymentName): number =>
  rankOfKind(a.kind) - rankOfKind(b.kind) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Each name once, the most general first; an id that two kinds have counts as the more general one. */
export const namesOf = (events: readonly PaymentChangeEvent[]): readonly PaymentName[] => {
  // A list and no map: a payment has one to four names, and this runs for every event.
  const names: PaymentName[] = [];
  for (const event of events) for (const name of event.paymentNames) addName(names, name);
  return names.length > 1 ? names.sort(compareNames) : names;
};

const addName = (names: PaymentName[], name: PaymentName): void => {
  for (const [at, known] of names.entries()) {
    if (known.id !== name.id) continue;
    if (compareNames(name, known) < 0) names[at] = name;
    return;
  }
  names.push(name);
};

/** Only PayPal's events of one payment disagree about it: some name the merchant, some nobody. */
const accountOf = (events: readonly PaymentChangeEvent[]): string | null => {
  let first: string | null = null;
  for (const { account } of events) if (account !== null && (first === null || account < first)) first = account;
  return first;
};

/** Of the events as they turned out: `withRefundsDecided`. */
export const summarize = (events: SortedEvents): PaymentSummary => {
  const [first] = events;
  const names = namesOf(events);
  const isAttributed = names.some(({ kind }) => kind !== 'dispute');
  const unit = unitOf(events);
  return {
    provider: first.provider,
    account: accountOf(events),
    paymentId: names[0]?.id ?? '',
    names,
    mode: first.mode,
    status: isAttributed ? statusAfter(events) : 'unattributed',
    currency: unit?.currency ?? null,
    amount: unit === null ? null : amountOf(unit, events),
    captured: unit === null ? null : moneyIn(unit, capturedOf(unit, events)),
  };
};
