/** One listed event: is there a webhook of it, does it say the same, and if there is none, should there be one? */
import type { ConfiguredProvider } from '../core/ports/provider.ts';
import type { EventSource, ListedEvent } from '../core/ports/provider-events.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import type { Actor, EpochMs, Webhook } from '../core/webhook.ts';
import type { PaymentMapping } from '../payments/map-webhook.ts';
import type { WebhookToMap } from '../payments/mapping.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import type { StoreEventsDeps } from '../receive/receive.ts';
import { createRecoverEvent, type IdentifiedListed, identifyListed } from '../receive/recover-event.ts';
import { compareMeaning, eventsIn, type Finding } from './compare-meaning.ts';
import type { IsWanted } from './wanted-types.ts';

/** A webhook that no delivery brought, with its money. */
export interface MissingWebhook {
  readonly webhookId: string;
  readonly eventType: string;
  readonly eventAt: EpochMs;
  /** What it means; empty when it says nothing about payments. */
  readonly events: readonly PaymentEvent[];
}

export type SkipReason =
  /** Of a type that is not recovered. */
  | 'not_wanted'
  /** The credential is of the other mode than the event. */
  | 'other_mode'
  /** It names another account than the one that was asked for. */
  | 'other_account'
  /** Retention may have deleted what came of it: nobody can tell whether it was there. */
  | 'too_old'
  | 'time_unknown'
  | 'unreadable'
  | 'too_large';

export type EventOutcome =
  | { readonly outcome: 'present' }
  | { readonly outcome: 'differs'; readonly finding: Finding }
  /** Nothing was stored: only looking was asked for. */
  | { readonly outcome: 'missing'; readonly webhook: MissingWebhook }
  | { readonly outcome: 'recovered'; readonly webhook: MissingWebhook }
  | { readonly outcome: 'skipped'; readonly reason: SkipReason };

export interface ReconcileEventDeps extends StoreEventsDeps {
  readonly mapping: PaymentMapping;
  readonly isWanted: IsWanted;
  readonly newId: () => string;
  readonly now: () => EpochMs;
}

/** What holds for all events of a run. */
export interface EventRun {
  readonly configured: ConfiguredProvider;
  readonly source: EventSource;
  readonly recoveredBy: Actor;
  readonly isDryRun: boolean;
  /** Nothing older is recovered. */
  readonly earliest: EpochMs;
  /** What is older was compared by the run before. */
  readonly comparedUntil: EpochMs;
}

/** What became of a listed event, and when it happened as far as it says so. */
export interface Reconciled {
  readonly outcome: EventOutcome;
  readonly eventAt: EpochMs | null;
}

/** Safe to run again, and while deliveries come. Throws what the ports throw: the page is gone through again then. */
export const createReconcileEvent = (deps: ReconcileEventDeps) => {
  const recover = createRecoverEvent(deps);
  const oneByOne = createOneByOne();

  const ofMissing = async (run: EventRun, listed: IdentifiedListed, eventAt: EpochMs): Promise<EventOutcome> => {
    const webhook = missingWebhookOf(deps.mapping, listed, eventAt);
    if (run.isDryRun) return { outcome: 'missing', webhook };
    const outcome = await recover(listed);
    switch (outcome.outcome) {
      case 'accepted':
        return { outcome: 'recovered', webhook };
      // A delivery was quicker.
      case 'duplicate':
        return { outcome: 'present' };
      case 'too_large':
        return { outcome: 'skipped', reason: 'too_large' };
      case 'rejected':
      case 'unavailable':
      case 'provider_unknown':
        // Of deliveries only: nothing is verified here.
        throw new TypeError(`a listed event was ${outcome.outcome}`);
      default:
        return outcome satisfies never;
    }
  };

  const ofIdentified = async (
    run: EventRun,
    listed: ListedEvent,
    identity: IdentifiedListed,
  ): Promise<EventOutcome> => {
    const { event } = identity.identified;
    if (!deps.isWanted(event.eventType)) return { outcome: 'skipped', reason: 'not_wanted' };
    if (event.mode !== run.source.mode) return { outcome: 'skipped', reason: 'other_mode' };
    if (isOfAnother(run.source, event.account)) return { outcome: 'skipped', reason: 'other_account' };
    if (event.eventAt === null) return { outcome: 'skipped', reason: 'time_unknown' };
    if (event.eventAt < run.earliest) return { outcome: 'skipped', reason: 'too_old' };
    const stored = await findStored(deps.store, identity);
    if (stored === undefined) return ofMissing(run, identity, event.eventAt);
    if (stored.origin !== undefined || event.eventAt < run.comparedUntil) return { outcome: 'present' };
    const finding = await compareMeaning(deps, stored, listed.body);
    return finding === null ? { outcome: 'present' } : { outcome: 'differs', finding };
  };

  return async (run: EventRun, listed: ListedEvent): Promise<Reconciled> => {
    const identity = identifyListed({ ...run, listed, at: deps.now(), traceId: deps.newId() });
    if (identity.outcome === 'unreadable')
      return { outcome: { outcome: 'skipped', reason: 'unreadable' }, eventAt: null };
    const { event, key } = identity.identified;
    const outcome = await oneByOne(key.webhookId, () => ofIdentified(run, listed, identity));
    return { outcome, eventAt: event.eventAt };
  };
};

/** What a list has twice is looked at one after the other: the second finds what came of the first, whatever time it says. */
const createOneByOne = () => {
  const last = new Map<string, Promise<unknown>>();
  return async <Result>(webhookId: string, work: () => Promise<Result>): Promise<Result> => {
    const before = last.get(webhookId);
    const turn = before === undefined ? work() : before.then(work, work);
    last.set(webhookId, turn);
    try {
      return await turn;
    } finally {
      if (last.get(webhookId) === turn) last.delete(webhookId);
    }
  };
};

const isOfAnother = ({ account: asked }: EventSource, account: string | null): boolean =>
  asked !== undefined && asked !== null && account !== null && account !== asked;

/** By its id alone: a provider may write the time of an event otherwise in its list. */
const findStored = async (
  store: Pick<WebhookStore, 'find'>,
  { identified, guarded }: IdentifiedListed,
): Promise<Webhook | undefined> => {
  const [found] = await store.find(identified.key.webhookId);
  if (found !== undefined) return found;
  // Only what is not there is worth the search for card data in it.
  const { webhookId } = guarded().key;
  return webhookId === identified.key.webhookId ? undefined : (await store.find(webhookId))[0];
};

const missingWebhookOf = (mapping: PaymentMapping, listed: IdentifiedListed, eventAt: EpochMs): MissingWebhook => {
  const { received } = listed;
  const { event, key } = listed.guarded();
  const webhook: WebhookToMap = { ...event, ...key, provider: received.provider.name };
  const events = eventsIn(mapping, webhook, received.delivery.body);
  return {
    webhookId: key.webhookId,
    eventType: event.eventType,
    eventAt,
    events: typeof events === 'string' ? [] : events,
  };
};
