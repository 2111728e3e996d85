/**
 * An object of Square's as the event that would tell of it as it is now; and one of them by its id.
 * https://developer.squareup.com/reference/square/payments-api/get-payment and the like
 */
import type { CallApi } from '../../core/ports/call-api.ts';
import type { ProviderEvents } from '../../core/ports/provider-events.ts';
import type { PresentKind } from '../../core/present-state.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { findOutcomeOf } from '../events-api.ts';
import { pathPartOf } from '../path-part.ts';
import { objectOf } from '../read-fields.ts';

export const eventOfObject = (object: JsonObject, kind: string, type: string): JsonObject => ({
  event_id: object.id ?? null,
  type,
  created_at: object.created_at ?? null,
  data: { type: kind, id: object.id ?? null, object: { [kind]: object } },
});

/** By kind: how its path begins, and the type of its event. */
const KEPT: Readonly<Partial<Record<PresentKind, readonly [path: string, type: string]>>> = {
  payment: ['/v2/payments', 'payment.updated'],
  refund: ['/v2/refunds', 'refund.updated'],
  dispute: ['/v2/disputes', 'dispute.state.updated'],
};

export const presentOf =
  (call: CallApi, apiUrl: string, token: string): NonNullable<ProviderEvents['present']> =>
  async ({ kind, id }) => {
    const kept = KEPT[kind];
    if (kept === undefined) return { outcome: 'not_found' };
    const [path, type] = kept;
    const answer = await call({
      method: 'GET',
      url: `${apiUrl}${path}/${pathPartOf(id)}`,
      headers: { authorization: `Bearer ${token}` },
    });
    return findOutcomeOf(answer, (body) => eventOfObject(objectOf(body[kind]), kind, type));
  };
