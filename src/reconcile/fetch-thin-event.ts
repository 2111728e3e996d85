/**
 * Gets what a thin event names: the event with its data, and its object as it is now. For handlers that are called with the
 * webhook; a payment does not change by it, for what is fetched is not of when the event happened.
 */
import type { Fetching } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import { type JsonValue, readJson } from '../core/read-json.ts';
import type { Webhook } from '../core/webhook.ts';
import type { FetchNeeded } from '../payments/map-webhook.ts';
import { type AskApiDeps, createAskApi, notNow } from './ask-api.ts';

export interface FetchThinEventDeps extends AskApiDeps {
  /** Providers of which thin events are fetched. */
  readonly toFetch: readonly string[];
}

export type FetchThinEvent = (webhook: Webhook, needed: FetchNeeded) => Promise<Fetching>;

/** Returns `fetch(webhook, needed)`; undefined where nothing is fetched. Throws what `sourcesOf` throws. */
export const createFetchThinEvent = (deps: FetchThinEventDeps): FetchThinEvent | undefined => {
  const wanted = new Set(deps.toFetch);
  if (wanted.size === 0) return undefined;
  const askApi = createAskApi(deps);
  const known = createKnown();

  const getJson = async (webhook: Webhook, path: string): Promise<Got> => {
    const asked = await askApi({ what: 'fetch', webhook, ask: ({ events }) => events.get?.(path, webhook.account) });
    if (asked.outcome !== 'found') return asked;
    const read = readJson(asked.event.body);
    return read.outcome === 'read'
      ? { outcome: 'got', value: read.value }
      : notNow('fetch_unavailable', `the API answered with what cannot be read (${read.reason})`);
  };

  return async (webhook, { eventPath, object }) => {
    // What is simulated is nowhere.
    if (!wanted.has(webhook.provider) || webhook.isSimulated) return { outcome: 'not_wanted' };
    const before = known.of(webhook.webhookId);
    if (before !== undefined) return before;
    const event = await getJson(webhook, eventPath);
    if (event.outcome === 'not_found') {
      return notNow('fetch_not_found', `the API of ${webhook.provider} has nothing under ${eventPath}, or not yet`);
    }
    if (event.outcome !== 'got') return event;
    const got: Got = object === null ? { outcome: 'not_found' } : await getJson(webhook, object.path);
    if (got.outcome !== 'got' && got.outcome !== 'not_found') return got;
    // An object that is not there any more was deleted since.
    const fetched = { event: event.value, object: got.outcome === 'got' ? got.value : null };
    return known.keep(webhook.webhookId, { outcome: 'fetched', fetched });
  };
};

type Got =
  | { readonly outcome: 'got'; readonly value: JsonValue }
  | Exclude<Fetching, { readonly outcome: 'fetched' | 'not_wanted' }>
  | { readonly outcome: 'not_found' };

/** What was fetched last, for handlers that fail and are called again. */
const createKnown = () => {
  const known = new Map<string, Fetching>();
  return {
    of: (webhookId: string): Fetching | undefined => known.get(webhookId),
    keep(webhookId: string, fetching: Fetching): Fetching {
      known.set(webhookId, fetching);
      const [oldest] = known.keys();
      if (known.size > LIMITS.fetchedKeptMax && oldest !== undefined) known.delete(oldest);
      return fetching;
    },
  };
};
