/** How one call of a handler went, and what those of a webhook come to together. */
import type { ActOutcome } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import { requestedWaitMs } from '../core/retry-policy.ts';
import { screenedText } from '../core/screen-text.ts';
import type { EscapedBy, Ran } from './escaped-errors.ts';
import type { HandlerOutcome } from './handler.ts';
import { WEBHOOK_HANDLER_NAME } from './read-handlers.ts';

export type CallOutcome =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'ignored'; readonly detail: string }
  | { readonly outcome: 'failed'; readonly reason: string; readonly error: string; readonly waitMs: number | null }
  /** It was not called: its circuit is open, for this long at least. */
  | { readonly outcome: 'rests'; readonly restMs: number }
  | { readonly outcome: 'given_up'; readonly reason: string; readonly error: string };

const failed = (reason: string, error: string): CallOutcome => ({ outcome: 'failed', reason, error, waitMs: null });

/** What the handler threw before it ended. */
export const outcomeOfThrown = (thrown: unknown): CallOutcome => failed('handler_failed', describeThrown(thrown));

/** What `runAttributed` gave back. */
export const outcomeOfRun = (ran: Ran<unknown>, handlerMsMax: number): CallOutcome => {
  switch (ran.outcome) {
    case 'returned':
      return outcomeOf(ran.value);
    case 'escaped':
      return failed('handler_error_escaped', `${ESCAPED[ran.by]}: ${describeThrown(ran.error)}`);
    case 'timed_out':
      return failed('handler_timed_out', `handler did not finish within ${handlerMsMax} ms`);
    default:
      return ran satisfies never;
  }
};

/** A sentence's beginning, for what the error says follows. */
const ESCAPED: Readonly<Record<EscapedBy, string>> = {
  rejection: 'a promise that nobody awaits was rejected',
  exception: 'an error was thrown where nothing catches it, as in a timer or an event',
};

/** A handler is the user's code and may answer anything. */
const outcomeOf = (answer: unknown): CallOutcome => {
  if (answer === undefined || answer === null) return { outcome: 'done' };
  const result = (typeof answer === 'object' ? answer : { outcome: null }) as HandlerOutcome;
  switch (result.outcome) {
    case 'done':
      return { outcome: 'done' };
    case 'ignore':
      return { outcome: 'ignored', detail: bounded(result.reason) };
    case 'retry': {
      const { reason, afterMs } = result;
      return {
        outcome: 'failed',
        reason: 'handler_asked_retry',
        error: bounded(reason),
        waitMs: requestedWaitMs(afterMs),
      };
    }
    case 'give_up':
      return { outcome: 'given_up', reason: 'handler_gave_up', error: bounded(result.reason) };
    default:
      return {
        outcome: 'given_up',
        reason: 'handler_result_unknown',
        error: 'handler returned neither nothing nor a result: return done(), ignore(), retryIn() or giveUp()',
      };
  }
};

const bounded = (text: unknown): string => {
  try {
    return screenedText(String(text), LIMITS.lastErrorCharsMax);
  } catch {
    return 'a value that cannot be described';
  }
};

/** What a handler threw, as stored text: without card data and secrets, and never for a log, for it may hold payload. */
const describeThrown = (thrown: unknown): string =>
  thrown instanceof Error
    ? bounded(`${bounded(thrown.name)}: ${bounded(thrown.message)}`)
    : `thrown value: ${bounded(thrown)}`;

/** What it asks for, ignores or gives up says that a handler works; what it throws, or that it hangs, may be said of any webhook. */
export const isHandlerDown = (outcome: CallOutcome): boolean =>
  outcome.outcome === 'failed' && outcome.reason !== 'handler_asked_retry';

export type NamedOutcome = CallOutcome & { readonly name: string };

/** `concernedCount`: how many the webhook concerns, those included that were not called this time. */
export const actOutcomeOf = (named: readonly NamedOutcome[], concernedCount: number): ActOutcome => {
  const givenUp = named.find((one) => one.outcome === 'given_up');
  if (givenUp !== undefined) return { outcome: 'given_up', reason: givenUp.reason, error: errorOf(givenUp) };
  const failures = named.filter((one) => one.outcome === 'failed');
  const [first] = failures;
  if (first !== undefined) {
    const waits = failures.map(({ waitMs }) => waitMs).filter((waitMs) => waitMs !== null);
    // Nobody is called again before the time that they asked for.
    const waitMs = waits.length === 0 ? null : Math.max(...waits);
    return { outcome: 'failed', reason: first.reason, error: errorOf(first), waitMs };
  }
  const resting = named.find((one) => one.outcome === 'rests');
  if (resting !== undefined) {
    const error = 'failed several times in a row: it rests, and is tried with one webhook now and then';
    return {
      outcome: 'rests',
      reason: 'handler_rests',
      error: errorOf({ ...resting, error }),
      restMs: resting.restMs,
    };
  }
  const [only, another] = named;
  if (concernedCount === 1 && another === undefined && only?.outcome === 'ignored') {
    return { outcome: 'ignored', reason: 'handler_ignored', detail: only.detail };
  }
  return { outcome: 'processed' };
};

/** Says which handler it was, where there may be several. */
const errorOf = ({ name, error }: { readonly name: string; readonly error: string }): string =>
  (name === WEBHOOK_HANDLER_NAME ? error : `${name}: ${error}`).slice(0, LIMITS.lastErrorCharsMax);
