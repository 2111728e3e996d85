/**
 * The lists of events of Stripe, PayPal and Square over HTTP, as their published references describe them: pages, order, how
 * they go on, what they keep for how long, one event by its id, how they refuse. Faults are put in by tests, one request each.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ApiAnswer, ApiRequest } from '../../src/core/ports/call-api.ts';
import { DAY_MS } from '../../src/core/time.ts';
import type { EpochMs } from '../../src/core/webhook.ts';
import { destinationsAnswer, endpointsAnswer, type FakeEndpoint } from './fake-endpoints.ts';
import { type Held, paypalObjects, squareObjects, stripeObjects } from './fake-objects.ts';

/** Something that happened, as the provider lists it. */
export interface Happened {
  readonly id: string;
  readonly at: EpochMs;
  /** JSON of the event. */
  readonly body: string;
  /** When it is in the list. @default at once */
  readonly listedFrom?: EpochMs;
  /** Of a connected account. @default the credential's own */
  readonly account?: string;
  /** In which of Stripe's lists it is. @default both */
  readonly isThin?: boolean;
}

export type ApiFault =
  | { readonly status: number; readonly retryAfter?: string; readonly body?: string }
  /** The connection ends before the answer does. */
  | 'dropped'
  /** No answer comes, for as long as whoever asks is there. */
  | 'hung'
  /** None: it is answered as if there were no faults. */
  | 'none';

export interface FakeApi {
  readonly happened: Happened[];
  /** What it lists besides events: payments and the like. */
  readonly held: Held[];
  /** What it delivers to. */
  readonly endpoints: FakeEndpoint[];
  /** Of Stripe: what it delivers to by its `/v2` alone. */
  readonly destinations: FakeEndpoint[];
  /** Of Stripe: what stands under which path, as JSON. */
  readonly objects: Map<string, string>;
  /** What the next requests are answered, in order. */
  readonly faults: ApiFault[];
  /** Lists nothing further when a page behind this many is asked for. */
  areCursorsForgotten: boolean;
  isCredentialRevoked: boolean;
  /** Of Square, which lists nothing else. @default true */
  isEnabled: boolean;
  readonly requests: () => number;
}

export interface FakeApis extends AsyncDisposable {
  readonly stripe: FakeApi;
  readonly paypal: FakeApi;
  readonly square: FakeApi;
  /** As settings `reconcile.apiUrls` have them. */
  readonly urls: Readonly<Record<'stripe' | 'paypal' | 'square', string>>;
}

export const API_CREDENTIALS = {
  stripe: 'rk_test_canaryofthestripekey',
  paypal: 'test:canary-client-id:canary-client-secret',
  square: 'test:EAAAcanary_of_the_square_token',
} as const;

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface ApiState extends FakeApi {
  count: number;
  tokens: number;
}

const createState = (): ApiState => {
  const state: ApiState = {
    happened: [],
    held: [],
    endpoints: [],
    destinations: [],
    objects: new Map(),
    faults: [],
    areCursorsForgotten: false,
    isCredentialRevoked: false,
    isEnabled: true,
    count: 0,
    tokens: 0,
    requests: () => state.count,
  };
  return state;
};

const json = (status: number, value: unknown): Answer => ({ status, body: JSON.stringify(value) });

/** The texts of the events stand in the list as they are: numbers keep their digits. */
const listText = (name: string, events: readonly Happened[], rest: object): string =>
  `{"${name}": [\n${events.map(({ body }) => body).join(',\n  ')}\n], ${JSON.stringify(rest).slice(1)}`;

const isListed = ({ at, listedFrom = at }: Happened, now: EpochMs, days: number): boolean =>
  at >= now - days * DAY_MS && listedFrom <= now;

/** In the window and listed by now, oldest first. */
const listedOf = (state: ApiState, now: EpochMs, days: number, since: EpochMs, until: EpochMs, account?: string) =>
  state.happened
    .filter((one) => one.account === account && one.at >= since && one.at < until && isListed(one, now, days))
    .toSorted((left, right) => left.at - right.at || (left.id < right.id ? -1 : 1));

/** One event of the list; undefined where there is none of this id, or not yet. */
const eventUnder = (state: ApiState, now: EpochMs, days: number, id: string | undefined, account?: string) =>
  state.happened.find((one) => one.id === id && one.account === account && isListed(one, now, days));

const stripe = (state: ApiState, asked: Asked, now: EpochMs): Answer => {
  const { url, headers } = asked;
  if (headers.authorization !== `Bearer ${API_CREDENTIALS.stripe}` || state.isCredentialRevoked)
    return json(401, { error: { type: 'invalid_request_error', message: 'Invalid API Key provided: rk_test_****' } });
  const account = headers['stripe-account'] as string | undefined;
  const id = /^\/v1\/events\/([^/]+)$/.exec(url.pathname)?.[1];
  if (id !== undefined) {
    const event = eventUnder(state, now, 30, decodeURIComponent(id), account);
    return event === undefined
      ? json(404, { error: { code: 'resource_missing', message: `No such event: '${id}'` } })
      : { status: 200, body: event.body };
  }
  const object = state.objects.get(url.pathname);
  if (object !== undefined) return { status: 200, body: object };
  if (url.pathname.startsWith('/v2/core/events')) return stripeThin(state, { url, headers }, now);
  if (url.pathname !== '/v1/events')
    return (
      stripeDestinations(state, asked) ??
      endpointsAnswer('stripe', state, asked) ??
      stripeObjects(state, asked, now) ??
      json(404, { error: { message: 'Unrecognized request URL' } })
    );
  const { searchParams } = url;
  const [since, until] = [searchParams.get('created[gte]'), searchParams.get('created[lt]')].map(Number);
  const limit = Number(searchParams.get('limit') ?? 10);
  if (limit < 1 || limit > 100) return json(400, { error: { message: 'limit' } });
  const events = listedOf(state, now, 30, (since ?? 0) * 1000, (until ?? 0) * 1000, account)
    .filter(({ isThin }) => isThin !== true)
    .reverse();
  const after = searchParams.get('starting_after');
  const at = after === null ? 0 : events.findIndex(({ id }) => id === after) + 1;
  if (after !== null && (at === 0 || state.areCursorsForgotten))
    return json(400, { error: { message: `No such event: ${after}` } });
  const page = events.slice(at, at + limit);
  return {
    status: 200,
    body: listText('data', page, { object: 'list', has_more: at + limit < events.length, url: '/v1/events' }),
  };
};

const stripeDestinations = (state: ApiState, asked: Asked): Answer | null =>
  asked.url.pathname.startsWith('/v2/') && asked.headers['stripe-version'] === undefined
    ? json(400, { error: { code: 'missing_version_header' } })
    : destinationsAnswer(state, asked);

const stripeThin = (state: ApiState, { url, headers }: Pick<Asked, 'url' | 'headers'>, now: EpochMs): Answer => {
  if (headers['stripe-version'] === undefined) return json(400, { error: { code: 'missing_version_header' } });
  const account = headers['stripe-context'] as string | undefined;
  const [, id] = url.pathname.split('/v2/core/events/');
  if (id !== undefined) {
    const event = eventUnder(state, now, 30, decodeURIComponent(id), account);
    return event === undefined ? json(404, { error: { code: 'not_found' } }) : { status: 200, body: event.body };
  }
  const { searchParams } = url;
  const token = searchParams.get('page');
  if (token !== null && state.areCursorsForgotten) return json(400, { error: { code: 'invalid_page_token' } });
  // A page token says all of it.
  const { from, since, until, limit } =
    token === null
      ? {
          from: 0,
          since: Date.parse(searchParams.get('created[gte]') ?? ''),
          until: Date.parse(searchParams.get('created[lt]') ?? ''),
          limit: Number(searchParams.get('limit') ?? 20),
        }
      : JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  const events = listedOf(state, now, 30, since, until, account)
    .filter(({ isThin }) => isThin !== false)
    .reverse();
  const next = Buffer.from(JSON.stringify({ from: from + limit, since, until, limit })).toString('base64url');
  const hasMore = from + limit < events.length;
  return {
    status: 200,
    body: listText('data', events.slice(from, from + limit), {
      next_page_url: hasMore ? `/v2/core/events?page=${next}` : null,
      previous_page_url: null,
    }),
  };
};

const paypal = (state: ApiState, asked: Asked, now: EpochMs): Answer => {
  const { method, url, headers, body } = asked;
  const basic = Buffer.from(API_CREDENTIALS.paypal.replace('test:', '')).toString('base64');
  if (method === 'POST' && url.pathname === '/v1/oauth2/token') {
    if (
      headers.authorization !== `Basic ${basic}` ||
      state.isCredentialRevoked ||
      body !== 'grant_type=client_credentials'
    )
      return json(401, { error: 'invalid_client', error_description: 'Client Authentication failed' });
    state.tokens += 1;
    return json(200, { access_token: `A21AA-canary-${state.tokens}`, token_type: 'Bearer', expires_in: 32_400 });
  }
  // Each that was given is good until it ends, however many are.
  const token = Number(/^Bearer A21AA-canary-(\d+)$/.exec(String(headers.authorization))?.[1] ?? 0);
  if (token < 1 || token > state.tokens || state.isCredentialRevoked)
    return json(401, { name: 'AUTHENTICATION_FAILURE' });
  const id = /^\/v1\/notifications\/webhooks-events\/([^/]+)$/.exec(url.pathname)?.[1];
  if (id !== undefined) {
    const event = eventUnder(state, now, 30, decodeURIComponent(id));
    return event === undefined
      ? json(404, { name: 'INVALID_RESOURCE_ID', message: 'The requested resource ID was not found.' })
      : { status: 200, body: event.body };
  }
  if (url.pathname.replace(/\/$/, '') !== '/v1/notifications/webhooks-events')
    return endpointsAnswer('paypal', state, asked) ?? paypalObjects(state, asked, now) ?? json(404, {});
  const { searchParams } = url;
  const [since, until] = [searchParams.get('start_time'), searchParams.get('end_time')].map((time) =>
    Date.parse(time ?? ''),
  );
  const size = Number(searchParams.get('page_size') ?? 10);
  const offset = Number(searchParams.get('offset') ?? 0);
  if (offset > 0 && state.areCursorsForgotten) return json(400, { name: 'INVALID_REQUEST' });
  const events = listedOf(state, now, 30, since ?? 0, (until ?? 0) + 1).reverse();
  const page = events.slice(offset, offset + size);
  const next = new URL(url);
  next.searchParams.set('offset', String(offset + size));
  next.searchParams.set('move_to', 'next');
  const links = [
    // Of another host than the one that was asked, with a slash that the first request had not.
    {
      href: `https://api.sandbox.paypal.com/v1/notifications/webhooks-events/${url.search}`,
      rel: 'self',
      method: 'GET',
    },
    ...(offset + size < events.length
      ? [
          {
            href: `https://api.sandbox.paypal.com/v1/notifications/webhooks-events/${next.search}`,
            rel: 'next',
            method: 'GET',
          },
        ]
      : []),
  ];
  return { status: 200, body: listText('events', page, { count: page.length, links }) };
};

const square = (state: ApiState, asked: Asked, now: EpochMs): Answer => {
  const { method, url, headers, body } = asked;
  if (headers.authorization !== `Bearer ${API_CREDENTIALS.square.replace('test:', '')}` || state.isCredentialRevoked)
    return json(401, { errors: [{ category: 'AUTHENTICATION_ERROR', code: 'UNAUTHORIZED' }] });
  if (method === 'PUT' && url.pathname === '/v2/events/enable') {
    state.isEnabled = true;
    return json(200, {});
  }
  if (method !== 'POST' || url.pathname !== '/v2/events')
    return (
      endpointsAnswer('square', state, asked) ??
      squareObjects(state, asked, now) ??
      json(404, { errors: [{ code: 'NOT_FOUND' }] })
    );
  if (!state.isEnabled) return json(200, {});
  const { cursor, limit = 100, query } = JSON.parse(body);
  if (limit < 1 || limit > 100) return json(400, { errors: [{ code: 'BAD_REQUEST' }] });
  const { start_at: since, end_at: until } = query.filter.created_at;
  const from = cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (cursor !== undefined && state.areCursorsForgotten) return json(400, { errors: [{ code: 'INVALID_CURSOR' }] });
  const events = listedOf(state, now, 28, Date.parse(since), Date.parse(until) + 1);
  const page = events.slice(from, from + limit);
  if (page.length === 0) return json(200, {});
  const metadata = page.map(({ id }) => ({ event_id: id, api_version: '2026-01-22' }));
  const next = from + limit < events.length ? { cursor: Buffer.from(String(from + limit)).toString('base64url') } : {};
  return { status: 200, body: listText('events', page, { metadata, ...next }) };
};

const APIS = { stripe, paypal, square } as const;
type Name = keyof typeof APIS;

/** One request to an empty list of it, without a network. */
export const answerAsked = async (name: Name, request: ApiRequest, now: EpochMs): Promise<ApiAnswer> => {
  const asked: Asked = { body: '', ...request, url: new URL(request.url) };
  const state = { ...createState(), tokens: request.url.endsWith('/token') ? 0 : 1 };
  const { status, body } = APIS[name](state, asked, now);
  return { outcome: 'answered', status, retryAfterMs: null, body: Buffer.from(body) };
};

/** `now` is the providers' clock. */
export const openFakeApis = async (now: () => EpochMs): Promise<FakeApis> => {
  const states = { stripe: createState(), paypal: createState(), square: createState() };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, name = '', ...path] = (request.url ?? '').split('/');
    const state = states[name as Name];
    state.count += 1;
    const body = await text(request);
    const fault = state.faults.shift();
    if (fault === 'hung') return;
    if (fault === 'dropped') {
      response.writeHead(200, { 'content-length': '1000' }).write('{"data": [');
      response.socket?.destroy();
      return;
    }
    if (fault !== undefined && fault !== 'none') {
      const date = new Date(now()).toUTCString();
      response.writeHead(fault.status, {
        date,
        ...(fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }),
      });
      response.end(fault.body ?? '{}');
      return;
    }
    const url = new URL(`http://api.test/${path.join('/')}`);
    const asked: Asked = { method: request.method ?? '', url, headers: request.headers, body };
    const { status, body: answered } = APIS[name as Name](state, asked, now());
    const date = new Date(now()).toUTCString();
    response.writeHead(status, { 'content-type': 'application/json', date }).end(answered);
  };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...states,
    urls: { stripe: `${at}/stripe`, paypal: `${at}/paypal`, square: `${at}/square` },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
