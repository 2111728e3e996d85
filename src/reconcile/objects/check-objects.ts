/**
 * Compares what a provider holds with what is known here, object by object: payments, refunds, disputes and payouts of a time.
 * It reads and reports; nothing is stored, and no state is ever changed by what it finds.
 */
import { LIMITS } from '../../core/limits.ts';
import type { ConfiguredProvider } from '../../core/ports/provider.ts';
import type { ListedEvent, ListOutcome, ListRequest } from '../../core/ports/provider-events.ts';
import type { ObjectKind, ObjectList, ObjectSource } from '../../core/ports/provider-objects.ts';
import type { Span } from '../../core/ports/reconcile-checkpoints.ts';
import type { Actor, EpochMs } from '../../core/webhook.ts';
import type { PaymentView } from '../../payments/payment.ts';
import type { PaymentEvent } from '../../payments/payment-event.ts';
import type { PaymentStore } from '../../payments/payment-store.ts';
import { identifyListed } from '../../receive/recover-event.ts';
import { eventsIn } from '../compare-meaning.ts';
import { type Compared, compareObject } from './compare-object.ts';
import { addPage, type ComparedObject, type ListEnd, type ListReport, nothingListed } from './object-report.ts';
import { createPayoutHere, type PayoutHere, type PayoutsHereDeps } from './payouts-here.ts';
import { findUnlistedPayments } from './unlisted-payments.ts';

export interface CheckObjectsDeps extends PayoutsHereDeps {
  readonly payments: Pick<PaymentStore, 'find' | 'list'>;
  readonly now: () => EpochMs;
  /** How long what is known here is kept. */
  readonly retentionMs: number;
  /** Resolves after this time. */
  readonly wait: (ms: number) => Promise<void>;
}

export interface CheckInput {
  readonly configured: ConfiguredProvider;
  readonly source: ObjectSource;
  readonly since: EpochMs;
  /** Told after each page. @default nobody */
  readonly onPage?: (report: ListReport) => void;
}

/** Of a payment here that is told of for the first time when its buyer pays; the provider counts from when it was begun. */
const beginsBefore = ({ kind }: ObjectList): number => (kind === 'payment' ? LIMITS.objectBegunBeforeMs : 0);

/** What is made now may be told of in the next minutes. */
const spanOf = (list: ObjectList, since: EpochMs, now: EpochMs, retentionMs: number): Span => ({
  since: Math.max(since, now - Math.min(list.listedForMs, retentionMs) + LIMITS.reconcileMarginMs),
  until: now - Math.max(LIMITS.reconcileSettleMs, list.listedAfterMs),
});

/** One report for each list, and one for what is paid here and in none of them. Throws what the ports of the home throw. */
export const createCheckObjects =
  (deps: CheckObjectsDeps) =>
  async (input: CheckInput): Promise<readonly ListReport[]> => {
    const seen = new Set<string>();
    const reports: ListReport[] = [];
    for (const list of input.source.lists) reports.push(await checkList(deps, input, list, seen));
    const kinds = new Map(input.source.lists.map(({ name, kind }) => [name, kind]));
    const ofPayments = reports.filter(({ list }) => kinds.get(list) === 'payment');
    // What was not listed because the list broke is not missing there.
    if (ofPayments.length === 0 || ofPayments.some(({ end }) => end.outcome !== 'complete')) return reports;
    const span = {
      since: Math.max(...ofPayments.map(({ span: { since } }) => since)),
      until: Math.min(...ofPayments.map(({ span: { until } }) => until)),
    };
    return [...reports, await findUnlistedPayments(deps.payments, input.source, span, seen)];
  };

const checkList = async (
  deps: CheckObjectsDeps,
  input: CheckInput,
  list: ObjectList,
  seen: Set<string>,
): Promise<ListReport> => {
  const { source, onPage } = input;
  const span = spanOf(list, input.since, deps.now(), deps.retentionMs);
  let report = nothingListed({ provider: source.provider, source: source.id, list: list.name, span });
  if (span.since >= span.until) return report;
  const compare = createCompareListed(deps, input, list, span, seen);
  const asked = { since: span.since - beginsBefore(list), until: span.until };
  let cursor: string | null = null;
  for (let page = 0; page < LIMITS.reconcilePagesMax; page += 1) {
    const listed: ListOutcome = await ask(deps, list, { ...asked, cursor });
    if (listed.outcome !== 'page') return { ...report, end: endOf(listed) };
    report = addPage(report, await compareAll(compare, listed.events));
    onPage?.(report);
    if (listed.next === null) return report;
    if (listed.next === cursor) return { ...report, end: { outcome: 'unavailable', reason: 'cursor_not_usable' } };
    cursor = listed.next;
  }
  return { ...report, end: { outcome: 'too_many_pages' } };
};

/** Keeps to what the provider asks for, for as long as a person waits. */
const ask = async ({ wait }: CheckObjectsDeps, list: ObjectList, request: ListRequest): Promise<ListOutcome> => {
  for (let tried = 1; ; tried += 1) {
    const outcome = await list.list(request);
    const ms = waitMsOf(outcome, tried);
    if (ms === null || tried === LIMITS.objectTriesMax || ms > LIMITS.objectWaitMsMax) return outcome;
    await wait(ms);
  }
};

/** Null where another try would not help. */
const waitMsOf = (outcome: ListOutcome, tried: number): number | null => {
  switch (outcome.outcome) {
    case 'rate_limited':
      return outcome.retryAfterMs ?? LIMITS.objectRestMs * 2 ** tried;
    case 'unavailable':
      return LIMITS.objectRestMs * 2 ** tried;
    case 'page':
    case 'credential_refused':
    case 'cursor_refused':
      return null;
    default:
      return outcome satisfies never;
  }
};

const endOf = (listed: Exclude<ListOutcome, { readonly outcome: 'page' }>): ListEnd =>
  listed.outcome === 'cursor_refused' ? { outcome: 'unavailable', reason: 'cursor_refused' } : listed;

type CompareListed = (listed: ListedEvent) => Promise<ComparedObject>;

/** A few at a time: receiving comes first. */
const compareAll = async (compare: CompareListed, events: readonly ListedEvent[]) => {
  const found: ComparedObject[] = [];
  for (let at = 0; at < events.length; at += LIMITS.reconcileConcurrencyMax) {
    found.push(...(await Promise.all(events.slice(at, at + LIMITS.reconcileConcurrencyMax).map(compare))));
  }
  return found;
};

/** Nothing is stored, so nobody is told to have done it. */
const NOBODY: Actor = { type: 'component', id: 'reconciler' };

interface ComparedEvent {
  readonly event: PaymentEvent;
  readonly compared: Compared;
  readonly paymentId: string | null;
}

/** A list may have several kinds in it. */
const kindOf = (event: PaymentEvent): ObjectKind => {
  if ('refundId' in event) return 'refund';
  if ('disputeId' in event) return 'dispute';
  return 'payoutId' in event ? 'payout' : 'payment';
};

const createCompareListed = (
  deps: CheckObjectsDeps,
  { configured, source, since }: CheckInput,
  list: ObjectList,
  span: Span,
  seen: Set<string>,
): CompareListed => {
  let payoutHere: PayoutHere | undefined;

  const compareEvent = async (event: PaymentEvent): Promise<ComparedEvent> => {
    const payments = await paymentsOf(deps, source, event);
    for (const { paymentId } of payments) if (list.kind === 'payment') seen.add(paymentId);
    if (!('payoutId' in event)) {
      return { event, compared: compareObject(event, payments, undefined), paymentId: payments[0]?.paymentId ?? null };
    }
    const { provider, mode } = source;
    payoutHere ??= createPayoutHere(deps, { provider, mode, since: Math.min(since, span.since) }, event.providerType);
    return { event, compared: compareObject(event, [], await payoutHere(event.payoutId)), paymentId: null };
  };

  return async (listed) => {
    const identity = identifyListed({ configured, source, listed, recoveredBy: NOBODY, at: deps.now(), traceId: '' });
    if (identity.outcome === 'unreadable') return 'not_compared';
    const { event: said, key } = identity.identified;
    if (said.mode !== source.mode) return 'not_compared';
    const webhook = { ...said, ...key, provider: source.provider };
    const events = eventsIn(deps.mapping, webhook, listed.body);
    // One that says nothing of money, such as a try that failed, is the same on both sides.
    if (typeof events === 'string') return events === 'informational' ? 'same' : 'not_compared';
    const all = await Promise.all(events.map(compareEvent));
    if (said.eventAt !== null && said.eventAt < span.since) return 'outside';
    const differs = all.find(({ compared }) => compared.outcome === 'differs');
    if (differs === undefined)
      return all.every(({ compared }) => compared.outcome === 'same') ? 'same' : 'not_compared';
    const { event, compared, paymentId } = differs;
    if (compared.outcome !== 'differs') return 'same';
    const { difference, listed: there, here } = compared;
    const of = { provider: source.provider, source: source.id, list: list.name, kind: kindOf(event) };
    const objectId = said.objectId ?? key.webhookId;
    return { ...of, objectId, paymentId, at: said.eventAt, difference, listed: there, here };
  };
};

/** By the first of its names that leads somewhere: each payment is found under all of its names. */
const paymentsOf = async (
  { payments }: CheckObjectsDeps,
  { provider, mode }: ObjectSource,
  event: PaymentEvent,
): Promise<readonly PaymentView[]> => {
  if (!('paymentNames' in event)) return [];
  for (const { id } of event.paymentNames) {
    const found = (await payments.find(id)).map(({ payment }) => payment);
    const ours = found.filter((one) => one.provider === provider && (one.mode === mode || one.mode === 'unknown'));
    if (ours.length > 0) return ours;
  }
  return [];
};
