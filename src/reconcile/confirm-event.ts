/**
 * Compares an event with what its provider's API says of it, before anything is done about its payment: for providers whose
 * signature does not bind what they deliver. Asked once for a webhook.
 */
import type { Confirmation } from '../core/effects.ts';
import type { ConfiguredProvider } from '../core/ports/provider.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Webhook } from '../core/webhook.ts';
import type { PaymentMapping } from '../payments/map-webhook.ts';
import type { WebhookToMap } from '../payments/mapping.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import { identifyListed } from '../receive/recover-event.ts';
import { type AskApiDeps, type AskOutcome, createAskApi, notNow } from './ask-api.ts';
import { RECONCILER } from './catch-up.ts';
import { eventsIn, textOfEvents } from './compare-meaning.ts';

export interface ConfirmEventDeps extends AskApiDeps {
  /** Of which what is delivered is compared with their API. */
  readonly toConfirm: readonly string[];
  /** The configured providers by name. */
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly mapping: PaymentMapping;
  readonly randomness: Pick<Randomness, 'id' | 'fraction'>;
}

export type ConfirmEvent = (webhook: Webhook, events: readonly PaymentEvent[]) => Promise<Confirmation>;

/** Returns `confirm(webhook, events)`; undefined where there is nothing to confirm. Throws what `sourcesOf` throws. */
export const createConfirmEvent = (deps: ConfirmEventDeps): ConfirmEvent | undefined => {
  const confirmed = new Set(deps.toConfirm);
  if (confirmed.size === 0) return undefined;
  const askApi = createAskApi(deps);

  return async (webhook, events) => {
    const { provider, effects, providerEventId } = webhook;
    // What was recovered came from the API, and what is simulated moves nothing.
    const isTrusted = webhook.origin !== undefined || webhook.isSimulated || effects.confirmedAt !== undefined;
    if (!confirmed.has(provider) || isTrusted || events.length === 0) return { outcome: 'not_needed' };
    const eventId = providerEventId ?? '';
    const asked = await askApi({ what: 'confirmation', webhook, ask: ({ events: api }) => api.find?.(eventId) });
    if (asked.outcome === 'not_found') {
      return notNow('confirmation_not_found', `the API of ${provider} knows of no event ${eventId}, or not yet`);
    }
    if (asked.outcome !== 'found') return asked;
    const difference = differenceOf(deps, webhook, events, asked);
    return difference === null
      ? { outcome: 'confirmed' }
      : { outcome: 'given_up', reason: 'not_confirmed', error: difference };
  };
};

/** Null when the API says the same: type, money, whose, and when. */
const differenceOf = (
  { providers, mapping, clock, randomness }: ConfirmEventDeps,
  webhook: Webhook,
  delivered: readonly PaymentEvent[],
  { source, event: listed }: AskOutcome & { readonly outcome: 'found' },
): string | null => {
  const configured = providers.get(webhook.provider);
  if (configured === undefined) throw new TypeError(`provider ${webhook.provider} is not configured`);
  const identity = identifyListed({
    configured,
    source,
    listed,
    recoveredBy: RECONCILER,
    at: clock.now(),
    traceId: randomness.id(),
  });
  if (identity.outcome === 'unreadable') return `what the API says of it is not understood (${identity.reason})`;
  // Masked as its delivery was: ids that look like card numbers are hashes in both.
  const { event, key, payload } = identity.guarded();
  if (event.providerEventId !== webhook.providerEventId) return 'the API answered with another event';
  const { webhookId, provider, isSimulated } = webhook;
  const asListed: WebhookToMap = { ...event, ...key, webhookId, provider, isSimulated };
  const events = eventsIn(mapping, asListed, payload);
  if (typeof events === 'string') return `its delivery says ${textOfEvents(delivered)}; the API gives ${events}`;
  if (factsOf(events) === factsOf(delivered)) return null;
  return `its delivery says ${textOfEvents(delivered)}; the API says ${textOfEvents(events)}: it may be forged, and nothing was done about it`;
};

/** All that events say, in whole seconds: an API may write a time without its fraction. */
const factsOf = (events: readonly PaymentEvent[]): string =>
  JSON.stringify(
    events.map(({ occurredAt, ordering, ...event }) => ({
      ...event,
      occurredAt: occurredAt === null ? null : Math.floor(occurredAt / SECOND_MS),
      ordering: ordering?.by === 'time' ? Math.floor(ordering.value / SECOND_MS) : ordering,
    })),
    (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );
