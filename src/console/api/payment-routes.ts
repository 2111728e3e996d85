/** Payments: lists, and one of them with everything that happened to it. */
import { Hono } from 'hono';
import { PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import { adviceOn } from '../../operate/advice-on-payment.ts';
import { createListPayments } from '../../operate/list-payments.ts';
import { findPayments } from '../../operate/list-webhooks.ts';
import { createFindArrivals } from '../../operate/payment-arrivals.ts';
import { paymentJson } from '../../operate/payment-json.ts';
import { findStuckPayments } from '../../operate/stuck-payments.ts';
import { createSumPayments, paymentSumsJson } from '../../operate/sum-payments.ts';
import type { PageJson, PaymentDetailJson, PaymentRow, PaymentSumsJson } from '../api-types.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { pageJson } from './page-json.ts';
import { paymentRowsQuery, paymentSumsQuery, read } from './queries.ts';

export const paymentRoutes = ({ home }: ConsoleDeps) => {
  const { payments, clock } = home;
  const list = createListPayments(home);
  const sum = createSumPayments(home);
  const arrivalsOf = createFindArrivals(home);
  return new Hono()
    .get('/', async (context) => {
      const { without, ...asked } = read(paymentRowsQuery(clock.now()), context.req.query());
      const page = await list(asked);
      const stuckOf = without === 'stuck' ? null : await findStuckPayments(home, {}, LIMITS.listLimitMax);
      const rows = page.items.map((one) => ({ ...paymentJson(one), stuck: stuckOf?.(one.payment) ?? null }));
      return context.json<PageJson<PaymentRow>>(pageJson(page, rows));
    })
    .get('/sums', async (context) =>
      context.json<PaymentSumsJson>(
        paymentSumsJson(await sum(read(paymentSumsQuery(clock.now()), context.req.query()))),
      ),
    )
    .get('/:provider/:id', async (context) => {
      const { provider, id } = context.req.param();
      const found = await findPayments(payments, id);
      const ofProvider = found.filter(({ payment }) => payment.provider === provider);
      if (ofProvider.length === 0) {
        throw new PayhookError(
          'not_found',
          `there is no payment ${id} of ${provider}: payhook payments list shows them`,
        );
      }
      return context.json<readonly PaymentDetailJson[]>(
        await Promise.all(
          ofProvider.map(async (one) => ({
            ...paymentJson(one),
            arrivals: await arrivalsOf(one.payment),
            advice: adviceOn(one.payment),
          })),
        ),
      );
    });
};
