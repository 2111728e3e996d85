/** Units of time, and durations for a log. An instant is `EpochMs`. */

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;

/** Tenths of a millisecond are enough for a log. */
export const milliseconds = (seconds: number): number => Math.round(seconds * 10_000) / 10;
