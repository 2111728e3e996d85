/** How a team writes a handler: `export const shipOrder = on('payment.succeeded', async (event, context) => { … })`. */

import type { News } from '../core/effects.ts';
import { problemOfPattern } from '../payments/event-patterns.ts';
import type { PaymentView } from '../payments/payment.ts';
import type { PaymentEvent, PaymentEventType } from '../payments/payment-event.ts';
import { PAYMENT_EVENT_TYPES } from '../payments/payment-event-types.ts';
import type { HandledWebhook, HandlerContext, HandlerOutcome } from './handler.ts';

type Group<T> = T extends `${infer Before}.${string}` ? Before : never;

/** One type, all of a group (`refund.*`), or all (`*`). */
export type EventPattern = PaymentEventType | `${Group<PaymentEventType>}.*` | '*';

/** The events that a pattern stands for. */
export type EventMatching<P extends EventPattern> = P extends '*'
  ? PaymentEvent
  : P extends `${infer Before}.*`
    ? Extract<PaymentEvent, { readonly type: `${Before}.${string}` }>
    : Extract<PaymentEvent, { readonly type: P }>;

export interface EventContext extends HandlerContext {
  /**
   * `news`: the first event of its payment to say this. `repeated`: another had said the same before. `stale`: older than
   * what was known. Always `news` unless the handler asked for all events.
   */
  readonly news: News;
  /** The payment with this event in it, as it was when the event was applied or is by now; null when the event is about none. */
  readonly payment: PaymentView | null;
  /** The webhook as the provider sent it. */
  readonly webhook: HandledWebhook;
}

type HandlerAnswer = HandlerOutcome | undefined;

export type EventCall<E extends PaymentEvent = PaymentEvent> = (
  event: E,
  context: EventContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement is the usual one.
) => HandlerAnswer | void | Promise<HandlerAnswer | void>;

export interface EventFilter {
  /** Only events of these providers. @default all */
  readonly provider?: string | readonly string[];
  /** `all`: also events that repeat what was said before, and events that are older than what is known. @default 'news' */
  readonly events?: 'news' | 'all';
}

export interface EventHandler {
  readonly handles: 'payment_events';
  readonly patterns: readonly string[];
  /** Null: all providers. */
  readonly providers: readonly string[] | null;
  readonly events: 'news' | 'all';
  readonly call: EventCall;
}

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/**
 * A handler for payment events. Called at least once for each, always with the same idempotency id for the same event.
 * Its name, which outcomes are kept under, is the name that the module exports it by. Throws `TypeError` for a pattern
 * that no event can match: the module then does not load, and says so.
 */
export function on<const P extends EventPattern>(
  pattern: P | readonly P[],
  call: EventCall<EventMatching<P>>,
): EventHandler;
export function on<const P extends EventPattern>(
  pattern: P | readonly P[],
  filter: EventFilter,
  call: EventCall<EventMatching<P>>,
): EventHandler;
export function on(
  pattern: EventPattern | readonly EventPattern[],
  filterOrCall: EventFilter | EventCall<never>,
  maybeCall?: EventCall<never>,
): EventHandler {
  const filter = typeof filterOrCall === 'function' ? {} : filterOrCall;
  const call = typeof filterOrCall === 'function' ? filterOrCall : maybeCall;
  const patterns = listOf<string>(pattern);
  for (const one of patterns) {
    const problem = problemOfPattern(one, PAYMENT_EVENT_TYPES);
    if (problem !== null) throw new TypeError(`on(${JSON.stringify(one)}, …): expected ${problem}`);
  }
  if (patterns.length === 0) throw new TypeError('on([], …): name at least one type of event');
  if (typeof call !== 'function')
    throw new TypeError(`on(${JSON.stringify(patterns)}, …): the last argument is the function to call`);
  const { provider, events = 'news' } = filter;
  return {
    handles: 'payment_events',
    patterns,
    providers: provider === undefined ? null : listOf<string>(provider),
    events,
    // Whoever calls has matched the patterns before, so the event is one that this function takes.
    call: call as unknown as EventCall,
  };
}
