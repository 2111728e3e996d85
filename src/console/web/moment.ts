/** Moments that a person writes into a filter: in the zone of the screen, and in UTC in the address. Pure. */
import { timeText } from './format.ts';

type Zone = 'UTC' | 'local';

const WITHOUT_ZONE = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/;
const AGE = /^(\d{1,6})([smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const iso = (at: Date): string => at.toISOString().replace('.000Z', 'Z');

/** For the address, which means the same to everybody. What says its zone, or is an age, stays as it is. */
export const momentIn = (written: string, zone: Zone): string => {
  const parts = zone === 'local' ? WITHOUT_ZONE.exec(written)?.slice(1) : undefined;
  if (parts === undefined) return written;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0));
  return iso(new Date(year, month - 1, day, hour, minute, second));
};

/** For the field. */
export const momentOut = (moment: string, zone: Zone): string =>
  zone === 'local' && /^\d{4}-.*Z$/.test(moment) && !Number.isNaN(Date.parse(moment)) ? timeText(moment, zone) : moment;

/** An age is another moment for whoever opens a link later: `2h` becomes the moment that it is now. */
export const absolute = (moment: string, now: number): string => {
  const [, count, unit = ''] = AGE.exec(moment) ?? [];
  return count === undefined ? moment : iso(new Date(now - Number(count) * (UNIT_MS[unit] ?? 0)));
};
