/** How each destination is doing, what became of its entries, and a message to try one. As `payhook destinations`. */
import { Hono } from 'hono';
import { PayhookError } from '../../core/errors.ts';
import { createListDestinationEntries, entryJson } from '../../operate/list-destination-entries.ts';
import type { EntryJson, PageJson, PutBackJson, ShownDestination } from '../api-types.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, only } from './guard.ts';
import { pageJson } from './page-json.ts';
import { entriesQuery, read } from './queries.ts';

export const destinationRoutes = ({ home, destinationDesk: desk }: ConsoleDeps) => {
  const list = () => desk.list((names) => home.destinations.depth(names));
  const listEntries = createListDestinationEntries(home);
  const found = async (name: string): Promise<ShownDestination> => {
    const one = (await list()).find((destination) => destination.name === name);
    if (one !== undefined) return one;
    throw new PayhookError('not_found', `there is no destination ${name}: payhook destinations list shows them`);
  };
  return new Hono<ConsoleEnv>()
    .get('/', async (context) => context.json<readonly ShownDestination[]>(await list()))
    .get('/:name', async (context) => context.json<ShownDestination>(await found(context.req.param('name'))))
    .get('/:name/entries', async (context) => {
      const { name: destination } = await found(context.req.param('name'));
      const page = await listEntries({ ...read(entriesQuery(home.clock.now()), context.req.query()), destination });
      return context.json<PageJson<EntryJson>>(pageJson(page, page.items.map(entryJson)));
    })
    .post('/:name/test', only(home.operators, 'put_back'), async (context) => {
      const result = await desk.test(context.req.param('name'));
      const isDone = result.outcome === 'delivered';
      return context.json<PutBackJson>({
        isDone,
        text: isDone ? `was delivered (${result.messageId})` : `failed: ${result.detail}`,
      });
    });
};
