/** Payment events as JSON: how they are stored and passed on. Amounts are text, for JSON numbers end at 2^53. */
import type { PaymentEvent } from './payment-event.ts';

/** Amounts become decimal text: `{"minor":"1230","currency":"USD","exponent":2}`. */
const withoutBigints = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;

/** Only amounts have a member of this name. */
const withBigints = (key: string, value: unknown): unknown =>
  key === 'minor' && typeof value === 'string' ? BigInt(value) : value;

export const paymentEventsToJson = (events: readonly PaymentEvent[]): string => JSON.stringify(events, withoutBigints);

/** The events that `paymentEventsToJson` wrote. Only for what we wrote ourselves: nothing is checked. */
export const paymentEventsFromJson = <E extends PaymentEvent>(text: string): readonly E[] =>
  JSON.parse(text, withBigints);
