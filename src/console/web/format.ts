/** How amounts, times and sizes are written. Pure: the zone and the present are given. */
import type { MoneyJson } from '../api-types.ts';

/** `12,480.50 USD`, `-0.49 EUR`, `184,000 JPY`: all digits, whatever their number. */
export const moneyText = ({ minor, currency, exponent }: MoneyJson): string => {
  const sign = minor.startsWith('-') ? '-' : '';
  const digits = minor.replace('-', '').padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${sign}${whole}${exponent === 0 ? '' : `.${digits.slice(-exponent)}`} ${currency}`;
};

export const countText = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-11-28 09:41:12.507`, in UTC or in the zone of the browser. */
export const timeText = (iso: string, zone: 'UTC' | 'local', isExact = false): string => {
  if (zone === 'UTC') return iso.slice(0, isExact ? 23 : 19).replace('T', ' ');
  const at = new Date(iso);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${day} ${time}${isExact ? `.${String(at.getMilliseconds()).padStart(3, '0')}` : ''}`;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `12 s`, `3 min`, `3 h 12 min`, `5 d`. */
export const durationText = (ms: number): string => {
  if (ms < 1000) return `${ms} ms`;
  if (ms < MINUTE_MS) return `${Math.floor(ms / 1000)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) {
    const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
    return `${Math.floor(ms / HOUR_MS)} h${minutes === 0 ? '' : ` ${minutes} min`}`;
  }
  return `${Math.floor(ms / DAY_MS)} d`;
};

/** `3 min ago`, `in 42 s`, `now`. */
export const agoText = (iso: string, now: number): string => {
  const past = now - Date.parse(iso);
  if (Math.abs(past) < 1000) return 'now';
  return past < 0 ? `in ${durationText(-past)}` : `${durationText(past)} ago`;
};

const BYTE_UNITS = ['KB', 'MB', 'GB', 'TB'] as const;

/** `2,879 B`, `36 KB`, `8.4 GB`. */
export const bytesText = (bytes: number): string => {
  if (bytes < 10_000) return `${countText(bytes)} B`;
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), BYTE_UNITS.length);
  const value = bytes / 1024 ** power;
  return `${power > 1 && value < 100 ? value.toFixed(1) : countText(Math.round(value))} ${BYTE_UNITS[power - 1]}`;
};

/** As the command line shows what cannot be printed: nothing in a text moves, hides or reverses what stands beside it. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (char) =>
    Array.from(
      { length: char.length },
      (_, index) => `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );

/** `dead_lettered` as a person reads it. */
export const words = (code: string): string => code.replaceAll('_', ' ');
