/**
 * What processing a webhook has done in the world so far, kept with the webhook: a retry does not call again what has
 * succeeded, and an operator sees what became of it.
 */

export interface EventEffect {
  /** The payment event that the webhook became, such as `payment.succeeded`. */
  readonly type: string;
  /** The payment that it belongs to; null when it belongs to none. */
  readonly paymentId: string | null;
  /**
   * `news`: the first to say this. `repeated`: another event of the payment had said the same before. `stale`: it is older
   * than what was known, and changed nothing newer.
   */
  readonly outcome: 'news' | 'repeated' | 'stale';
}

export interface HandlerEffect {
  readonly handler: string;
  /** Which of `events` it was called with, counted from 0; null for `handle`, which is called with the webhook. */
  readonly event: number | null;
  readonly outcome: 'done' | 'ignored' | 'failed' | 'rejected';
  /** Calls in the present run. */
  readonly attempts: number;
}

export interface Effects {
  /** Of the webhook, in order; empty when it has no meaning for payments, or was not mapped yet. */
  readonly events: readonly EventEffect[];
  readonly handlers: readonly HandlerEffect[];
  /** The one handler that an operator asked for (`replay --only`); null for all. */
  readonly only: string | null;
}

export const NO_EFFECTS: Effects = { events: [], handlers: [], only: null };

const isNothing = ({ events, handlers, only }: Effects): boolean =>
  events.length === 0 && handlers.length === 0 && only === null;

type Packed = readonly [
  readonly (readonly [EventEffect['type'], EventEffect['paymentId'], EventEffect['outcome']])[],
  readonly (readonly [string, number | null, HandlerEffect['outcome'], number])[],
  string | null,
];

/** As stored: lists without names, for an item of a table is paid by the kilobyte. Null for nothing. */
export const effectsToText = (effects: Effects): string | null => {
  if (isNothing(effects)) return null;
  const packed: Packed = [
    effects.events.map(({ type, paymentId, outcome }) => [type, paymentId, outcome]),
    effects.handlers.map(({ handler, event, outcome, attempts }) => [handler, event, outcome, attempts]),
    effects.only,
  ];
  return JSON.stringify(packed);
};

/** What `effectsToText` wrote. Throws for anything else. */
export const effectsFromText = (text: string | null): Effects => {
  if (text === null) return NO_EFFECTS;
  const [events, handlers, only] = JSON.parse(text) as Packed;
  return {
    events: events.map(([type, paymentId, outcome]) => ({ type, paymentId, outcome })),
    handlers: handlers.map(([handler, event, outcome, attempts]) => ({ handler, event, outcome, attempts })),
    only,
  };
};

/** `reason` is a code; `error` and `detail` may quote the user's code: stored, never logged. */
export type ActOutcome =
  | { readonly outcome: 'processed' }
  /** Nothing to do for us, and nothing wrong. */
  | { readonly outcome: 'ignored'; readonly reason: string; readonly detail: string | null }
  /** Try again, after `waitMs` or the usual backoff. */
  | { readonly outcome: 'failed'; readonly reason: string; readonly error: string; readonly waitMs: number | null }
  /** Trying again cannot help: dead letter at once. */
  | { readonly outcome: 'hopeless'; readonly reason: string; readonly error: string };

export interface Acted {
  readonly outcome: ActOutcome;
  /** What was done in all, earlier attempts included. */
  readonly effects: Effects;
}
