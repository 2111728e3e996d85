import { LIMITS } from '../../core/limits.ts';
import type { EpochMs } from '../../core/webhook.ts';

/** Whether what waits for `dueAt` is due; also when that is further away than anything rests. */
export const isDue = (dueAt: EpochMs, now: EpochMs): boolean => dueAt <= now || dueAt > now + LIMITS.restMsMax;
