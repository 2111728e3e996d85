/**
 * Square's lists of what it holds. Payments and payouts are listed for one location at a time, refunds for all of them, and
 * disputes as a whole, whenever they were made.
 * https://developer.squareup.com/reference/square/payments-api/list-payments and the like
 */
import { LIMITS } from '../../core/limits.ts';
import type { ListOutcome, ListRequest, Refusal } from '../../core/ports/provider-events.ts';
import type { ObjectList } from '../../core/ports/provider-objects.ts';
import type { JsonObject } from '../../core/read-json.ts';
import {
  listedEvent,
  listOutcomeOf,
  NOT_UNDERSTOOD,
  type OpenEventsInput,
  objectsListed,
  openEach,
} from '../events-api.ts';
import { ALL_LISTED, NO_END_MS, type ObjectsApi, readAnswer } from '../objects-api.ts';
import { instantOf, wholeTextOf } from '../read-fields.ts';
import { readModeSecret } from '../secret-label.ts';
import { SQUARE_API_URLS, squareEventsApi } from './events-api.ts';
import { eventOfObject } from './object-event.ts';

interface Listed extends Pick<ObjectList, 'name' | 'kind'> {
  /** Whether it is asked for each location by itself. */
  readonly isByLocation: boolean;
  /** Whether it can be asked for by time. */
  readonly isByTime: boolean;
  /** The event that would tell of the object in the state that it is in. */
  readonly eventTypeOf: (object: JsonObject) => string;
}

const PAYOUT_EVENTS: ReadonlyMap<unknown, string> = new Map([
  ['PAID', 'payout.paid'],
  ['FAILED', 'payout.failed'],
]);

const LISTED: readonly Listed[] = [
  { name: 'payments', kind: 'payment', isByLocation: true, isByTime: true, eventTypeOf: () => 'payment.updated' },
  { name: 'refunds', kind: 'refund', isByLocation: false, isByTime: true, eventTypeOf: () => 'refund.updated' },
  {
    name: 'disputes',
    kind: 'dispute',
    isByLocation: false,
    isByTime: false,
    eventTypeOf: () => 'dispute.state.updated',
  },
  {
    name: 'payouts',
    kind: 'payout',
    isByLocation: true,
    isByTime: true,
    eventTypeOf: ({ status }) => PAYOUT_EVENTS.get(status) ?? 'payout.sent',
  },
];

interface Asked extends Pick<OpenEventsInput, 'call'> {
  readonly apiUrl: string;
  readonly token: string;
}

type Locations = { readonly outcome: 'locations'; readonly ids: readonly string[] } | Refusal;

const get = ({ call, apiUrl, token }: Asked, path: string): ReturnType<OpenEventsInput['call']> =>
  call({ method: 'GET', url: `${apiUrl}${path}`, headers: { authorization: `Bearer ${token}` } });

/** Those of the seller, inactive ones too; asked for once. A seller has one at least. */
const createLocations = (asked: Asked): (() => Promise<Locations>) => {
  let known: Locations | undefined;
  return async () => {
    if (known !== undefined) return known;
    const read = readAnswer(await get(asked, '/v2/locations'));
    if (read.outcome !== 'read') return read;
    const ids = objectsListed(read.object.locations)?.flatMap(({ id }) => wholeTextOf(id) ?? []);
    if (ids === undefined) return NOT_UNDERSTOOD;
    known = { outcome: 'locations', ids };
    return known;
  };
};

const queryOf = ({ isByTime }: Listed, { since, until }: ListRequest, at: Position): string => {
  const query = new URLSearchParams();
  if (isByTime) {
    query.set('begin_time', new Date(since).toISOString());
    query.set('end_time', new Date(until).toISOString());
    query.set('sort_order', 'ASC');
    query.set('limit', String(LIMITS.listedEventsMax));
  }
  if (at.location !== null) query.set('location_id', at.location);
  if (at.cursor !== '') query.set('cursor', at.cursor);
  return query.toString();
};

/** Where a page begins: a location, and Square's own cursor in it. */
interface Position {
  readonly location: string | null;
  readonly cursor: string;
}

const SEPARATOR = ' ';

const cursorOf = ({ location, cursor }: Position): string =>
  location === null ? cursor : `${location}${SEPARATOR}${cursor}`;

const positionOf = ({ isByLocation }: Listed, cursor: string): Position => {
  if (!isByLocation) return { location: null, cursor };
  const at = cursor.indexOf(SEPARATOR);
  return { location: cursor.slice(0, at), cursor: cursor.slice(at + 1) };
};

const isMadeIn = ({ since, until }: ListRequest, { created_at: createdAt }: JsonObject): boolean => {
  const at = instantOf(createdAt);
  return at === null || (at >= since && at < until);
};

/** Without objects there is no list in the answer. */
const pageOf = (
  answer: JsonObject,
  listed: Listed,
  request: ListRequest,
  next: (cursor: string) => string | null,
): ListOutcome => {
  const list = answer[listed.name];
  const objects = list === undefined ? [] : objectsListed(list);
  if (objects === null) return NOT_UNDERSTOOD;
  const events = objects
    .filter((object) => isMadeIn(request, object))
    .map((object) => listedEvent(eventOfObject(object, listed.kind, listed.eventTypeOf(object))));
  return { outcome: 'page', events, next: next(wholeTextOf(answer.cursor) ?? '') };
};

/** The rest of this location, or the next one. */
const nextIn =
  (ids: readonly string[], { location }: Position) =>
  (cursor: string): string | null => {
    if (cursor !== '') return cursorOf({ location, cursor });
    const following = location === null ? undefined : ids[ids.indexOf(location) + 1];
    return following === undefined ? null : cursorOf({ location: following, cursor: '' });
  };

const listOf = (listed: Listed, asked: Asked, locations: () => Promise<Locations>): ObjectList => ({
  name: listed.name,
  kind: listed.kind,
  listedForMs: NO_END_MS,
  listedAfterMs: 0,
  async list(request) {
    const found = listed.isByLocation ? await locations() : ({ outcome: 'locations', ids: [] } as const);
    if (found.outcome !== 'locations') return found;
    const { ids } = found;
    const at = request.cursor === null ? { location: ids[0] ?? null, cursor: '' } : positionOf(listed, request.cursor);
    const answer = await get(asked, `/v2/${listed.name}?${queryOf(listed, request, at)}`);
    return listOutcomeOf(answer, request.cursor !== null, (page) => pageOf(page, listed, request, nextIn(ids, at)));
  },
});

export const squareObjectsApi: ObjectsApi = {
  provider: 'square',
  open: (input) =>
    openEach(squareEventsApi, SQUARE_API_URLS, input, (source, apiUrl, credential) => {
      const asked: Asked = { call: input.call, apiUrl, token: readModeSecret(credential).value };
      const locations = createLocations(asked);
      const lists = LISTED.map((listed) => listOf(listed, asked, locations));
      return { ...source, account: undefined, kinds: ALL_LISTED, lists };
    }),
};
