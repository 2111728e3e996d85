/** Whether the machine's clock can be believed by whoever removes what had its time. */
import type { Clock } from '../../core/ports/clock.ts';
import { DAY_MS, SECOND_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';

/**
 * Returns a function that says so. After time has gone on by more than a day at once it is not believed for a day: the clock
 * may be wrong, and a person has to have the time to see it. So it is after a start that comes a day after the last sign of
 * life (`lastKnownAt`; null where there was none), and on a machine that slept.
 */
export const createSteadyClock = (clock: Clock, lastKnownAt: EpochMs | null): (() => boolean) => {
  const seconds = clock.stopwatch();
  let last = { at: lastKnownAt ?? clock.now(), elapsedMs: 0 };
  let steadySinceMs = Number.NEGATIVE_INFINITY;
  return () => {
    const [at, elapsedMs] = [clock.now(), seconds() * SECOND_MS];
    if (at - last.at - (elapsedMs - last.elapsedMs) > DAY_MS) steadySinceMs = elapsedMs;
    last = { at, elapsedMs };
    return elapsedMs - steadySinceMs >= DAY_MS;
  };
};
