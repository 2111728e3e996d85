/**
 * What processing a webhook has done in the world so far, kept with the webhook: a retry does not call again what has
 * succeeded, and an operator sees what became of it.
 */

import { type AttemptRecord, lastAttempt, type PackedAttempt, packAttempts, unpackAttempts } from './attempts.ts';
import { newerThanKnown } from './errors.ts';
import { type PackedPresent, type PresentState, packPresent, unpackPresent } from './present-state.ts';
import type { JsonValue } from './read-json.ts';

/**
 * How an event was received, the first time it was. `news`: the first of its payment to say this. `repeated`: another event
 * had said the same of the same thing before, as Stripe's `charge.succeeded` and `payment_intent.succeeded` do. `stale`: it
 * is older than what was known, and changed nothing newer.
 */
export type News = 'news' | 'repeated' | 'stale';

/** An invoice, a subscription and the like, and how many events were recorded of it by then: it never has fewer again. */
export interface SubjectEffect {
  readonly kind: string;
  readonly id: string;
  readonly revision: number;
}

export interface EventEffect {
  /** The payment event that the webhook became, such as `payment.succeeded`. */
  readonly type: string;
  /** The payment that it belongs to; null when it belongs to none. */
  readonly paymentId: string | null;
  readonly news: News;
  /** What it changed, when that is no payment; absent otherwise, and in what was stored before version 0.2. */
  readonly subject?: SubjectEffect;
  /** Whose queues it was put into; absent when there were none, and in what was stored before version 0.2. */
  readonly destinations?: readonly string[];
}

export interface HandlerEffect {
  readonly handler: string;
  /** Which of `events` it was called with, counted from 0; null for `handle`, which is called with the webhook. */
  readonly event: number | null;
  readonly outcome: 'done' | 'ignored' | 'failed' | 'given_up';
  /** Calls in the current round. */
  readonly attempts: number;
}

/** What is known of the present round, which began with receive, replay or redrive. */
export interface Round {
  /** When a replay or redrive began it, in UTC milliseconds; null when it began with receive. */
  readonly startedAt: number | null;
  /**
   * Attempts in it that took down what they ran in, or are begun and may do so: written before such an attempt starts,
   * because afterwards nobody may be left to write it.
   */
  readonly brokenAttempts: number;
  /** Attempts in it that called nobody, because a handler rested: they do not use up what a webhook may be tried. */
  readonly restedAttempts: number;
}

export interface Effects {
  /** Of the webhook, in order; empty when it has no meaning for payments, or was not mapped yet. */
  readonly events: readonly EventEffect[];
  readonly handlers: readonly HandlerEffect[];
  /** The one handler that an operator asked for (`replay --only`); null for all. */
  readonly only: string | null;
  readonly round: Round;
  /** The newest attempts, oldest first; absent when none was made, or by a release before 0.2. */
  readonly history?: readonly AttemptRecord[];
  /** When its provider's API said the same as its delivery, in UTC milliseconds; absent where nobody had to ask. */
  readonly confirmedAt?: number;
  /** What its provider's API said of what it is about as it is now; absent where nobody had to ask. */
  readonly present?: readonly PresentState[];
}

/**
 * Whether an attempt of the present round has ended badly, which `retrying` does not say: it is also what is written before an
 * attempt runs alone, of one that called nobody, and of what a sweep queued again.
 */
export const hasFailedInRound = ({
  attempts,
  effects: { round, history = [] },
}: {
  readonly attempts: number;
  readonly effects: Pick<Effects, 'round' | 'history'>;
}): boolean =>
  attempts > round.brokenAttempts + round.restedAttempts ||
  // One that took down what it ran in, and of which somebody was left to tell.
  history.filter(({ at }) => at >= (round.startedAt ?? 0)).length > round.restedAttempts;

export const FIRST_ROUND: Round = { startedAt: null, brokenAttempts: 0, restedAttempts: 0 };
export const NO_EFFECTS: Effects = { events: [], handlers: [], only: null, round: FIRST_ROUND };

const isNothing = ({ events, handlers, only, round, history = [], confirmedAt, present }: Effects): boolean =>
  confirmedAt === undefined &&
  present === undefined &&
  history.length === 0 &&
  events.length === 0 &&
  handlers.length === 0 &&
  only === null &&
  round.startedAt === null &&
  round.brokenAttempts === 0 &&
  round.restedAttempts === 0;

/** What the first element of the packed list says; a list of before version 0.2 begins with its events. */
const PACKED_VERSION = 4;

type PackedEvent = readonly [
  EventEffect['type'],
  EventEffect['paymentId'],
  News,
  (readonly string[] | null)?,
  (readonly [SubjectEffect['kind'], SubjectEffect['id'], SubjectEffect['revision']])?,
];
type PackedHandler = readonly [string, number | null, HandlerEffect['outcome'], number];
type Packed = readonly [
  typeof PACKED_VERSION,
  readonly PackedEvent[],
  readonly PackedHandler[],
  string | null,
  Round['startedAt'],
  Round['brokenAttempts'],
  Round['restedAttempts']?,
];
/** Before version 0.2 a handler's `given_up` was called `rejected`, and neither rounds nor attempts were recorded. */
type Unversioned = readonly [
  readonly PackedEvent[],
  readonly (readonly [string, number | null, HandlerEffect['outcome'] | 'rejected', number])[],
  string | null,
  Round['startedAt']?,
  Round['brokenAttempts']?,
  Round['restedAttempts']?,
  (readonly PackedAttempt[] | null)?,
  (Effects['confirmedAt'] | null)?,
  (readonly PackedPresent[])?,
];

const packEvent = ({ type, paymentId, news, destinations, subject }: EventEffect): PackedEvent => {
  if (subject !== undefined) {
    return [type, paymentId, news, destinations ?? null, [subject.kind, subject.id, subject.revision]];
  }
  return destinations === undefined ? [type, paymentId, news] : [type, paymentId, news, destinations];
};

const unpackEvent = ([type, paymentId, news, destinations, subject]: PackedEvent): EventEffect => ({
  type,
  paymentId,
  news,
  ...(destinations === undefined || destinations === null ? {} : { destinations }),
  ...(subject === undefined ? {} : { subject: { kind: subject[0], id: subject[1], revision: subject[2] } }),
});

/** As stored: lists without names, for an item of a table is paid by the kilobyte. Null for nothing. */
export const effectsToText = (effects: Effects): string | null => {
  if (isNothing(effects)) return null;
  const packed: Packed = [
    PACKED_VERSION,
    effects.events.map(packEvent),
    effects.handlers.map(({ handler, event, outcome, attempts }) => [handler, event, outcome, attempts]),
    effects.only,
    effects.round.startedAt,
    effects.round.brokenAttempts,
  ];
  const { restedAttempts } = effects.round;
  const { history, confirmedAt, present } = effects;
  const packedHistory = history === undefined ? null : packAttempts(history);
  // A release that does not know these leaves them away, and asks nobody.
  if (present !== undefined)
    return JSON.stringify([...packed, restedAttempts, packedHistory, confirmedAt ?? null, packPresent(present)]);
  if (confirmedAt !== undefined) return JSON.stringify([...packed, restedAttempts, packedHistory, confirmedAt]);
  if (packedHistory !== null) return JSON.stringify([...packed, restedAttempts, packedHistory]);
  return JSON.stringify(restedAttempts === 0 ? packed : [...packed, restedAttempts]);
};

/**
 * What `effectsToText` wrote, in this version or one before. Throws `store_damaged` for a newer one. With `isBrief` the history
 * has the last attempt only.
 */
export const effectsFromText = (text: string | null, isBrief = false): Effects => {
  if (text === null) return NO_EFFECTS;
  const [
    events,
    handlers,
    only,
    startedAt = null,
    brokenAttempts = 0,
    restedAttempts = 0,
    history = null,
    confirmedAt = null,
    present,
  ] = withoutVersion(JSON.parse(text));
  return {
    events: events.map(unpackEvent),
    handlers: handlers.map(([handler, event, outcome, attempts]) => ({
      handler,
      event,
      outcome: outcome === 'rejected' ? 'given_up' : outcome,
      attempts,
    })),
    only,
    round: { startedAt, brokenAttempts, restedAttempts },
    ...(history === null ? {} : { history: isBrief ? lastAttempt(history) : unpackAttempts(history) }),
    ...(confirmedAt === null ? {} : { confirmedAt }),
    ...(present === undefined ? {} : { present: unpackPresent(present) }),
  };
};

const withoutVersion = (packed: Packed | Unversioned): Unversioned => {
  if (isUnversioned(packed)) return packed;
  const [version, ...rest] = packed;
  if (version > PACKED_VERSION) throw newerThanKnown('the record of effects', version, PACKED_VERSION);
  return rest;
};

const isUnversioned = (packed: Packed | Unversioned): packed is Unversioned => Array.isArray(packed[0]);

/** `reason` is a code; `error` and `detail` may quote the user's code: stored, never logged. */
export type ActOutcome =
  | { readonly outcome: 'processed' }
  /** Nothing to do for us, and nothing wrong. */
  | { readonly outcome: 'ignored'; readonly reason: string; readonly detail: string | null }
  /** Try again, after `waitMs` or the usual backoff. */
  | {
      readonly outcome: 'failed';
      readonly reason: string;
      readonly error: string;
      readonly waitMs: number | null;
    }
  /** Nobody failed, but somebody who is down was not called: try again after the usual backoff, and not before `restMs`. */
  | { readonly outcome: 'rests'; readonly reason: string; readonly error: string; readonly restMs: number }
  /** It took down what it ran in, alone: tried again after the usual backoff, but not as often. */
  | { readonly outcome: 'broken'; readonly reason: string; readonly error: string }
  /** Trying again cannot help: dead letter at once. */
  | { readonly outcome: 'given_up'; readonly reason: string; readonly error: string };

/** Whether what a delivery says may be acted on, where its signature alone does not vouch for it. */
export type Confirmation =
  /** The signature is enough, or nothing of it moves money, or it was confirmed before. */
  | { readonly outcome: 'not_needed' }
  | { readonly outcome: 'confirmed' }
  /** Never: it is not so. */
  | (ActOutcome & { readonly outcome: 'given_up' })
  | NotNow;

/** What a provider's API said when it was asked for the present state; nothing where nobody had to ask. */
export type Presence = { readonly outcome: 'said'; readonly states: readonly PresentState[] } | NotNow;

/** Of an attempt that could not do what comes first, and is made again. */
export type NotNow = ActOutcome & { readonly outcome: 'failed' | 'rests' };

/** What an event names that carries no data itself, as its provider's API has it. */
export interface Fetched {
  /** With its data. */
  readonly event: JsonValue;
  /** As it is now; null where there is none, or none any more. */
  readonly object: JsonValue;
}

export type Fetching =
  /** The configuration does not ask for it. */
  { readonly outcome: 'not_wanted' } | { readonly outcome: 'fetched'; readonly fetched: Fetched } | NotNow;

export interface Acted {
  readonly outcome: ActOutcome;
  /** What was done in all, earlier attempts included. */
  readonly effects: Effects;
}
