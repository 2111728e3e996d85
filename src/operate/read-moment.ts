/** A moment as a person writes it. */
import type { EpochMs } from '../core/webhook.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** ISO 8601 (UTC unless it says otherwise), or an age such as `90s`, `15m`, `2h`, `3d`; null for anything else. */
export const momentOf = (text: string, now: EpochMs): EpochMs | null => {
  const age = /^(\d{1,6})([smhd])$/.exec(text);
  if (age !== null) return now - Number(age[1]) * (UNIT_MS[age[2] ?? ''] ?? 0);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
  const hasZone = /(?:Z|[+-]\d{2}:\d{2})$/.test(text);
  const at = Date.parse(hasZone || text.length === 10 ? text : `${text}Z`);
  return Number.isNaN(at) ? null : at;
};
