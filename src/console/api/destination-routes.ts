/** How each destination is doing: as `payhook destinations list`. */
import { Hono } from 'hono';
import { listDestinationRows } from '../../homes/list-destinations.ts';
import type { ConsoleDeps } from './console-deps.ts';

export const destinationRoutes = ({ home, config, choice }: ConsoleDeps) =>
  new Hono().get('/', async (context) =>
    context.json(await listDestinationRows(config, choice.kind, (names) => home.destinations.depth(names))),
  );
