/**
 * The one schema of everything that leaves for a destination:
 * `{"type":"payment.succeeded","timestamp":"2026-03-01T12:34:56.000Z","data":{…}}`. `data` is the payment event with all
 * its fields, amounts as `{"minor":"1230","currency":"USD","exponent":2}`, and `news`.
 */
import type { News } from '../core/effects.ts';
import type { EpochMs } from '../core/webhook.ts';
import { paymentEventsToJson } from '../payments/event-json.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import type { DestinationMessage } from './destination.ts';

export interface MessageContext {
  /** Of the event's webhook: stands in `timestamp` where the provider says no time. */
  readonly receivedAt: EpochMs;
  /** See `DestinationEntry`. */
  readonly news: News;
}

const isoOf = (at: EpochMs): string => new Date(at).toISOString();

/** Pure: the same event in the same context has the same bytes on every attempt and replay. */
export const messageOf = (event: PaymentEvent, { receivedAt, news }: MessageContext): DestinationMessage => {
  const { id, type, occurredAt } = event;
  const data = { ...event, news };
  const dataJson = paymentEventsToJson([data]).slice('['.length, -']'.length);
  const timestamp = isoOf(occurredAt ?? receivedAt);
  return {
    id,
    type,
    occurredAt: occurredAt === null ? null : isoOf(occurredAt),
    body: `{"type":${JSON.stringify(type)},"timestamp":"${timestamp}","data":${dataJson}}`,
  };
};
