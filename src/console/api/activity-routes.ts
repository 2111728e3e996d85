/** What came over time, what became of it, and who is silent: for the graphs of the overview. As `payhook activity`. */
import { Hono } from 'hono';
import { activityJson, createCountActivity } from '../../operate/count-activity.ts';
import { describeSilences } from '../../operate/watch-silence.ts';
import type { ActivityJson } from '../api-types.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { activityQuery, read } from './queries.ts';

export const activityRoutes = ({ home, config }: ConsoleDeps) => {
  const count = createCountActivity(home);
  return new Hono().get('/', async (context) => {
    const { window, mode = config.mode } = read(activityQuery, context.req.query());
    const [activity, silent] = await Promise.all([count(window, mode ?? undefined), describeSilences(home.silence)]);
    return context.json<ActivityJson>({ ...activityJson(activity), silent });
  });
};
