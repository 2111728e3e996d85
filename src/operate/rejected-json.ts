/** Rejected deliveries as JSON, for `--json` and for what the console exports: the one place where they become it. Stable. */
import type { RejectedSummary } from '../core/ports/rejected-box.ts';
import { timeOrNull, timeText } from './webhook-json.ts';

export const rejectedJson = (one: RejectedSummary) => ({
  ...one,
  skewMs: one.skewMs ?? null,
  rejectedAt: timeText(one.rejectedAt),
  expiresAt: timeText(one.expiresAt),
  acceptedAt: timeOrNull(one.acceptedAt),
});
