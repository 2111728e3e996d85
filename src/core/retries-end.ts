/** When a provider stops sending a delivery again that was turned away: until then nothing of it is lost. */
import type { RetrySchedule } from './ports/provider.ts';
import type { EpochMs } from './webhook.ts';

export interface RetriesLeft {
  /** The last time at which it may come again; null where the provider tells no end. */
  readonly until: EpochMs | null;
  /** Further tries from now on; null where the provider does not tell the times of each. */
  readonly count: number | null;
}

/** `firstTriedAt` is the first try as far as is known: with a later one the end is told too late, never too early. */
export const retriesLeft = (schedule: RetrySchedule, firstTriedAt: EpochMs, now: EpochMs): RetriesLeft => {
  const { waitsMs, endsAfterMs } = schedule;
  if (waitsMs.length === 0) return { until: endsAfterMs === null ? null : firstTriedAt + endsAfterMs, count: null };
  let at = firstTriedAt;
  const times = waitsMs.map((waitMs) => {
    at += waitMs;
    return at;
  });
  return { until: at, count: times.filter((time) => time > now).length };
};
