/** Deliveries that were not taken: why, until when they come again, and accepting them once they verify. As `payhook rejected`. */
import { Hono } from 'hono';
import type { AuditEntry } from '../../audit/audit.ts';
import type { RejectedSummary } from '../../core/ports/rejected-box.ts';
import { type RetriesLeft, retriesLeft } from '../../core/retries-end.ts';
import { createListTurnedAway } from '../../operate/list-turned-away.ts';
import { rejectedJson } from '../../operate/rejected-json.ts';
import { auditJson, timeText } from '../../operate/webhook-json.ts';
import { whyNot } from '../../operators/roles.ts';
import { webhookIdsOf } from '../../receive/accept-rejected.ts';
import { statusOfTurnedAway } from '../../receive/answer.ts';
import { describeAccept, MASKED_WORDS } from '../../receive/describe-accept.ts';
import type {
  AcceptedJson,
  DeliveriesJson,
  DeliveryDetailJson,
  DeliveryJson,
  JudgedJson,
  PageJson,
  TurnedAwayJson,
} from '../api-types.ts';
import { bodyOf } from './body.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { deliveryCounts } from './delivery-counts.ts';
import { type ConsoleEnv, only } from './guard.ts';
import { pageJson } from './page-json.ts';
import { deliveriesQuery, read, reasonBody, turnedAwayQuery } from './queries.ts';

export const deliveryRoutes = ({ home, providers, rejectedCases, areRejectedKept, readServer }: ConsoleDeps) =>
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
    .get('/counts', async (context) => context.json(await deliveryCounts({ readServer })))
    .get('/turned-away', async (context) => {
      const query = read(turnedAwayQuery(home.clock.now()), context.req.query());
      const page = await createListTurnedAway(home)(query);
      return context.json<PageJson<TurnedAwayJson>>(pageJson(page, page.items.map(turnedAwayJson)));
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
      const outcome = await rejectedCases.accept(context.req.param('id'), context.get('person').operator, reason);
      return context.json<AcceptedJson>({ ...describeAccept(outcome), webhookIds: webhookIdsOf(outcome) });
    });

export const turnedAwayJson = (entry: AuditEntry): TurnedAwayJson => {
  const json = auditJson(entry);
  return { ...json, answer: statusOfTurnedAway(json.event, json.reason) };
};

const deliveryJson = (one: RejectedSummary, left: RetriesLeft | null): DeliveryJson => {
  const { cardDataCount: _, traceId: __, expiresAt: ___, ...json } = rejectedJson(one);
  return {
    ...json,
    answer: statusOfTurnedAway('REJECTED_SIGNATURE', one.reason),
    triesUntil: left === null || left.until === null ? null : timeText(left.until),
    triesLeft: left === null ? null : left.count,
  };
};
