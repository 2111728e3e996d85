/**
 * Stripe's lists of what it holds, newest first, also as an account that is connected to ours. A payment is an intent, which
 * has its state, and a charge, which has its money; payments of older integrations are charges alone.
 * https://docs.stripe.com/api/charges/list and the like
 */
import { LIMITS } from '../../core/limits.ts';
import type { ListOutcome, ListRequest } from '../../core/ports/provider-events.ts';
import type { ObjectList, ObjectSource } from '../../core/ports/provider-objects.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { SECOND_MS } from '../../core/time.ts';
import { listedEvent, listOutcomeOf, NOT_UNDERSTOOD, type OpenEventsInput, objectsListed } from '../events-api.ts';
import { ALL_LISTED, NO_END_MS, type ObjectsApi } from '../objects-api.ts';
import { wholeTextOf } from '../read-fields.ts';
import { STRIPE_API_URL, stripeEventsApi } from './events-api.ts';
import { eventOfObject, intentEventOf } from './object-event.ts';

interface Listed extends Pick<ObjectList, 'name' | 'kind'> {
  /** The event that would tell of the object in the state that it is in. */
  readonly eventTypeOf: (object: JsonObject) => string;
}

const LISTED: readonly Listed[] = [
  {
    name: 'payment_intents',
    kind: 'payment',
    eventTypeOf: intentEventOf,
  },
  { name: 'charges', kind: 'payment', eventTypeOf: () => 'charge.updated' },
  { name: 'refunds', kind: 'refund', eventTypeOf: () => 'refund.updated' },
  { name: 'disputes', kind: 'dispute', eventTypeOf: () => 'charge.dispute.updated' },
  { name: 'payouts', kind: 'payout', eventTypeOf: () => 'payout.updated' },
];

const queryOf = ({ since, until, cursor }: ListRequest): string => {
  const query = new URLSearchParams({
    limit: String(LIMITS.listedEventsMax),
    'created[gte]': String(Math.floor(since / SECOND_MS)),
    'created[lt]': String(Math.ceil(until / SECOND_MS)),
  });
  if (cursor !== null) query.set('starting_after', cursor);
  return query.toString();
};

interface Asked extends Pick<OpenEventsInput, 'call'> {
  readonly apiUrl: string;
  readonly key: string;
  readonly account: string | null;
  readonly isLive: boolean;
}

const pageOf = (answer: JsonObject, { eventTypeOf }: Listed, asked: Asked): ListOutcome => {
  const objects = objectsListed(answer.data);
  if (objects === null) return NOT_UNDERSTOOD;
  const last = wholeTextOf(objects.at(-1)?.id);
  const hasMore = answer.has_more === true;
  if (hasMore && last === null) return NOT_UNDERSTOOD;
  const events = objects.map((object) => listedEvent(eventOfObject(object, eventTypeOf(object), asked)));
  return { outcome: 'page', events, next: hasMore ? last : null };
};

const listOf = (listed: Listed, asked: Asked): ObjectList => ({
  name: listed.name,
  kind: listed.kind,
  listedForMs: NO_END_MS,
  listedAfterMs: 0,
  async list(request) {
    const { call, apiUrl, key, account } = asked;
    const answer = await call({
      method: 'GET',
      url: `${apiUrl}/v1/${listed.name}?${queryOf(request)}`,
      headers: { authorization: `Bearer ${key}`, ...(account === null ? {} : { 'stripe-account': account }) },
    });
    return listOutcomeOf(answer, request.cursor !== null, (page) => pageOf(page, listed, asked));
  },
});

const open = ({ credentials, accounts, apiUrl = STRIPE_API_URL, call }: OpenEventsInput): readonly ObjectSource[] =>
  credentials.flatMap((key, index) =>
    [null, ...accounts].map((account): ObjectSource => {
      const mode = stripeEventsApi.modeOfCredential(key);
      const asked: Asked = { call, apiUrl, key, account, isLive: mode === 'live' };
      return {
        provider: 'stripe',
        id: ['stripe', mode, ...(account === null ? [] : [account])].join(':'),
        mode,
        credentialId: `stripe-api#${index + 1}`,
        account,
        kinds: ALL_LISTED,
        lists: LISTED.map((listed) => listOf(listed, asked)),
      };
    }),
  );

export const stripeObjectsApi: ObjectsApi = { provider: 'stripe', open };
