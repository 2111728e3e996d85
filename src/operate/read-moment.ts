/** A moment as a person writes it. */
import type { EpochMs } from '../core/webhook.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** JavaScript makes 31 November the first of December. */
const isDay = (day: string): boolean => {
  const at = Date.parse(day);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
};

/** ISO 8601 (UTC unless it says otherwise), or an age such as `90s`, `15m`, `2h`, `3d`; null for anything else. */
export const momentOf = (text: string, now: EpochMs): EpochMs | null => {
  const age = /^(\d{1,6})([smhd])$/.exec(text);
  if (age !== null) return now - Number(age[1]) * (UNIT_MS[age[2] ?? ''] ?? 0);
  const [, day, zone] = DATE_TIME.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return null;
  const at = Date.parse(zone !== undefined || text === day ? text : `${text}Z`);
  return Number.isNaN(at) ? null : at;
};
