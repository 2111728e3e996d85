/** `payhook audit review`: a day as a person goes through it, and that somebody did. */
import { createReviewDay, createSayReviewed, type DayInReview, yesterday } from '../audit/review-day.ts';
import { dayInReviewJson, reviewedJson } from '../operate/review-json.ts';
import { timeText } from '../operate/webhook-json.ts';
import { withOperator } from './act-as.ts';
import { type CommandContext, withHome } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';
import { tableLines } from './table.ts';

export interface ReviewOptions {
  readonly done?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}

/** Exit 1 when nobody has reviewed the day yet. */
export const reviewDay = (
  context: CommandContext,
  day: string = yesterday(context.clock.now()),
  { done = false, reason, json = false }: ReviewOptions = {},
): Promise<ExitCode> => {
  if (done) {
    return withOperator<ExitCode>(context, 'review_day', async (home) => {
      const reviewed = await createSayReviewed(home)(day, home.operator, reason ?? null);
      if (json) context.print(JSON.stringify(reviewedJson(reviewed)));
      else context.print(`${day} is reviewed, by ${home.operator.id}`);
      return 0;
    });
  }
  return withHome<ExitCode>(context, async (home) => {
    const found = await createReviewDay(home)(day);
    if (json) context.print(JSON.stringify(dayInReviewJson(found)));
    else for (const line of reviewLines(found, context.columns)) context.print(line);
    return found.reviews.length > 0 ? 0 : 1;
  });
};

const HEADER = ['EVENT', 'HOW MANY', 'ACTOR', 'REASON', 'FIRST', 'LAST'];

const reviewLines = (found: DayInReview, columns: number | undefined): readonly string[] => {
  const { day, lines, entries, lookedBackTo, reviews } = found;
  const cells = lines.map(({ event, outcome, actor, reason, count, firstAt, lastAt }) => [
    outcome === 'success' ? event : `${event} ${outcome}`,
    String(count),
    `${actor.type}:${actor.id}`,
    reason ?? '',
    timeText(firstAt),
    timeText(lastAt),
  ]);
  return [
    ...(lines.length === 0
      ? [`${day}: nothing that a person has to look at, in ${entries} entries`]
      : tableLines(HEADER, cells, columns)),
    ...(lookedBackTo === null
      ? []
      : [`looked back to ${timeText(lookedBackTo)} and no further: the day has more entries than that`]),
    ...(reviews.length === 0
      ? [`nobody has reviewed it yet: payhook audit review ${day} --done`]
      : reviews.map(
          ({ by, at, note }) => `reviewed by ${by.id} at ${timeText(at)}${note === null ? '' : `: ${note}`}`,
        )),
  ];
};
