/**
 * Stripe's list of events: `GET /v1/events`, newest first, thirty days, also as an account that is connected to ours
 * (`Stripe-Account`); its thin events are another list. https://docs.stripe.com/api/events/list
 */
import { LIMITS } from '../../core/limits.ts';
import type { ApiAnswer } from '../../core/ports/call-api.ts';
import type { EventSource, ListOutcome, ListRequest, ProviderEvents } from '../../core/ports/provider-events.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { DAY_MS, SECOND_MS } from '../../core/time.ts';
import {
  type EventsApi,
  findOutcomeOf,
  listedEvent,
  listOutcomeOf,
  NOT_UNDERSTOOD,
  type OpenEventsInput,
  objectsListed,
} from '../events-api.ts';
import { pathPartOf } from '../path-part.ts';
import { wholeTextOf } from '../read-fields.ts';
import { presentOf } from './object-event.ts';
import { API_VERSION, thinEventsOf } from './thin-events-api.ts';

export const STRIPE_API_URL = 'https://api.stripe.com';

/** A restricted key is enough; a secret key may do far more. */
const CREDENTIAL = /^(?:rk|sk)_(live|test)_[A-Za-z0-9]{10,250}$/;
const ACCOUNT = /^acct_[A-Za-z0-9]{1,100}$/;

const modeOfCredential = (value: string): 'live' | 'test' => (CREDENTIAL.exec(value)?.[1] === 'live' ? 'live' : 'test');

interface Asked extends Pick<OpenEventsInput, 'call'> {
  readonly apiUrl: string;
  readonly key: string;
  readonly account: string | null;
}

const queryOf = ({ since, until, cursor }: ListRequest): string => {
  const query = new URLSearchParams({
    limit: String(LIMITS.listedEventsMax),
    'created[gte]': String(Math.floor(since / SECOND_MS)),
    'created[lt]': String(Math.ceil(until / SECOND_MS)),
  });
  if (cursor !== null) query.set('starting_after', cursor);
  return query.toString();
};

/** Whoever asks as a connected account may be told its events without its name, which every delivery of them has. */
const withAccount = (event: JsonObject, account: string | null): JsonObject =>
  account === null || wholeTextOf(event.account) !== null ? event : { ...event, account };

const pageOf = (answer: JsonObject, account: string | null): ListOutcome => {
  const events = objectsListed(answer.data);
  if (events === null) return NOT_UNDERSTOOD;
  const last = wholeTextOf(events.at(-1)?.id);
  const hasMore = answer.has_more === true;
  if (hasMore && last === null) return NOT_UNDERSTOOD;
  return {
    outcome: 'page',
    events: events.map((event) => listedEvent(withAccount(event, account))),
    next: hasMore ? last : null,
  };
};

const eventsOf = ({ call, apiUrl, key, account }: Asked): ProviderEvents => {
  const isLive = modeOfCredential(key) === 'live';
  const headers = { authorization: `Bearer ${key}`, ...(account === null ? {} : { 'stripe-account': account }) };
  const get = (path: string): Promise<ApiAnswer> => call({ method: 'GET', url: `${apiUrl}/v1/events${path}`, headers });
  return {
    listedForMs: 30 * DAY_MS,
    async list(request) {
      const answer = await get(`?${queryOf(request)}`);
      return listOutcomeOf(answer, request.cursor !== null, (listed) => pageOf(listed, account));
    },
    async find(eventId) {
      return findOutcomeOf(await get(`/${pathPartOf(eventId)}`), (event) => withAccount(event, account));
    },
    async get(path, context) {
      const inContext = context === null ? {} : { 'stripe-context': context };
      const request = { authorization: `Bearer ${key}`, 'stripe-version': API_VERSION, ...inContext };
      return findOutcomeOf(await call({ method: 'GET', url: `${apiUrl}${path}`, headers: request }));
    },
    present: presentOf({ call, apiUrl, key, isLive }),
  };
};

const open = (input: OpenEventsInput): readonly EventSource[] => {
  const { credentials, accounts, areThinListed = false, apiUrl = STRIPE_API_URL, call } = input;
  return credentials.flatMap((key, index) =>
    [null, ...accounts].flatMap((account): readonly EventSource[] => {
      const mode = modeOfCredential(key);
      const id = ['stripe', mode, ...(account === null ? [] : [account])].join(':');
      const shared = { provider: 'stripe', mode, credentialId: `stripe-api#${index + 1}` };
      const asked = { call, apiUrl, key, account };
      const named = account === null ? {} : { account };
      const snapshots: EventSource = { ...shared, ...named, id, events: eventsOf(asked) };
      return areThinListed ? [snapshots, { ...shared, id: `${id}:thin`, events: thinEventsOf(asked) }] : [snapshots];
    }),
  );
};

export const stripeEventsApi: EventsApi = {
  provider: 'stripe',
  credentialVariable: 'PAYHOOK_STRIPE_API_CREDENTIALS',
  checkCredential: (value) =>
    CREDENTIAL.test(value) ? null : 'is not a restricted key (rk_live_… or rk_test_…) or a secret key of Stripe',
  modeOfCredential,
  isAccount: (value) => ACCOUNT.test(value),
  open,
};
