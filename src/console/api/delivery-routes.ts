/** Deliveries that were not taken: why, until when they come again, and accepting them once they verify. As `payhook rejected`. */
import { Hono } from 'hono';
import { TURNED_AWAY_CHAIN } from '../../audit/audit.ts';
import type { RejectedSummary } from '../../core/ports/rejected-box.ts';
import { type RetriesLeft, retriesLeft } from '../../core/retries-end.ts';
import { auditJson, timeText } from '../../operate/webhook-json.ts';
import { whyNot } from '../../operators/roles.ts';
import { describeAccept, MASKED_WORDS } from '../../receive/describe-accept.ts';
import type {
  AuditJson,
  DeliveriesJson,
  DeliveryDetailJson,
  DeliveryJson,
  JudgedJson,
  PutBackJson,
} from '../api-types.ts';
import { bodyOf } from './body.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, only } from './guard.ts';
import { pageJson } from './page-json.ts';
import { deliveriesQuery, limitQuery, read, reasonBody } from './queries.ts';

export const deliveryRoutes = ({ home, providers, rejectedCases, areRejectedKept }: ConsoleDeps) =>
  new Hono<ConsoleEnv>()
    .get('/', async (context) => {
      const page = await home.rejected.list(read(deliveriesQuery(home.clock.now()), context.req.query()));
      const schedules = new Map(providers.map(({ name, retrySchedule }) => [name, retrySchedule]));
      const items = page.items.map((one) => {
        const schedule = schedules.get(one.provider);
        const left = schedule === undefined ? null : retriesLeft(schedule, one.rejectedAt, home.clock.now());
        return deliveryJson(one, left);
      });
      return context.json<DeliveriesJson>({ ...pageJson(page, items), areKept: areRejectedKept });
    })
    .get('/turned-away', async (context) => {
      const { limit } = read(limitQuery, context.req.query());
      const entries = await home.auditLog.chain(TURNED_AWAY_CHAIN, limit);
      return context.json<readonly AuditJson[]>(entries.map(auditJson).reverse());
    })
    .get('/:id', async (context) => {
      const { summary, provider, retries } = await rejectedCases.show(context.req.param('id'));
      const why = whyNot(context.get('person').role, 'put_back');
      return context.json<DeliveryDetailJson>({
        ...deliveryJson(summary, retries),
        providerTitle: provider.title,
        schedule: provider.retrySchedule.source,
        cardDataCount: summary.cardDataCount,
        traceId: summary.traceId,
        expiresAt: timeText(summary.expiresAt),
        actions: [{ name: 'accept', isAllowed: why === null, why }],
      });
    })
    .post('/:id/verify', async (context) => {
      const { sentence, change, isMasked, outcome } = await rejectedCases.diagnose(context.req.param('id'));
      return context.json<JudgedJson>({
        isGenuine: outcome === 'genuine',
        sentence,
        change: isMasked ? MASKED_WORDS : change,
      });
    })
    .post('/:id/accept', only(home.operators, 'put_back'), async (context) => {
      const { reason } = read(reasonBody, await bodyOf(context));
      return context.json<PutBackJson>(
        describeAccept(await rejectedCases.accept(context.req.param('id'), context.get('person').operator, reason)),
      );
    });

const deliveryJson = (one: RejectedSummary, left: RetriesLeft | null): DeliveryJson => ({
  id: one.id,
  provider: one.provider,
  rejectedAt: timeText(one.rejectedAt),
  reason: one.reason,
  sourceAddress: one.sourceAddress,
  isFromKnownSender: one.isFromKnownSender,
  bodyBytes: one.bodyBytes,
  acceptedAt: one.acceptedAt === null ? null : timeText(one.acceptedAt),
  triesUntil: left === null || left.until === null ? null : timeText(left.until),
  triesLeft: left === null ? null : left.count,
});
