/** What an assessor asks of this home. As `payhook audit evidence`; the page verifies the trail beside it. */
import { Hono } from 'hono';
import { type EvidenceJson, gatherEvidence } from '../../homes/gather-evidence.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, only } from './guard.ts';
import { noQuery, read } from './queries.ts';

export const evidenceRoutes = (deps: ConsoleDeps) =>
  new Hono<ConsoleEnv>().use(only(deps.home.operators, 'read_audit')).get('/', async (context) => {
    read(noQuery, context.req.query());
    return context.json<EvidenceJson>(await gatherEvidence(deps));
  });
