/**
 * Stripe's list of thin events: `GET /v2/core/events`, thirty days, also in the context of an account that is connected to ours
 * (`Stripe-Context`). https://docs.stripe.com/api/v2/core/events/list
 */
import { LIMITS } from '../../core/limits.ts';
import type { ApiAnswer, CallApi } from '../../core/ports/call-api.ts';
import type { ListOutcome, ListRequest, ProviderEvents } from '../../core/ports/provider-events.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { DAY_MS } from '../../core/time.ts';
import { findOutcomeOf, listedEvent, listOutcomeOf, NOT_UNDERSTOOD, objectsListed } from '../events-api.ts';
import { pathPartOf } from '../path-part.ts';
import { wholeTextOf } from '../read-fields.ts';

const EVENTS_PATH = '/v2/core/events';

/** Its newer API answers nobody who does not name a version. */
export const API_VERSION = '2026-07-29.dahlia';

export interface ThinEventsInput {
  readonly call: CallApi;
  readonly apiUrl: string;
  readonly key: string;
  /** Connected to the key's own; null for that. */
  readonly account: string | null;
}

const firstPath = ({ since, until }: ListRequest): string => {
  const query = new URLSearchParams({
    limit: String(LIMITS.listedEventsMax),
    'created[gte]': new Date(since).toISOString(),
    'created[lt]': new Date(until).toISOString(),
  });
  return `${EVENTS_PATH}?${query}`;
};

/** The address of the next page, with or without its host: the key goes to ours alone, and to this path. */
export const nextPathIn = ({ next_page_url: next }: JsonObject, path: string): string | null | undefined => {
  if (next === null || next === undefined) return null;
  const url = URL.parse(wholeTextOf(next) ?? '', 'https://api.stripe.com');
  return url?.pathname === path ? `${path}${url.search}` : undefined;
};

/** Deliveries of an account's event name it. */
const withContext = (event: JsonObject, account: string | null): JsonObject =>
  account === null || wholeTextOf(event.context) !== null ? event : { ...event, context: account };

export const thinEventsOf = ({ call, apiUrl, key, account }: ThinEventsInput): ProviderEvents => {
  const headers = {
    authorization: `Bearer ${key}`,
    'stripe-version': API_VERSION,
    ...(account === null ? {} : { 'stripe-context': account }),
  };
  const get = (path: string): Promise<ApiAnswer> => call({ method: 'GET', url: `${apiUrl}${path}`, headers });
  const pageOf = (answer: JsonObject): ListOutcome => {
    const events = objectsListed(answer.data);
    const next = nextPathIn(answer, EVENTS_PATH);
    if (events === null || next === undefined) return NOT_UNDERSTOOD;
    return { outcome: 'page', events: events.map((event) => listedEvent(withContext(event, account))), next };
  };
  return {
    listedForMs: 30 * DAY_MS,
    async list(request) {
      return listOutcomeOf(await get(request.cursor ?? firstPath(request)), request.cursor !== null, pageOf);
    },
    async find(eventId) {
      const answer = await get(`${EVENTS_PATH}/${pathPartOf(eventId)}`);
      return findOutcomeOf(answer, (event) => withContext(event, account));
    },
  };
};
