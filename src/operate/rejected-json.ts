/** Rejected deliveries as JSON, for `--json` and for what the console exports: the one place where they become it. Stable. */
import type { RejectedSummary } from '../core/ports/rejected-box.ts';
import { timeOrNull, timeText } from './webhook-json.ts';

export type RejectedJson = ReturnType<typeof rejectedJson>;

export const rejectedJson = (one: RejectedSummary) => ({
  ...one,
  skewMs: one.skewMs ?? null,
  rejectedAt: timeText(one.rejectedAt),
  expiresAt: timeText(one.expiresAt),
  acceptedAt: timeOrNull(one.acceptedAt),
  webhookIds: one.webhookIds ?? [],
});

/** As one line of a spreadsheet: of what is several one text. */
export const rejectedCsv = <Row extends Pick<RejectedJson, 'webhookIds'>>({ webhookIds, ...row }: Row) => ({
  ...row,
  webhookIds: webhookIds.join(' '),
});
