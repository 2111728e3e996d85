/**
 * A capture, refund or dispute of PayPal's by its id, as the event that would tell of it as it is now.
 * https://developer.paypal.com/docs/api/payments/v2/#captures_get #refunds_get, https://developer.paypal.com/docs/api/customer-disputes/v1/#disputes_get
 */
import type { ProviderEvents } from '../../core/ports/provider-events.ts';
import type { PresentKind } from '../../core/present-state.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { findOutcomeOf } from '../events-api.ts';
import { pathPartOf } from '../path-part.ts';
import type { AuthorizedCall } from './authorized-call.ts';

export const disputeEvent = (dispute: JsonObject): JsonObject => ({
  id: dispute.dispute_id ?? null,
  event_type: 'CUSTOMER.DISPUTE.UPDATED',
  create_time: dispute.create_time ?? null,
  resource: dispute,
});

const eventOf = (type: string, resource: JsonObject): JsonObject => ({
  id: resource.id ?? null,
  event_type: type,
  create_time: resource.create_time ?? null,
  resource,
});

const CAPTURE_EVENTS: ReadonlyMap<unknown, string> = new Map([
  ['PENDING', 'PAYMENT.CAPTURE.PENDING'],
  ['DECLINED', 'PAYMENT.CAPTURE.DENIED'],
  ['FAILED', 'PAYMENT.CAPTURE.DENIED'],
]);

interface Kept {
  readonly path: string;
  readonly eventOf: (object: JsonObject) => JsonObject;
}

const KEPT: Readonly<Partial<Record<PresentKind, Kept>>> = {
  capture: {
    path: '/v2/payments/captures',
    // What was refunded since was completed: what went back has refunds of its own.
    eventOf: (capture) => eventOf(CAPTURE_EVENTS.get(capture.status) ?? 'PAYMENT.CAPTURE.COMPLETED', capture),
  },
  refund: { path: '/v2/payments/refunds', eventOf: (refund) => eventOf('PAYMENT.CAPTURE.REFUNDED', refund) },
  dispute: { path: '/v1/customer/disputes', eventOf: disputeEvent },
};

export const presentOf =
  (call: AuthorizedCall): NonNullable<ProviderEvents['present']> =>
  async ({ kind, id }) => {
    const kept = KEPT[kind];
    if (kept === undefined) return { outcome: 'not_found' };
    const answer = await call({ method: 'GET', path: `${kept.path}/${pathPartOf(id)}` });
    return findOutcomeOf(answer, kept.eventOf);
  };
