/** What the events of a payment add up to. A pure function of their set; nothing else is looked at. */
import { withRefundsDecided } from './cancel-or-refund.ts';
import type { RelatedKind } from './event-source.ts';
import { isReview, isState, moneyIn, newestOfEach, sumIn, type Unit } from './fold-events.ts';
import type { Money } from './money.ts';
import type { PaymentDispute, PaymentFlag, PaymentStatus, PaymentSummary, PaymentView } from './payment.ts';
import type { PaymentChangeEvent } from './payment-event.ts';
import { type SortedEvents, summarize } from './summarize.ts';
import { disputedOf, disputesOf, doesMoneyDisagree } from './view-disputes.ts';
import { feesOf, hasForeignAmount, returnedOf } from './view-money.ts';
import { historyOf } from './view-status.ts';

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

type Sums = Pick<PaymentView, 'refunded' | 'refundPending' | 'reversed' | 'disputed' | 'net' | 'refunds' | 'flags'>;

const NO_SUMS: Omit<Sums, 'flags'> = {
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

/** Disputes too: who refunds a payment that is disputed may lose it twice, and PayPal tells some of these refunds as both. */
const isMoreGone = (captured: Money, ...gone: readonly bigint[]): boolean =>
  gone.reduce((sum, minor) => sum + minor) > captured.minor;

/** What a canceled payment told as a refund was a release: nothing had been paid. */
const isOnlyReleased = (status: PaymentStatus, captured: bigint): boolean => status === 'canceled' && captured === 0n;

/** What a dispute cost says nothing of what the payment did. */
const isOwnFeeKnown = (events: readonly PaymentChangeEvent[]): boolean =>
  events.some((event) => isState(event) && event.fee !== null);

const netOf = (
  unit: Unit,
  events: readonly PaymentChangeEvent[],
  fees: readonly Money[],
  received: bigint,
): Money | null =>
  !isOwnFeeKnown(events) || fees.some(({ currency }) => currency !== unit.currency)
    ? null
    : moneyIn(unit, received - sumIn(unit, fees, (fee) => fee));

const sumsOf = (
  events: readonly PaymentChangeEvent[],
  { status, amount, captured }: PaymentSummary,
  disputes: readonly PaymentDispute[],
  fees: readonly Money[],
): Sums => {
  const flags = flagsOfStates(events, disputes);
  if (captured === null) return { ...NO_SUMS, flags };
  const unit: Unit = captured;
  const { refunded: toldAsRefunded, refundPending, takenBack, refunds } = returnedOf(unit, events);
  const refunded = isOnlyReleased(status, captured.minor) ? 0n : toldAsRefunded;
  const disputed = disputedOf(unit, disputes);
  const reversed = beyondDisputes(takenBack, disputed.minor);
  if (isMoreGone(captured, refunded, reversed, disputed.minor)) flags.push('refunded_more_than_captured');
  if (amount !== null && captured.minor > amount.minor) flags.push('captured_more_than_asked');
  if (hasForeignAmount(unit, events)) flags.push('currencies_mixed');
  return {
    refunded: moneyIn(unit, refunded),
    refundPending: moneyIn(unit, refundPending),
    reversed: moneyIn(unit, reversed),
    disputed,
    net: netOf(unit, events, fees, captured.minor - refunded - reversed - disputed.minor),
    refunds,
    flags: flags.sort(),
  };
};

/** `told` is sorted by `compareByTime`, has each event once, and at least one. */
export const viewPayment = (told: SortedEvents): PaymentView => {
  const events = withRefundsDecided(told);
  const summary = summarize(events);
  const history = historyOf(events);
  const firstEvent = history[0];
  const lastEvent = history.at(-1);
  if (firstEvent === undefined || lastEvent === undefined) throw new TypeError('a payment has at least one event');
  const disputes = disputesOf(events);
  const fees = feesOf(events);
  const sums = sumsOf(events, summary, disputes, fees);
  return {
    ...summary,
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
