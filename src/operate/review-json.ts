/** A day in review as JSON, for `--json` and for the console. Stable. */
import type { DayInReview, Reviewed } from '../audit/review-day.ts';
import { timeText } from './webhook-json.ts';

export const reviewedJson = ({ at, ...reviewed }: Reviewed) => ({ ...reviewed, at: timeText(at) });

export const dayInReviewJson = ({ since, until, lines, lookedBackTo, reviews, ...rest }: DayInReview) => ({
  ...rest,
  since: timeText(since),
  until: timeText(until),
  lines: lines.map(({ firstAt, lastAt, ...line }) => ({
    ...line,
    firstAt: timeText(firstAt),
    lastAt: timeText(lastAt),
  })),
  lookedBackTo: lookedBackTo === null ? null : timeText(lookedBackTo),
  reviews: reviews.map(reviewedJson),
});
