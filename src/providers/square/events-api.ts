/**
 * Square's list of events: `POST /v2/events`, 28 days, of an application that has it enabled (`PUT /v2/events/enable`): else it
 * is empty.
 * https://developer.squareup.com/reference/square/events-api
 */
import { LIMITS } from '../../core/limits.ts';
import type { ListOutcome, ListRequest, ProviderEvents } from '../../core/ports/provider-events.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { DAY_MS } from '../../core/time.ts';
import {
  type EventsApi,
  listedEvent,
  listOutcomeOf,
  NOT_UNDERSTOOD,
  type OpenEventsInput,
  objectsListed,
  openEach,
  refusalOf,
} from '../events-api.ts';
import { wholeTextOf } from '../read-fields.ts';
import { readModeSecret } from '../secret-label.ts';
import { presentOf } from './object-event.ts';

export const SQUARE_API_URLS = {
  live: 'https://connect.squareup.com',
  test: 'https://connect.squareupsandbox.com',
} as const;

const CREDENTIAL = /^(?:live|test):[A-Za-z0-9_-]{20,255}$/;

/** Each page asks for the same window again: a cursor alone is not enough. */
const bodyOf = ({ since, until, cursor }: ListRequest): string =>
  JSON.stringify({
    ...(cursor === null ? {} : { cursor }),
    limit: LIMITS.listedEventsMax,
    query: {
      filter: { created_at: { start_at: new Date(since).toISOString(), end_at: new Date(until).toISOString() } },
      sort: { field: 'DEFAULT', order: 'ASC' },
    },
  });

/** Without events there is no `events` in it. */
const pageOf = (answer: JsonObject): ListOutcome => {
  const events = answer.events === undefined ? [] : objectsListed(answer.events);
  if (events === null) return NOT_UNDERSTOOD;
  return { outcome: 'page', events: events.map(listedEvent), next: wholeTextOf(answer.cursor) };
};

const eventsOf = ({ call }: OpenEventsInput, apiUrl: string, token: string): ProviderEvents => ({
  listedForMs: 28 * DAY_MS,
  async list(request) {
    const answer = await call({
      method: 'POST',
      url: `${apiUrl}/v2/events`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: bodyOf(request),
    });
    return listOutcomeOf(answer, request.cursor !== null, pageOf);
  },
  async enable() {
    const answer = await call({
      method: 'PUT',
      url: `${apiUrl}/v2/events/enable`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{}',
    });
    return answer.outcome === 'answered' && answer.status === 200 ? { outcome: 'enabled' } : refusalOf(answer);
  },
  present: presentOf(call, apiUrl, token),
});

const modeOfCredential = (value: string): 'live' | 'test' => (readModeSecret(value).label === 'live' ? 'live' : 'test');

export const squareEventsApi: EventsApi = {
  provider: 'square',
  credentialVariable: 'PAYHOOK_SQUARE_API_CREDENTIALS',
  checkCredential: (value) =>
    CREDENTIAL.test(value) ? null : 'is not live: or test: and the access token of an application of Square',
  modeOfCredential,
  isAccount: () => false,
  open: (input) =>
    openEach(squareEventsApi, SQUARE_API_URLS, input, (source, apiUrl, credential) => ({
      ...source,
      events: eventsOf(input, apiUrl, readModeSecret(credential).value),
    })),
};
