/** How far back activity is counted. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/time.ts';

export const ACTIVITY_WINDOWS = {
  '15m': 15 * MINUTE_MS,
  '1h': HOUR_MS,
  '24h': DAY_MS,
  '7d': 7 * DAY_MS,
} as const;
export type ActivityWindow = keyof typeof ACTIVITY_WINDOWS;
export const ACTIVITY_WINDOW_NAMES = Object.keys(ACTIVITY_WINDOWS) as [ActivityWindow, ...ActivityWindow[]];
export const USUAL_WINDOW: ActivityWindow = '1h';
