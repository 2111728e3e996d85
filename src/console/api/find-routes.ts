/** Whatever id somebody holds: as `payhook find`. */
import { Hono } from 'hono';
import { createFindAnything } from '../../operate/find-anything.ts';
import { paymentJson } from '../../operate/payment-json.ts';
import { timeText } from '../../operate/webhook-json.ts';
import { webhookRows } from '../../operate/webhook-rows.ts';
import type { FoundJson } from '../api-types.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { findQuery, read } from './queries.ts';

export const findRoutes = ({ home, providers }: ConsoleDeps) => {
  const find = createFindAnything({ ...home, providers: providers.map(({ name }) => name) });
  return new Hono().get('/', async (context) => {
    const { q } = read(findQuery, context.req.query());
    const { webhooks, payments, scannedUntil } = await find(q.trim());
    return context.json<FoundJson>({
      webhooks: await webhookRows(home, webhooks),
      payments: payments.map(paymentJson),
      scannedUntil: scannedUntil === null ? null : timeText(scannedUntil),
    });
  });
};
