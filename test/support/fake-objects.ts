/**
 * What Stripe, Square and PayPal hold, listed over HTTP as their published references describe it. Each answers what
 * `fake-apis.ts` has let in, and null for a path that it does not have.
 */
import { DAY_MS } from '../../src/core/time.ts';
import type { EpochMs } from '../../src/core/webhook.ts';

/** Something that a provider holds. */
export interface Held {
  /** As the provider names the list: `charges`, `payments`, `transactions`. */
  readonly list: string;
  readonly id: string;
  readonly at: EpochMs;
  /** JSON of the object. */
  readonly body: string;
  /** When it is in the list. @default at once */
  readonly listedFrom?: EpochMs;
  /** Of a connected account. @default the credential's own */
  readonly account?: string;
}

interface Asked {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Holding {
  readonly held: readonly Held[];
  readonly areCursorsForgotten: boolean;
}

const json = (status: number, value: unknown): Answer => ({ status, body: JSON.stringify(value) });

/** The texts of the objects stand in the list as they are: numbers keep their digits. */
const listText = (name: string, held: readonly string[], rest: object): string =>
  `{"${name}": [\n${held.join(',\n  ')}\n]${JSON.stringify(rest) === '{}' ? '}' : `, ${JSON.stringify(rest).slice(1)}`}`;

interface Wanted {
  readonly list: string;
  readonly since: EpochMs;
  readonly until: EpochMs;
  readonly days: number;
  readonly account?: string | undefined;
}

/** Newest first. */
const heldIn = ({ held }: Holding, now: EpochMs, { list, since, until, days, account }: Wanted): readonly Held[] =>
  held
    .filter((one) => one.list === list && one.account === account)
    .filter(({ at, listedFrom = at }) => at >= since && at < until && at >= now - days * DAY_MS && listedFrom <= now)
    .toSorted((left, right) => right.at - left.at || (left.id < right.id ? 1 : -1));

/** One object by its id, in the place of the list that it is in; 404 where there is none. */
const heldUnder = (holding: Holding, list: string, id: string, account?: string): Held | undefined =>
  holding.held.find((one) => one.list === list && one.id === decodeURIComponent(id) && one.account === account);

/** No end is stated: the tests' own. */
const NO_END_DAYS = 3650;

const STRIPE_PATH = /^\/v1\/(payment_intents|charges|refunds|disputes|payouts)$/;

const STRIPE_ONE = /^\/v1\/(payment_intents|charges|refunds|disputes|reviews)\/([^/]+)$/;

export const stripeObjects = (holding: Holding, { url, headers }: Asked, now: EpochMs): Answer | null => {
  const [, of, id] = STRIPE_ONE.exec(url.pathname) ?? [];
  if (of !== undefined && id !== undefined) {
    const found = heldUnder(holding, of, id, headers['stripe-account'] as string | undefined);
    return found === undefined ? json(404, { error: { code: 'resource_missing' } }) : { status: 200, body: found.body };
  }
  const list = STRIPE_PATH.exec(url.pathname)?.[1];
  if (list === undefined) return null;
  const { searchParams } = url;
  const limit = Number(searchParams.get('limit') ?? 10);
  if (limit < 1 || limit > 100) return json(400, { error: { message: 'limit' } });
  const objects = heldIn(holding, now, {
    list,
    since: Number(searchParams.get('created[gte]')) * 1000,
    until: Number(searchParams.get('created[lt]')) * 1000,
    days: NO_END_DAYS,
    account: headers['stripe-account'] as string | undefined,
  });
  const after = searchParams.get('starting_after');
  const at = after === null ? 0 : objects.findIndex(({ id }) => id === after) + 1;
  if (after !== null && (at === 0 || holding.areCursorsForgotten))
    return json(400, { error: { message: `No such object: ${after}` } });
  const page = objects.slice(at, at + limit).map(({ body }) => body);
  const rest = { object: 'list', has_more: at + limit < objects.length, url: url.pathname };
  return { status: 200, body: listText('data', page, rest) };
};

/** Where a thing of Square's happened. */
const locationOf = ({ body }: Held): string => JSON.parse(body).location_id ?? 'L1';

const SQUARE_PATH = /^\/v2\/(payments|refunds|disputes|payouts)$/;

const squareOne = (holding: Holding, pathname: string): Answer | null => {
  const [, of, id] = SQUARE_ONE.exec(pathname) ?? [];
  if (of === undefined || id === undefined) return null;
  const found = heldUnder(holding, of, id);
  return found === undefined
    ? json(404, { errors: [{ code: 'NOT_FOUND' }] })
    : { status: 200, body: `{"${of.slice(0, -1)}": ${found.body}}` };
};

const SQUARE_ONE = /^\/v2\/(payments|refunds|disputes)\/([^/]+)$/;

/** Payments and payouts of one location, the seller's main one unless another is named; disputes whenever they were made. */
export const squareObjects = (holding: Holding, { url }: Asked, now: EpochMs): Answer | null => {
  const { searchParams } = url;
  const ids = [...new Set(['L1', ...holding.held.map(locationOf)])];
  if (url.pathname === '/v2/locations') return json(200, { locations: ids.map((id) => ({ id, status: 'ACTIVE' })) });
  const one = squareOne(holding, url.pathname);
  if (one !== null) return one;
  const list = SQUARE_PATH.exec(url.pathname)?.[1];
  if (list === undefined) return null;
  const isByTime = list !== 'disputes';
  const limit = isByTime ? Number(searchParams.get('limit') ?? 100) : 50;
  if (limit < 1 || limit > 100) return json(400, { errors: [{ code: 'BAD_REQUEST' }] });
  const location = searchParams.get('location_id') ?? (list === 'payments' || list === 'payouts' ? 'L1' : null);
  const time = (name: string): EpochMs => Date.parse(searchParams.get(name) ?? '');
  const objects = heldIn(holding, now, {
    list,
    since: isByTime ? time('begin_time') : 0,
    until: isByTime ? time('end_time') : Number.MAX_SAFE_INTEGER,
    days: NO_END_DAYS,
  })
    .toReversed()
    .filter((one) => location === null || locationOf(one) === location);
  const cursor = searchParams.get('cursor');
  if (cursor !== null && holding.areCursorsForgotten) return json(400, { errors: [{ code: 'INVALID_CURSOR' }] });
  const from = cursor === null ? 0 : Number(Buffer.from(cursor, 'base64url').toString('utf8'));
  const page = objects.slice(from, from + limit).map(({ body }) => body);
  if (page.length === 0) return json(200, {});
  const next = from + limit < objects.length ? { cursor: Buffer.from(String(from + limit)).toString('base64url') } : {};
  return { status: 200, body: listText(list, page, next) };
};

const DISPUTES_PATH = '/v1/customer/disputes';

const paypalTransactions = (holding: Holding, { url }: Asked, now: EpochMs): Answer => {
  const { searchParams } = url;
  const [since, until] = ['start_date', 'end_date'].map((name) => Date.parse(searchParams.get(name) ?? '')) as [
    EpochMs,
    EpochMs,
  ];
  const [size, number] = ['page_size', 'page'].map((name) => Number(searchParams.get(name))) as [number, number];
  const isWrong = !(until - since <= 31 * DAY_MS) || size < 1 || size > 500 || number < 1;
  if (isWrong || (number > 1 && holding.areCursorsForgotten)) return json(400, { name: 'INVALID_REQUEST' });
  const all = heldIn(holding, now, { list: 'transactions', since, until, days: 3 * 365 }).toReversed();
  const page = all.slice((number - 1) * size, number * size).map(({ body }) => `{"transaction_info": ${body}}`);
  const rest = { page: number, total_items: all.length, total_pages: Math.ceil(all.length / size) };
  return { status: 200, body: listText('transaction_details', page, rest) };
};

/** A list of summaries: what a dispute is about has to be asked for by its id. */
const paypalDisputes = (holding: Holding, { url }: Asked, now: EpochMs): Answer => {
  const { searchParams } = url;
  const token = searchParams.get('next_page_token');
  if (token !== null && holding.areCursorsForgotten) return json(400, { name: 'INVALID_REQUEST' });
  const size = Number(searchParams.get('page_size') ?? 10);
  if (size < 1 || size > 50) return json(400, { name: 'INVALID_REQUEST' });
  const all = heldIn(holding, now, {
    list: 'disputes',
    since: Date.parse(searchParams.get('create_time_after') ?? ''),
    until: Date.parse(searchParams.get('create_time_before') ?? ''),
    days: 180,
  });
  const from = Number(token ?? 0);
  const items = all.slice(from, from + size).map(({ body }) => {
    const { dispute_id, create_time, status, dispute_amount } = JSON.parse(body);
    return { dispute_id, create_time, status, dispute_amount };
  });
  const next = new URL(url);
  next.searchParams.set('next_page_token', String(from + size));
  const href = `https://api.sandbox.paypal.com${DISPUTES_PATH}${next.search}`;
  return json(200, { items, links: from + size < all.length ? [{ href, rel: 'next', method: 'GET' }] : [] });
};

const PAYPAL_ONE = /^(?:\/v1\/customer|\/v2\/payments)\/(disputes|captures|refunds)\/([^/]+)$/;

export const paypalObjects = (holding: Holding, asked: Asked, now: EpochMs): Answer | null => {
  const { pathname } = asked.url;
  if (pathname === '/v1/reporting/transactions') return paypalTransactions(holding, asked, now);
  if (pathname === DISPUTES_PATH) return paypalDisputes(holding, asked, now);
  const [, list, id] = PAYPAL_ONE.exec(pathname) ?? [];
  if (list === undefined || id === undefined) return null;
  const found = heldUnder(holding, list, id);
  return found === undefined ? json(404, { name: 'RESOURCE_NOT_FOUND' }) : { status: 200, body: found.body };
};
