/** The trail: its newest entries, and whether it is whole. */
import { Hono } from 'hono';
import { createCheckAudit } from '../../audit/check.ts';
import { auditJson } from '../../operate/webhook-json.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, only } from './guard.ts';
import { limitQuery, read } from './queries.ts';

export const auditRoutes = ({ home }: ConsoleDeps) => {
  const check = createCheckAudit(home);
  /** One at a time: each reads the whole trail. Whoever asks meanwhile gets the same answer. */
  let underway: ReturnType<typeof check> | undefined;
  const checkOnce = (): ReturnType<typeof check> => {
    underway ??= check({}).finally(() => {
      underway = undefined;
    });
    return underway;
  };
  return new Hono<ConsoleEnv>()
    .use(only(home.operators, 'read_audit'))
    .get('/', async (context) => {
      const { limit } = read(limitQuery, context.req.query());
      const entries = await home.auditLog.latest(limit);
      return context.json(entries.map(auditJson));
    })
    .post('/verify', async (context) => context.json(await checkOnce()));
};
