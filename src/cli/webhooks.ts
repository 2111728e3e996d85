/** `payhook webhooks`: look at stored webhooks, process one again. */
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import { didYouMean } from '../core/nearest-name.ts';
import type { WebhookFilter } from '../core/ports/webhook-store.ts';
import type { Webhook } from '../core/webhook.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { describeReplay } from '../operate/describe-replay.ts';
import { noWebhook, webhookWithId } from '../operate/find-webhook.ts';
import { createListWebhooks } from '../operate/list-webhooks.ts';
import { readPayload } from '../operate/read-payload.ts';
import { webhookDetail } from '../operate/webhook-detail.ts';
import { type WebhookRow, webhookCsv, webhookRows } from '../operate/webhook-rows.ts';
import type { IgnoredReason } from '../payments/mapping.ts';
import { createReplay } from '../process/replay.ts';
import { actAs, withOperator } from './act-as.ts';
import { OF_ONE } from './audit-lines.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { effectLines } from './effect-lines.ts';
import type { WebhookListOptions } from './list-options.ts';
import { printPage, type Shown } from './print-list.ts';
import { notReplayed, replayForDestination } from './replay-destination.ts';
import type { ExitCode } from './report-failure.ts';
import { endOfShortId } from './short-id.ts';
import { fieldLines, sectionLines } from './table.ts';
import { webhookFields } from './webhook-text.ts';

const HEADER = ['RECEIVED', 'STATUS', 'PROVIDER', 'EVENT TYPE', 'ATTEMPTS', 'WEBHOOK'];

const row = (webhook: WebhookRow): string[] => [
  webhook.receivedAt,
  webhook.status,
  webhook.provider,
  `${webhook.eventType}${webhook.synthetic === null ? '' : ' (synthetic)'}${webhook.origin === 'delivery' ? '' : ' (recovered)'}`,
  String(webhook.attempts),
  webhook.webhookId,
];

const SHOWN: Shown<WebhookRow> = { header: HEADER, row, json: (one) => one, csv: webhookCsv };

/** Throws `not_found` for one that is not configured in this home: a list of it would be empty, which looks like an answer. */
export const configuredDestination = async (context: CommandContext, name: string): Promise<string> => {
  const { destinations } = await loadSettings(context);
  const known = destinations.map((one) => one.name);
  if (known.includes(name)) return name;
  const hint = didYouMean(name, known) || known.join(', ') || 'none is configured';
  throw new PayhookError('not_found', `there is no destination ${name} in this home: ${hint}`);
};

/** What all lists of webhooks share. */
export const printWebhooks = async (
  context: CommandContext,
  home: OperatorHome,
  { object: objectId, destination: asked, secret: secretId, ...options }: WebhookListOptions,
  narrowed: Pick<WebhookFilter, 'status' | 'lastError'> = {},
): Promise<ExitCode> => {
  const destination = asked === undefined ? undefined : await configuredDestination(context, asked.name);
  const entryState = asked?.state;
  const query = { ...options, objectId, secretId, destination, entryState, ...narrowed };
  const page = await createListWebhooks(home)(query);
  printPage(context, { ...page, items: await webhookRows(home, page.items) }, SHOWN, options);
  return 0;
};

export interface ListWebhooksOptions extends WebhookListOptions {
  readonly unknown?: boolean;
}

const UNKNOWN = { status: 'ignored', lastError: 'unknown_type' satisfies IgnoredReason } as const;

export const listWebhooks = (
  context: CommandContext,
  { unknown = false, ...options }: ListWebhooksOptions,
): Promise<ExitCode> => {
  if (unknown && options.status?.includes(UNKNOWN.status) === false) {
    throw new PayhookError('usage_wrong', `webhooks of unknown types are ${UNKNOWN.status}: leave out --status`);
  }
  return withHome<ExitCode>(context, (home) => printWebhooks(context, home, options, unknown ? UNKNOWN : {}));
};

/** By the end that a list shows of an id: of the newest, because lists show those, and a store cannot search for ends. */
export const findByEnd = async (store: OperatorHome['store'], written: string): Promise<Webhook | undefined> => {
  const end = endOfShortId(written);
  if (end === null) return undefined;
  const { items: newest } = await store.list({ limit: LIMITS.listLimitMax });
  const ids = [...new Set(newest.map(({ webhookId }) => webhookId).filter((webhookId) => webhookId.endsWith(end)))];
  if (ids.length > 1) throw new PayhookError('usage_wrong', `several webhooks end with ${end}: ${ids.join(', ')}`);
  return ids[0] === undefined ? undefined : (await store.find(ids[0]))[0];
};

/** The webhook with this id, or the only one of the newest that ends so; throws when there is none. */
export const findWebhook = async ({ store }: OperatorHome, webhookId: string): Promise<Webhook> =>
  (await webhookWithId(store, webhookId)) ?? (await findByEnd(store, webhookId)) ?? noWebhook(webhookId);

export interface ShowOptions {
  readonly payload?: boolean;
  /** Why the payload is opened; kept in the trail. */
  readonly reason?: string;
  readonly json?: boolean;
}

export const showWebhook = async (
  context: CommandContext,
  webhookId: string,
  options: ShowOptions,
): Promise<ExitCode> => {
  const reason = reasonToOpen(options);
  return withHome<ExitCode>(context, async (home) => {
    const webhook = await findWebhook(home, webhookId);
    const payload = reason === null ? undefined : await openPayload(context, home, webhook, reason);
    const detail = await webhookDetail(home, webhook);
    if (options.json === true) {
      context.print(JSON.stringify({ ...detail, ...(payload === undefined ? {} : { payload }) }));
      return 0;
    }
    for (const line of fieldLines(webhookFields(detail))) context.print(line);
    for (const line of effectLines(webhook, detail.destinations, context.columns)) context.print(line);
    for (const line of sectionLines(OF_ONE.header, detail.audit.map(OF_ONE.line), context.columns)) context.print(line);
    for (const line of payload === undefined ? [] : ['', ...payload.split('\n')]) context.print(line);
    return 0;
  });
};

const openPayload = async (
  context: CommandContext,
  home: OperatorHome,
  webhook: Webhook,
  reason: string,
): Promise<string> => {
  const operator = await actAs(context, home.operators, 'open_payload');
  return (await readPayload({ ...home, operator }, webhook, reason)).toString('utf8');
};

/** Null where no payload is asked for. Before anything is opened: whoever forgot to say why has been shown nothing. */
const reasonToOpen = ({ payload = false, reason = '' }: ShowOptions): string | null => {
  const why = reason.trim();
  if (!payload && why !== '')
    throw new PayhookError('usage_wrong', '--reason is for --payload: add it, or leave both out');
  if (payload && why === '') {
    throw new PayhookError(
      'usage_wrong',
      '--payload opens what a provider sent: say why, for the audit trail: --reason "…"',
    );
  }
  return payload ? why : null;
};

export interface ReplayOptions {
  /** One handler, or one destination. */
  readonly only?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

export const replayWebhook = (context: CommandContext, webhookId: string, options: ReplayOptions): Promise<ExitCode> =>
  withOperator<ExitCode>(context, 'put_back', async (home) => {
    const webhook = await findWebhook(home, webhookId);
    const { only, reason = null } = options;
    if (only !== undefined) {
      const { config } = await loadSettings(context);
      const destination = config.destinations[only];
      if (destination !== undefined) {
        return replayForDestination(context, home, webhook, { name: only, events: destination.events }, options);
      }
      if (!webhook.effects.handlers.some(({ handler }) => handler === only)) throw notReplayed(webhook, only, config);
    }
    const outcome = await createReplay(home)(webhook, home.operator, reason, only ?? null);
    const { isDone, text } = describeReplay(outcome);
    context.print(
      options.json === true ? JSON.stringify({ webhookId, outcome: outcome.outcome }) : `${webhookId} ${text}`,
    );
    return isDone ? 0 : 1;
  });
