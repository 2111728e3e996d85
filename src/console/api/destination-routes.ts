/** How each destination is doing, and a message to try one. As `payhook destinations`. */
import { Hono } from 'hono';
import { PayhookError } from '../../core/errors.ts';
import type { PutBackJson, ShownDestination } from '../api-types.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, only } from './guard.ts';

export const destinationRoutes = ({ home, destinationDesk: desk }: ConsoleDeps) => {
  const list = () => desk.list((names) => home.destinations.depth(names));
  return new Hono<ConsoleEnv>()
    .get('/', async (context) => context.json<readonly ShownDestination[]>(await list()))
    .get('/:name', async (context) => {
      const name = context.req.param('name');
      const found = (await list()).find((one) => one.name === name);
      if (found === undefined) {
        throw new PayhookError('not_found', `there is no destination ${name}: payhook destinations list shows them`);
      }
      return context.json<ShownDestination>(found);
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
