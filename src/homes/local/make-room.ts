/** Work that can wait leaves the machine to receiving: it is done in small parts, and rests between them. */
import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '../../core/limits.ts';
import type { ReceivingLoad } from './receiving-load.ts';

type Load = Pick<ReceivingLoad, 'isBusy' | 'isReceiving'>;

/** Resolves after the rest that what took so long is followed by, `restMsMin` at least; at once when it is stopped. */
export type MakeRoom = (tookMs: number, restMsMin: number) => Promise<void>;

/** What has kept the process for so long, while deliveries come, rests for so many times as long. */
const REST_TIMES = 20;

/** In proportion to what the last part took: on a slower machine, or beside more deliveries, less is done. */
export const restMsOf = (load: Load, tookMs: number, restMsMin: number): number => {
  if (load.isBusy()) return LIMITS.makeRoomBusyMs;
  const restMs = load.isReceiving() ? Math.min(LIMITS.makeRoomBusyMs, tookMs * REST_TIMES) : 0;
  return Math.max(restMsMin, restMs);
};

/** The answers of `ask` come one in each turn of the event loop: between what is done with each, deliveries are heard. */
export const oneEachTurn = <Asked, Answer>(
  ask: (asked: Asked) => Promise<Answer>,
): ((asked: Asked) => Promise<Answer>) => {
  let turn: Promise<unknown> = Promise.resolve();
  return async (asked) => {
    const answer = await ask(asked);
    turn = turn.then(nextTurn);
    await turn;
    return answer;
  };
};

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const createMakeRoom =
  (load: Load, stopping: AbortSignal): MakeRoom =>
  async (tookMs, restMsMin) => {
    // Aborted, it ends at once.
    await pause(restMsOf(load, tookMs, restMsMin), undefined, { signal: stopping }).catch(() => undefined);
  };
