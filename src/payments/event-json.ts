/**
 * Payment events as JSON: how they are stored and passed on. Amounts are text, for JSON numbers end at 2^53. They are members
 * of an event itself, never deeper: looking there takes half the time of asking about every value.
 */
import { unsaidOf } from './event-bodies.ts';
import type { Money } from './money.ts';
import type { PaymentEvent, PaymentEventType } from './payment-event.ts';

/** An amount of an event, before or after it is text. */
const isAmount = (value: unknown): value is { minor: unknown } =>
  typeof value === 'object' && value !== null && 'minor' in value;

type Members = Readonly<Record<string, unknown>>;

const NOTHING: Members = {};

/** Amounts become decimal text: `{"minor":"1230","currency":"USD","exponent":2}`. Members as in `unsaid` are left out. */
const written = (event: PaymentEvent, unsaid: Members): Members => {
  const members: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(event)) {
    if (name in unsaid && value === unsaid[name]) continue;
    members[name] = isAmount(value) ? { ...(value as Money), minor: String(value.minor) } : value;
  }
  return members;
};

export const paymentEventsToJson = (events: readonly PaymentEvent[]): string =>
  JSON.stringify(events.map((event) => written(event, NOTHING)));

/** As SQLite stores them: what nobody said is left out, and put back when it is read. */
export const paymentEventsToStoredJson = (events: readonly PaymentEvent[]): string =>
  JSON.stringify(events.map((event) => written(event, unsaidOf(event.type) as Members)));

/**
 * The events that the two above wrote, in this version or one before: fields that did not exist then are unsaid.
 * Only for what we wrote ourselves: nothing is checked.
 */
export const paymentEventsFromJson = <E extends PaymentEvent>(text: string): readonly E[] => {
  const events: readonly Record<string, unknown>[] = JSON.parse(text);
  for (const event of events) {
    for (const value of Object.values(event)) if (isAmount(value)) value.minor = BigInt(String(value.minor));
  }
  return events.map((event) => ({ ...unsaidOf(event.type as PaymentEventType), ...event })) as unknown as readonly E[];
};
