/**
 * What is suspected of taking down whatever it runs in runs with nothing beside it, and leaves word before it starts. So
 * the one that does it is told from those that only were there, in both homes, whatever it does.
 */
import { LIMITS } from '../core/limits.ts';
import type { Claim } from '../core/ports/queue.ts';
import type { StatusChange } from '../core/ports/webhook-store.ts';
import type { Actor, EpochMs, Webhook } from '../core/webhook.ts';

/** One webhook at a time. On AWS also: only while no other message of the batch is worked on. */
export interface AloneLane {
  /** False when one may not run alone now, nor soon. After true, `leave` has to be called. */
  enter(): Promise<boolean>;
  leave(): void;
}

/** First come, first served. Who waits holds a place that others could use: at most `waitingMax` do, and not for long. */
export const createAloneLane = (waitingMax: number): AloneLane => {
  let isTaken = false;
  const waiting: (() => void)[] = [];
  return {
    enter() {
      if (!isTaken) {
        isTaken = true;
        return Promise.resolve(true);
      }
      if (waiting.length >= waitingMax) return Promise.resolve(false);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(turn), 1);
        resolve(false);
      }, LIMITS.aloneTurnMsMax);
      const turn = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      waiting.push(turn);
      return promise;
    },
    leave() {
      const next = waiting.shift();
      if (next === undefined) isTaken = false;
      else next();
    },
  };
};

/** Somebody claimed it before and never came back, or it took down what it ran in when it ran alone. */
export const isSuspect = (claim: Claim, webhook: Webhook): boolean =>
  claim.claimedTimes > 1 || webhook.effects.round.brokenAttempts > 0;

export const isBrokenTooOften = (webhook: Webhook): boolean =>
  webhook.effects.round.brokenAttempts >= LIMITS.brokenAttemptsMax;

/**
 * What is written before an attempt that may take down whoever makes it: it has failed, unless somebody is there
 * afterwards to say otherwise.
 */
export const beginAlone = (webhook: Webhook, changedAt: EpochMs, actor: Actor): StatusChange => {
  const { round } = webhook.effects;
  const attempts = webhook.attempts + 1;
  return {
    status: 'retrying',
    attempts,
    lastError: `attempt ${attempts} runs with nothing beside it, or never ended: out of memory, out of time, or killed`,
    nextAttemptAt: changedAt,
    effects: { ...webhook.effects, round: { ...round, brokenAttempts: round.brokenAttempts + 1 } },
    changedAt,
    actor,
    reason: 'attempt_begun_alone',
  };
};

/** A machine of ours broke, and is not what such an attempt is suspected of: as if it had not begun. */
export const undoAlone = (webhook: Webhook, changedAt: EpochMs, actor: Actor): StatusChange => ({
  status: 'retrying',
  attempts: webhook.attempts,
  lastError: webhook.lastError,
  nextAttemptAt: changedAt,
  effects: webhook.effects,
  changedAt,
  actor,
  reason: 'attempt_undone',
});
