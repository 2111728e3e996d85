/** What the events of a payment add up to. A pure function of their set; nothing else is looked at. */
import { withRefundsDecided } from './cancel-or-refund.ts';
import type { PaymentName, RelatedKind } from './event-source.ts';
import { isReview, moneyIn, newestOfEach, sumIn, type Unit } from './fold-events.ts';
import { rankOfKind } from './mapping.ts';
import type { Money } from './money.ts';
import type { PaymentDispute, PaymentFlag, PaymentStatus, PaymentView } from './payment.ts';
import type { PaymentChangeEvent } from './payment-event.ts';
import { disputedOf, disputesOf, doesMoneyDisagree } from './view-disputes.ts';
import { amountOf, capturedOf, feesOf, hasForeignAmount, returnedOf, unitOf } from './view-money.ts';
import { historyOf } from './view-status.ts';

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

/** Ids of everything that the events mention, each once. */
const relatedOf = (events: readonly PaymentChangeEvent[]): PaymentView['related'] => {
  const related: Partial<Record<RelatedKind, string[]>> = {};
  for (const event of events) {
    for (const kind in event.related) {
      const id = event.related[kind as RelatedKind];
      const ids = related[kind as RelatedKind];
      if (id === undefined) continue;
      if (ids === undefined) related[kind as RelatedKind] = [id];
      else if (!ids.includes(id)) ids.push(id);
    }
  }
  for (const kind in related) related[kind as RelatedKind]?.sort();
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
  'currency' | 'amount' | 'captured' | 'refunded' | 'refundPending' | 'reversed' | 'disputed' | 'net' | 'refunds'
> & { readonly flags: readonly PaymentFlag[] };

const NO_SUMS: Omit<Sums, 'flags'> = {
  currency: null,
  amount: null,
  captured: null,
  refunded: null,
  refundPending: null,
  reversed: null,
  disputed: null,
  net: null,
  refunds: [],
};

/** The reversal that pays a dispute is not another movement than the dispute. */
const beyondDisputes = (takenBack: bigint, disputed: bigint): bigint =>
  takenBack > disputed ? takenBack - disputed : 0n;

const isInReview = (events: readonly PaymentChangeEvent[]): boolean =>
  newestOfEach(events.filter(isReview), ({ reviewId }) => reviewId).some(({ type }) => type === 'review.opened');

/** What has to be looked at whatever the amounts are. */
const flagsOfStates = (events: readonly PaymentChangeEvent[], disputes: readonly PaymentDispute[]): PaymentFlag[] => {
  const flags: PaymentFlag[] = [];
  if (events.some(({ type }) => type === 'dispute.warning')) flags.push('fraud_warning');
  if (disputes.some(doesMoneyDisagree)) flags.push('dispute_and_money_disagree');
  if (isInReview(events)) flags.push('in_review');
  return flags;
};

/** What a canceled payment told as a refund was a release: nothing had been paid. */
const isOnlyReleased = (status: PaymentStatus, captured: bigint): boolean => status === 'canceled' && captured === 0n;

const netOf = (unit: Unit, fees: readonly Money[], received: bigint): Money | null =>
  fees.length === 0 || fees.some(({ currency }) => currency !== unit.currency)
    ? null
    : moneyIn(unit, received - sumIn(unit, fees, (fee) => fee));

const sumsOf = (
  events: readonly PaymentChangeEvent[],
  status: PaymentStatus,
  disputes: readonly PaymentDispute[],
  fees: readonly Money[],
): Sums => {
  const flags = flagsOfStates(events, disputes);
  const unit = unitOf(events);
  if (unit === null) return { ...NO_SUMS, flags };
  const amount = amountOf(unit, events);
  const captured = capturedOf(unit, events);
  const { refunded: toldAsRefunded, refundPending, takenBack, refunds } = returnedOf(unit, events);
  const refunded = isOnlyReleased(status, captured) ? 0n : toldAsRefunded;
  const disputed = disputedOf(unit, disputes);
  const reversed = beyondDisputes(takenBack, disputed.minor);
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
    disputed,
    net: netOf(unit, fees, captured - refunded - reversed - disputed.minor),
    refunds,
    flags: flags.sort(),
  };
};

/** `told` is sorted by `compareByTime`, has each event once, and at least one. */
export const viewPayment = (told: readonly [PaymentChangeEvent, ...PaymentChangeEvent[]]): PaymentView => {
  const events = withRefundsDecided(told);
  const [first] = events;
  const names = namesOf(events);
  const history = historyOf(events);
  const firstEvent = history[0];
  const lastEvent = history.at(-1);
  if (firstEvent === undefined || lastEvent === undefined) throw new TypeError('a payment has at least one event');
  const isAttributed = names.some(({ kind }) => kind !== 'dispute');
  const status = isAttributed ? lastEvent.status : 'unattributed';
  const disputes = disputesOf(events);
  const fees = feesOf(events);
  const sums = sumsOf(events, status, disputes, fees);
  // Field by field: spreading takes longer than computing the sums, and this runs for every event.
  return {
    provider: first.provider,
    account: accountOf(events),
    paymentId: names[0]?.id ?? '',
    names,
    mode: first.mode,
    status,
    currency: sums.currency,
    amount: sums.amount,
    captured: sums.captured,
    refunded: sums.refunded,
    refundPending: sums.refundPending,
    reversed: sums.reversed,
    disputed: sums.disputed,
    net: sums.net,
    refunds: sums.refunds,
    flags: sums.flags,
    disputes,
    fees,
    related: relatedOf(events),
    firstEvent,
    lastEvent,
    history,
  };
};
