/** Times in the forms that provider bodies use. */

import { HOUR_MS, SECOND_MS } from '../core/time.ts';
import type { EpochMs } from '../core/webhook.ts';

/** Whole seconds since 1970. */
export const unixSeconds = (at: EpochMs): number => Math.floor(at / SECOND_MS);

/** `2026-03-01T12:34:56.789Z`. */
export const isoMillis = (at: EpochMs): string => new Date(at).toISOString();

/** `2026-03-01T12:34:56Z`. */
export const isoSeconds = (at: EpochMs): string => `${isoMillis(at).slice(0, 19)}Z`;

/** `2026-03-01`, in UTC. */
export const isoDate = (at: EpochMs): string => isoMillis(at).slice(0, 10);

/** `2026-03-01T13:34:56+01:00`: an instant as a clock one hour ahead of UTC shows it. */
export const isoSecondsAtPlusOne = (at: EpochMs): string => `${isoMillis(at + HOUR_MS).slice(0, 19)}+01:00`;

export const utcYear = (at: EpochMs): number => new Date(at).getUTCFullYear();
