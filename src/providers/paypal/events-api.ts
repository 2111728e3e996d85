/**
 * PayPal's list of events: `GET /v1/notifications/webhooks-events`, newest first, of all webhooks of the application that the
 * credential is of; and one of them, `…/{id}`. How long an event is listed PayPal does not say; it is taken to be thirty days.
 * https://developer.paypal.com/docs/api/webhooks/v1/#webhooks-events_list
 */
import { LIMITS } from '../../core/limits.ts';
import type { ListOutcome, ListRequest, ProviderEvents } from '../../core/ports/provider-events.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { DAY_MS, SECOND_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';
import {
  type EventsApi,
  findOutcomeOf,
  listedEvent,
  listOutcomeOf,
  NOT_UNDERSTOOD,
  objectsListed,
  openEach,
} from '../events-api.ts';
import { pathPartOf } from '../path-part.ts';
import { objectsOf, wholeTextOf } from '../read-fields.ts';
import { type AuthorizedCall, createAuthorizedCall } from './authorized-call.ts';
import { presentOf } from './object-event.ts';

export const PAYPAL_API_URLS = { live: 'https://api-m.paypal.com', test: 'https://api-m.sandbox.paypal.com' } as const;
const EVENTS_PATH = '/v1/notifications/webhooks-events';

/** Client id and client secret of a REST app. */
const CREDENTIAL = /^(live|test):([A-Za-z0-9_-]{10,128}):([A-Za-z0-9_-]{10,128})$/;

/** PayPal's times have no fractions. */
export const timeText = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

const firstPath = ({ since, until }: ListRequest): string => {
  const query = new URLSearchParams({
    page_size: String(LIMITS.listedEventsMax),
    start_time: timeText(since),
    end_time: timeText(Math.ceil(until / SECOND_MS) * SECOND_MS),
  });
  return `${EVENTS_PATH}?${query}`;
};

/**
 * The path behind which the list goes on. The link names a host of PayPal's, which need not be the one that we ask; the token
 * goes to ours alone, and to this path.
 */
export const nextPathIn = (answer: JsonObject, path: string): string | null | undefined => {
  const link = objectsOf(answer.links).find(({ rel }) => rel === 'next');
  if (link === undefined) return null;
  const href = wholeTextOf(link.href);
  const url = href === null ? null : URL.parse(href);
  const isOurs = url !== null && url.pathname.replace(/\/$/, '') === path;
  return isOurs ? `${path}${url.search}` : undefined;
};

const pageOf = (answer: JsonObject): ListOutcome => {
  const events = answer.events === undefined ? [] : objectsListed(answer.events);
  if (events === null) return NOT_UNDERSTOOD;
  const next = nextPathIn(answer, EVENTS_PATH);
  if (next === undefined) return NOT_UNDERSTOOD;
  // Its last page may have a link that leads to itself.
  return { outcome: 'page', events: events.map(listedEvent), next: events.length === 0 ? null : next };
};

const eventsOf = (call: AuthorizedCall): ProviderEvents => ({
  listedForMs: 30 * DAY_MS,
  async list(request) {
    const answer = await call({ method: 'GET', path: request.cursor ?? firstPath(request) });
    return listOutcomeOf(answer, request.cursor !== null, pageOf);
  },
  async find(eventId) {
    return findOutcomeOf(await call({ method: 'GET', path: `${EVENTS_PATH}/${pathPartOf(eventId)}` }));
  },
  present: presentOf(call),
});

/** Without the mode before it. */
export const secretPartOf = (credential: string): string => credential.replace(/^[a-z]+:/, '');

const modeOfCredential = (value: string): 'live' | 'test' => (CREDENTIAL.exec(value)?.[1] === 'live' ? 'live' : 'test');

export const paypalEventsApi: EventsApi = {
  provider: 'paypal',
  credentialVariable: 'PAYHOOK_PAYPAL_API_CREDENTIALS',
  checkCredential: (value) =>
    CREDENTIAL.test(value) ? null : 'is not live: or test:, the client id of a REST app, a colon and its client secret',
  modeOfCredential,
  isAccount: () => false,
  open: (input) =>
    openEach(paypalEventsApi, PAYPAL_API_URLS, input, (source, apiUrl, credential) => ({
      ...source,
      events: eventsOf(createAuthorizedCall(input, apiUrl, secretPartOf(credential))),
    })),
};
