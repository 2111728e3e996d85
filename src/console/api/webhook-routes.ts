/** Webhooks: lists, one of them, and what may be done with it. */
import { Hono } from 'hono';
import { LIMITS } from '../../core/limits.ts';
import { UNPARSABLE_EVENT_TYPE, type Webhook } from '../../core/webhook.ts';
import type { OperatorHome } from '../../homes/operator-home.ts';
import { describeReplay } from '../../operate/describe-replay.ts';
import { noWebhook, webhookWithId } from '../../operate/find-webhook.ts';
import { createListWebhooks } from '../../operate/list-webhooks.ts';
import { readPayload } from '../../operate/read-payload.ts';
import { createReplayForDestination, describeReplayFor } from '../../operate/replay-for-destination.ts';
import { webhookDetail } from '../../operate/webhook-detail.ts';
import { webhookRows } from '../../operate/webhook-rows.ts';
import { type Permission, type Role, whyNot } from '../../operators/roles.ts';
import { createRedrive, createReplay } from '../../process/replay.ts';
import type { ActionJson, PageJson, PutBackJson, WebhookDetailJson, WebhookRow } from '../api-types.ts';
import { bodyOf } from './body.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, only, refusal } from './guard.ts';
import { createHourlyLimits } from './hourly-limit.ts';
import { pageJson } from './page-json.ts';
import { actionBody, read, reasonBody, replayBody, webhooksQuery } from './queries.ts';

export const webhookRoutes = ({ home, providers, config }: ConsoleDeps) => {
  const list = createListWebhooks(home);
  const redrive = createRedrive(home);
  const payloadsOf = createHourlyLimits(LIMITS.consolePayloadsPerHourMax, home.clock);

  return new Hono<ConsoleEnv>()
    .get('/', async (context) => {
      const page = await list(read(webhooksQuery(home.clock.now()), context.req.query()));
      return context.json<PageJson<WebhookRow>>(pageJson(page, await webhookRows(home, page.items)));
    })
    .get('/:id', async (context) => {
      const webhook = await webhookOf(home, context.req.param('id'));
      const detail = await webhookDetail(home, webhook);
      const { secretHeaders = [] } = providers.find(({ name }) => name === webhook.provider) ?? {};
      return context.json<WebhookDetailJson>({
        ...detail,
        headers: withoutSignatures(detail.headers, secretHeaders),
        actions: actionsOf(webhook, context.get('person').role),
      });
    })
    .post('/:id/redrive', only(home.operators, 'put_back'), async (context) => {
      const { reason = null } = read(actionBody, await bodyOf(context));
      const webhook = await webhookOf(home, context.req.param('id'));
      const outcome = await redrive(webhook, context.get('person').operator, reason);
      const said = describeReplay(outcome);
      if (said.isDone) await home.forgetDeadLetters(new Set([webhook.webhookId]));
      return context.json<PutBackJson>(said);
    })
    .post('/:id/replay', only(home.operators, 'put_back'), async (context) => {
      const { operator } = context.get('person');
      const { only: one = null, reason } = read(replayBody, await bodyOf(context));
      const webhook = await webhookOf(home, context.req.param('id'));
      const destination =
        one === null || !Object.hasOwn(config.destinations, one) ? undefined : config.destinations[one];
      if (one !== null && destination !== undefined) {
        const wanted = { name: one, events: destination.events };
        const events = await createReplayForDestination(home)(webhook, wanted, operator, reason);
        return context.json<PutBackJson>(describeReplayFor(one, events));
      }
      if (one !== null && !webhook.effects.handlers.some(({ handler }) => handler === one)) {
        return refusal(context, 404, 'not_found', `${one} is neither a handler of this webhook nor a destination`);
      }
      const outcome = await createReplay(home)(webhook, operator, reason, one);
      const said = describeReplay(outcome);
      if (said.isDone) await home.forgetDeadLetters(new Set([webhook.webhookId]));
      return context.json<PutBackJson>(said);
    })
    .post('/:id/payload', only(home.operators, 'open_payload'), async (context) => {
      const { reason } = read(reasonBody, await bodyOf(context));
      const webhook = await webhookOf(home, context.req.param('id'));
      const { operator } = context.get('person');
      if (!payloadsOf(operator.id).take()) {
        return refusal(
          context,
          429,
          'too_many_payloads',
          `${LIMITS.consolePayloadsPerHourMax} payloads were opened in this hour: go on later, or with payhook webhooks show --payload --reason`,
        );
      }
      const bytes = await readPayload({ ...home, operator }, webhook, reason);
      return context.json({ payload: bytes.toString('utf8') });
    });
};

/** Throws `not_found`. */
const webhookOf = async ({ store }: OperatorHome, webhookId: string): Promise<Webhook> =>
  (await webhookWithId(store, webhookId)) ?? noWebhook(webhookId);

const withoutSignatures = (headers: Webhook['headers'], secret: readonly string[]): Webhook['headers'] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, secret.includes(name) ? '(hidden)' : value]),
  );

const actionsOf = ({ status, eventType }: Webhook, role: Role): readonly ActionJson[] => {
  const action = (name: ActionJson['name'], permission: Permission): ActionJson => {
    const why = whyNot(role, permission);
    return { name, isAllowed: why === null, why };
  };
  const isRedrivable = status === 'dead_lettered' && eventType !== UNPARSABLE_EVENT_TYPE;
  const isReplayable = status !== 'received' && eventType !== UNPARSABLE_EVENT_TYPE;
  return [
    ...(isRedrivable ? [action('redrive', 'put_back')] : []),
    ...(isReplayable ? [action('replay', 'put_back')] : []),
    action('open_payload', 'open_payload'),
  ];
};
