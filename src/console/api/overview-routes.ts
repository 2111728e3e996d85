/** Is money stuck, does everybody still deliver, and is somebody behind? */
import { Hono } from 'hono';
import { listDestinationRows } from '../../homes/list-destinations.ts';
import { createFindNewest } from '../../operate/find-newest.ts';
import { createLookAtProcessing, processingJson } from '../../operate/look-at-processing.ts';
import { timeOrNull, timeText } from '../../operate/webhook-json.ts';
import type { OverviewJson } from '../api-types.ts';
import { askCauses } from './cause-routes.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { deliveryCounts } from './delivery-counts.ts';
import { overviewQuery, read } from './queries.ts';

export const overviewRoutes = (deps: ConsoleDeps) => {
  const { home, providers, config, choice } = deps;
  const findNewest = createFindNewest(home);
  const lookAtProcessing = createLookAtProcessing(home);
  const newestOf = async ({ name, title }: (typeof providers)[number]) => {
    const { newestAt, scannedUntil } = await findNewest(name);
    return { name, title, newestAt: timeOrNull(newestAt), scannedUntil: timeOrNull(scannedUntil) };
  };
  return new Hono().get('/', async (context) => {
    const [causes, newest, deliveries, processing, waiting, digest] = await Promise.all([
      askCauses(deps, read(overviewQuery, context.req.query())),
      Promise.all(providers.map(newestOf)),
      deliveryCounts(deps),
      lookAtProcessing(),
      listDestinationRows(config, choice.kind, (names) => home.destinations.depth(names)),
      home.auditLog.lastDigest(),
    ]);
    return context.json<OverviewJson>({
      causes,
      providers: newest,
      deliveries,
      processing: processingJson(processing),
      destinations: waiting,
      digest:
        digest === undefined ? null : { lastPosition: digest.lastPosition, createdAt: timeText(digest.createdAt) },
    });
  });
};
