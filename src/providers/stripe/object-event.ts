/**
 * An object of Stripe's as the event that would tell of it as it is now; and one of them by its id.
 * https://docs.stripe.com/api/payment_intents/retrieve and the like
 */
import type { CallApi } from '../../core/ports/call-api.ts';
import type { ProviderEvents } from '../../core/ports/provider-events.ts';
import type { PresentKind } from '../../core/present-state.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { findOutcomeOf } from '../events-api.ts';
import { pathPartOf } from '../path-part.ts';

const INTENT_EVENTS: ReadonlyMap<unknown, string> = new Map([
  ['succeeded', 'payment_intent.succeeded'],
  ['canceled', 'payment_intent.canceled'],
  ['processing', 'payment_intent.processing'],
  ['requires_action', 'payment_intent.requires_action'],
  ['requires_capture', 'payment_intent.amount_capturable_updated'],
]);

export const intentEventOf = ({ status }: JsonObject): string => INTENT_EVENTS.get(status) ?? 'payment_intent.created';

/** Refunds do not say whether they are live: the key is. */
export const eventOfObject = (
  object: JsonObject,
  type: string,
  { account, isLive }: { readonly account: string | null; readonly isLive: boolean },
): JsonObject => ({
  id: object.id ?? null,
  object: 'event',
  type,
  created: object.created ?? null,
  livemode: object.livemode ?? isLive,
  ...(account === null ? {} : { account }),
  data: { object },
});

interface Kept {
  /** As it stands in the path. */
  readonly name: string;
  readonly eventTypeOf: (object: JsonObject) => string;
}

const KEPT: Readonly<Partial<Record<PresentKind, Kept>>> = {
  payment: { name: 'payment_intents', eventTypeOf: intentEventOf },
  charge: { name: 'charges', eventTypeOf: () => 'charge.updated' },
  refund: { name: 'refunds', eventTypeOf: () => 'refund.updated' },
  dispute: { name: 'disputes', eventTypeOf: () => 'charge.dispute.updated' },
  review: { name: 'reviews', eventTypeOf: ({ open }) => (open === true ? 'review.opened' : 'review.closed') },
};

export interface PresentInput {
  readonly call: CallApi;
  readonly apiUrl: string;
  readonly key: string;
  readonly isLive: boolean;
}

export const presentOf =
  ({ call, apiUrl, key, isLive }: PresentInput): NonNullable<ProviderEvents['present']> =>
  async ({ kind, id }, account) => {
    const kept = KEPT[kind];
    if (kept === undefined) return { outcome: 'not_found' };
    const answer = await call({
      method: 'GET',
      url: `${apiUrl}/v1/${kept.name}/${pathPartOf(id)}`,
      headers: { authorization: `Bearer ${key}`, ...(account === null ? {} : { 'stripe-account': account }) },
    });
    return findOutcomeOf(answer, (object) => eventOfObject(object, kept.eventTypeOf(object), { account, isLive }));
  };
