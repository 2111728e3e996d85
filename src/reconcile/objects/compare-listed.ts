/** One object as its provider lists it, against what is known of it here. */
import type { ConfiguredProvider } from '../../core/ports/provider.ts';
import type { ListedEvent } from '../../core/ports/provider-events.ts';
import type { ObjectKind, ObjectList, ObjectSource } from '../../core/ports/provider-objects.ts';
import type { Span } from '../../core/ports/reconcile-checkpoints.ts';
import type { Actor, EpochMs } from '../../core/webhook.ts';
import type { PaymentView } from '../../payments/payment.ts';
import type { PaymentEvent } from '../../payments/payment-event.ts';
import type { PaymentStore } from '../../payments/payment-store.ts';
import { identifyListed } from '../../receive/recover-event.ts';
import { eventsIn } from '../compare-meaning.ts';
import { type Compared, compareObject } from './compare-object.ts';
import type { ComparedObject, ObjectDifference } from './object-report.ts';
import { createPayoutHere, type PayoutHere, type PayoutsHereDeps } from './payouts-here.ts';

export interface CompareListedDeps extends PayoutsHereDeps {
  readonly payments: Pick<PaymentStore, 'find'>;
  readonly now: () => EpochMs;
}

export interface CompareListedInput {
  readonly configured: ConfiguredProvider;
  readonly source: ObjectSource;
  readonly list: Pick<ObjectList, 'name' | 'kind'>;
  /** Nothing is compared that was made before. */
  readonly since: EpochMs;
  /** Told of each payment here that the list names. */
  readonly onPayment: (paymentId: string) => void;
}

/** Of what was made in the span. Throws what the ports of the home throw. */
export type CompareListed = (listed: ListedEvent, span: Span) => Promise<ComparedObject>;

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

export const createCompareListed = (deps: CompareListedDeps, input: CompareListedInput): CompareListed => {
  const { configured, source, list, since, onPayment } = input;
  let payoutHere: PayoutHere | undefined;

  const compareEvent = async (event: PaymentEvent): Promise<ComparedEvent> => {
    const payments = await paymentsOf(deps, source, event);
    for (const { paymentId } of payments) if (list.kind === 'payment') onPayment(paymentId);
    if (!('payoutId' in event)) {
      return { event, compared: compareObject(event, payments, undefined), paymentId: payments[0]?.paymentId ?? null };
    }
    const { provider, mode } = source;
    payoutHere ??= createPayoutHere(deps, { provider, mode, since }, event.providerType);
    return { event, compared: compareObject(event, [], await payoutHere(event.payoutId)), paymentId: null };
  };

  return async (listed, span) => {
    const identity = identifyListed({ configured, source, listed, recoveredBy: NOBODY, at: deps.now(), traceId: '' });
    if (identity.outcome === 'unreadable') return 'not_compared';
    const { event: said, key } = identity.identified;
    if (said.mode !== source.mode) return 'not_compared';
    const webhook = { ...said, ...key, provider: source.provider };
    const events = eventsIn(deps.mapping, webhook, listed.body);
    const isOutside = said.eventAt !== null && (said.eventAt < span.since || said.eventAt >= span.until);
    // One that says nothing of money, such as a try that failed, is the same on both sides.
    if (typeof events === 'string') return isOutside ? 'outside' : events === 'informational' ? 'same' : 'not_compared';
    const all = await Promise.all(events.map(compareEvent));
    if (isOutside) return 'outside';
    const of = { provider: source.provider, source: source.id, list: list.name };
    return foundIn(all, { ...of, objectId: said.objectId ?? key.webhookId, at: said.eventAt });
  };
};

/** The first difference in what an object says. */
const foundIn = (
  all: readonly ComparedEvent[],
  of: Pick<ObjectDifference, 'provider' | 'source' | 'list' | 'objectId' | 'at'>,
): ComparedObject => {
  for (const { event, compared, paymentId } of all) {
    if (compared.outcome !== 'differs') continue;
    const { difference, listed, here } = compared;
    return { ...of, kind: kindOf(event), paymentId, difference, listed, here };
  }
  return all.every(({ compared }) => compared.outcome === 'same') ? 'same' : 'not_compared';
};

/** By the first of its names that leads somewhere: each payment is found under all of its names. */
const paymentsOf = async (
  { payments }: CompareListedDeps,
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
