/** Times as providers write them, to UTC milliseconds. Strict: what is not a real instant is null, never guessed. */

import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { EpochMs } from '../core/webhook.ts';

/** Twelve digits reach the year 33658; `parseInt` would take `1e3`, ` 12` and `12abc`. */
const DECIMAL_SECONDS = /^(?:0|[1-9]\d{0,11})$/;

/** The instant of unix seconds written as a plain decimal integer, or null. */
export const instantOfSeconds = (text: string): EpochMs | null =>
  DECIMAL_SECONDS.test(text) ? Number(text) * SECOND_MS : null;

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:([Zz])|([+-])(\d\d):(\d\d))?$/;

/** Longer texts are no time; the bound keeps the expression cheap on hostile headers. */
const TIME_CHARS_MAX = 64;

/** The day exists in that month: `Date.UTC` would roll 31 April over into May. */
const isDay = (year: number, month: number, day: number): boolean => {
  const date = new Date(Date.UTC(year, month - 1, day));
  return month >= 1 && month <= 12 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
};

/**
 * The instant of an RFC 3339 date and time, fractions of a millisecond cut off; null when it is none, when it does not
 * exist (PayPal's simulator sends month 19), or when it lies before 1970. Without an offset it is null too, except with
 * `isOffsetOptional`: then it is UTC (Square's Events API leaves the `Z` out).
 */
export const instantOfText = (text: string, isOffsetOptional = false): EpochMs | null => {
  if (text.length > TIME_CHARS_MAX) return null;
  const match = DATE_TIME.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = '', zulu, sign, offsetHour = '0', offsetMinute = '0'] =
    match;
  const isOffsetGiven = zulu !== undefined || sign !== undefined;
  if (!isOffsetGiven && !isOffsetOptional) return null;
  if (!isDay(Number(year), Number(month), Number(day))) return null;
  // Second 60 is a leap second (RFC 3339 section 5.7); it becomes the first of the next minute.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return null;
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
  const local = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    milliseconds,
  );
  const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute)) * MINUTE_MS * (sign === '-' ? -1 : 1);
  const instant = local - offsetMs;
  return instant < 0 ? null : instant;
};
