/**
 * PayPal's list of events: `GET /v1/notifications/webhooks-events`, newest first, of all webhooks of the application that the
 * credential is of. How long an event is listed PayPal does not say; it is taken to be thirty days.
 * https://developer.paypal.com/docs/api/webhooks/v1/#webhooks-events_list
 */
import { LIMITS } from '../../core/limits.ts';
import type { ApiAnswer } from '../../core/ports/call-api.ts';
import type { ListOutcome, ListRequest, ProviderEvents } from '../../core/ports/provider-events.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';
import {
  type EventsApi,
  listedEvent,
  listOutcomeOf,
  NOT_UNDERSTOOD,
  type OpenEventsInput,
  objectOfAnswer,
  objectsListed,
  openEach,
  refusalOf,
} from '../events-api.ts';
import { objectsOf, wholeTextOf } from '../read-fields.ts';

const API_URLS = { live: 'https://api-m.paypal.com', test: 'https://api-m.sandbox.paypal.com' } as const;
const EVENTS_PATH = '/v1/notifications/webhooks-events';

/** Client id and client secret of a REST app. */
const CREDENTIAL = /^(live|test):([A-Za-z0-9_-]{10,128}):([A-Za-z0-9_-]{10,128})$/;

/** A token is not used in its last minute, and what is said to be valid for weeks is asked for again within a day. */
const TOKEN_MARGIN_MS = MINUTE_MS;
const TOKEN_MS_MAX = DAY_MS;

type TokenOutcome =
  | { readonly outcome: 'token'; readonly token: string }
  | Exclude<ListOutcome, { readonly outcome: 'page' | 'cursor_refused' }>;

/** PayPal's times have no fractions. */
const timeText = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

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
const nextPathOf = (answer: JsonObject): string | null | undefined => {
  const link = objectsOf(answer.links).find(({ rel }) => rel === 'next');
  if (link === undefined) return null;
  const href = wholeTextOf(link.href);
  const url = href === null ? null : URL.parse(href);
  const isOurs = url !== null && url.pathname.replace(/\/$/, '') === EVENTS_PATH;
  return isOurs ? `${EVENTS_PATH}${url.search}` : undefined;
};

const pageOf = (answer: JsonObject): ListOutcome => {
  const events = answer.events === undefined ? [] : objectsListed(answer.events);
  if (events === null) return NOT_UNDERSTOOD;
  const next = nextPathOf(answer);
  if (next === undefined) return NOT_UNDERSTOOD;
  // Its last page may have a link that leads to itself.
  return { outcome: 'page', events: events.map(listedEvent), next: events.length === 0 ? null : next };
};

const createTokens = ({ call, clock }: OpenEventsInput, apiUrl: string, credential: string) => {
  let known: { readonly token: string; readonly until: EpochMs } | undefined;
  return {
    forget: (): void => {
      known = undefined;
    },
    async get(): Promise<TokenOutcome> {
      if (known !== undefined && clock.now() < known.until) return { outcome: 'token', token: known.token };
      const answer = await call({
        method: 'POST',
        url: `${apiUrl}/v1/oauth2/token`,
        headers: {
          authorization: `Basic ${Buffer.from(credential).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=client_credentials',
      });
      if (answer.outcome !== 'answered' || answer.status !== 200) return tokenRefusalOf(answer);
      const { access_token: value, expires_in: seconds } = objectOfAnswer(answer.body) ?? {};
      const token = wholeTextOf(value);
      if (token === null || !/^[\x21-\x7e]+$/.test(token))
        return { outcome: 'unavailable', reason: 'answer_not_understood' };
      const ms = typeof seconds === 'number' ? seconds * SECOND_MS : 0;
      known = { token, until: clock.now() + Math.min(ms, TOKEN_MS_MAX) - TOKEN_MARGIN_MS };
      return { outcome: 'token', token };
    },
  };
};

const tokenRefusalOf = (answer: ApiAnswer): TokenOutcome => {
  const refusal = refusalOf(answer, false);
  return refusal.outcome === 'page' || refusal.outcome === 'cursor_refused'
    ? { outcome: 'unavailable', reason: 'answer_not_understood' }
    : refusal;
};

const eventsOf = (input: OpenEventsInput, apiUrl: string, credential: string): ProviderEvents => {
  const tokens = createTokens(input, apiUrl, credential);
  const list = async (request: ListRequest, isAgain: boolean): Promise<ListOutcome> => {
    const got = await tokens.get();
    if (got.outcome !== 'token') return got;
    const answer = await input.call({
      method: 'GET',
      url: `${apiUrl}${request.cursor ?? firstPath(request)}`,
      headers: { authorization: `Bearer ${got.token}` },
    });
    // A token may be taken back before its time.
    if (answer.outcome === 'answered' && answer.status === 401 && !isAgain) {
      tokens.forget();
      return list(request, true);
    }
    return listOutcomeOf(answer, request.cursor !== null, pageOf);
  };
  return { listedForMs: 30 * DAY_MS, list: (request) => list(request, false) };
};

const modeOfCredential = (value: string): 'live' | 'test' => (CREDENTIAL.exec(value)?.[1] === 'live' ? 'live' : 'test');

export const paypalEventsApi: EventsApi = {
  provider: 'paypal',
  credentialVariable: 'PAYHOOK_PAYPAL_API_CREDENTIALS',
  checkCredential: (value) =>
    CREDENTIAL.test(value) ? null : 'is not live: or test:, the client id of a REST app, a colon and its client secret',
  modeOfCredential,
  isAccount: () => false,
  open: (input) =>
    openEach(paypalEventsApi, API_URLS, input, (apiUrl, credential) =>
      eventsOf(input, apiUrl, credential.replace(/^[a-z]+:/, '')),
    ),
};
