/** What came over time, and what became of it: for the graphs of the overview. */
import { Hono } from 'hono';
import { createCountActivity } from '../../operate/count-activity.ts';
import { timeText } from '../../operate/webhook-json.ts';
import type { ActivityJson } from '../api-types.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { activityQuery, read } from './queries.ts';

export const activityRoutes = ({ home, config }: ConsoleDeps) => {
  const count = createCountActivity(home);
  return new Hono().get('/', async (context) => {
    const { window, mode = config.mode } = read(activityQuery, context.req.query());
    const { since, until, buckets, ...activity } = await count(window, mode ?? undefined);
    return context.json<ActivityJson>({
      ...activity,
      since: timeText(since),
      until: timeText(until),
      buckets: buckets.map(({ from, ...counts }) => ({ ...counts, from: timeText(from) })),
    });
  });
};
