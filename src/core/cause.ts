/**
 * Why a webhook waits again or was given up, so that failures that are alike group: a code out of a closed list, the handler
 * where it was one, and what it said without what differs from one webhook to the next. Computed of what is stored.
 */
import { type BriefWebhook, UNPARSABLE_EVENT_TYPE } from './webhook.ts';

export const CAUSE_CODES = [
  'handler_failed',
  'handler_timed_out',
  'handler_error_escaped',
  'handler_asked_retry',
  'handler_gave_up',
  'handler_result_unknown',
  /** Its circuit is open: it is not called for now. */
  'handler_rests',
  'handler_ended_process',
  'attempts_broken',
  'shape_unexpected',
  'too_many_events',
  'seal_broken',
  'data_key_unknown',
  'store_damaged',
  'internal',
  'duplicate_differs',
  'unparsable',
  /** What was stored by a release that kept no codes. */
  'unrecorded',
] as const;
type CauseCode = (typeof CAUSE_CODES)[number];

export interface Cause {
  /** `handler_failed:shipOrder:the-warehouse-is-down`: stable, and the value of a filter. */
  readonly cause: string;
  readonly code: CauseCode;
  readonly handler: string | null;
}

type Failed = Pick<BriefWebhook, 'status' | 'lastError' | 'effects' | 'eventType'>;

/** Null for what has not failed in its present round. */
export const causeOf = (webhook: Failed): Cause | null => {
  const { status, lastError, effects, eventType } = webhook;
  if (status !== 'dead_lettered' && status !== 'retrying') return null;
  if (eventType === UNPARSABLE_EVENT_TYPE) return named('unparsable', null, lastError);
  if (status === 'retrying' && !hasAttemptEnded(webhook)) return causeOfBroken(effects);
  const last = effects.history?.at(-1);
  if (last !== undefined) return named(codeOf(last.reason), last.handler, last.error);
  if (codeOf(lastError) !== 'unrecorded') return named(codeOf(lastError), null, null);
  const handler = failedHandlerOf(effects)?.handler ?? null;
  return named(handler === null ? 'unrecorded' : 'handler_failed', handler, lastError);
};

/** In the present round: it may only have been queued again, or run alone for the first time. */
const hasAttemptEnded = ({ lastError, effects: { history, round } }: Failed): boolean => {
  const last = history?.at(-1);
  if (last !== undefined) return last.at >= (round.startedAt ?? 0);
  // A release before 0.2 kept neither rounds nor attempts.
  return round.startedAt === null && round.brokenAttempts === 0 && lastError !== null;
};

/** The last one that was begun alone may be under way; those before it have taken down what they ran in. */
const causeOfBroken = ({ round }: Failed['effects']): Cause | null =>
  round.brokenAttempts > 1 ? named('attempts_broken', null, null) : null;

/** The handler that decided how an attempt ended: one that gave up before one that failed. */
export const failedHandlerOf = ({ handlers }: Pick<BriefWebhook['effects'], 'handlers'>) =>
  handlers.find(({ outcome }) => outcome === 'given_up') ?? handlers.find(({ outcome }) => outcome === 'failed');

const codeOf = (reason: string | null): CauseCode => CAUSE_CODES.find((known) => known === reason) ?? 'unrecorded';

const named = (code: CauseCode, handler: string | null, error: string | null): Cause => ({
  cause: [code, handler, error === null ? null : wordsOf(error, handler)].filter(Boolean).join(':'),
  code,
  handler,
});

const WORDS_CHARS_MAX = 60;

/** What was said last, and its words: of ten thousand that failed most said the same. */
const WORDS_KEPT_MAX = 200;
const wordsKept = new Map<string, string>();

const wordsOf = (error: string, handler: string | null): string => {
  const said = `${handler} ${error}`;
  const kept = wordsKept.get(said);
  if (kept !== undefined) return kept;
  if (wordsKept.size >= WORDS_KEPT_MAX) wordsKept.clear();
  const words = readWords(error, handler);
  wordsKept.set(said, words);
  return words;
};

/** What differs from one failure to the next of one kind: numbers, ids, times, addresses, what is quoted. */
const DIFFERS: readonly RegExp[] = [/https?:\/\/\S+/g, /(["'`]).{0,200}?\1/g, /\b(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]+\b/g];

/** The first line without what differs, as words with hyphens between them. */
const readWords = (error: string, handler: string | null): string => {
  const [first = ''] = error.split('\n', 1);
  const line = handler !== null && first.startsWith(`${handler}: `) ? first.slice(handler.length + 2) : first;
  const alike = DIFFERS.reduce((text, differs) => text.replace(differs, ' '), line.replace(/^Error: /, ''));
  const words = alike.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words.join('-').slice(0, WORDS_CHARS_MAX).replace(/-$/, '');
};

/** Whether a cause is the one that was asked for, or one of those: `handler_failed`, `handler_failed:shipOrder`. */
export const isOfCause = (asked: string, cause: string): boolean => cause === asked || cause.startsWith(`${asked}:`);
