/** `payhook webhooks`: look at stored webhooks, process one again. */
import type { AuditDraft } from '../audit/audit.ts';
import { OPERATORS_CHAIN, webhookChain } from '../audit/audit.ts';
import { PayhookError } from '../core/errors.ts';
import { hashedId } from '../core/hashed-id.ts';
import { LIMITS } from '../core/limits.ts';
import type { WebhookFilter } from '../core/ports/webhook-store.ts';
import type { Webhook, WebhookSummary } from '../core/webhook.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { createListWebhooks } from '../operate/list-webhooks.ts';
import type { IgnoredReason } from '../payments/mapping.ts';
import { createReplay, type ReplayOutcome } from '../process/replay.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { attemptJson, destinationJson, effectLines, eventIdOf, handlerJson } from './effect-lines.ts';
import type { WebhookListOptions } from './list-options.ts';
import { printPage, type Shown } from './print-list.ts';
import { notReplayed, replayForDestination } from './replay-destination.ts';
import type { ExitCode } from './report-failure.ts';
import { endOfShortId } from './short-id.ts';
import { fieldLines, tableLines } from './table.ts';
import { AUDIT_HEADER, auditJson, auditLine, timeText, webhookJson } from './webhook-json.ts';

const HEADER = ['RECEIVED', 'STATUS', 'PROVIDER', 'EVENT TYPE', 'ATTEMPTS', 'WEBHOOK'];

const row = (webhook: WebhookSummary): string[] => [
  timeText(webhook.receivedAt),
  webhook.status,
  webhook.provider,
  webhook.synthetic === undefined ? webhook.eventType : `${webhook.eventType} (synthetic)`,
  String(webhook.attempts),
  webhook.webhookId,
];

const SHOWN: Shown<WebhookSummary> = { header: HEADER, row, json: webhookJson };

/** What all lists of webhooks share. */
export const printWebhooks = async (
  context: CommandContext,
  home: OperatorHome,
  { object: objectId, ...options }: WebhookListOptions,
  narrowed: Pick<WebhookFilter, 'status' | 'lastError'> = {},
): Promise<ExitCode> => {
  printPage(context, await createListWebhooks(home)({ ...options, objectId, ...narrowed }), SHOWN, options);
  return 0;
};

export interface ListWebhooksOptions extends WebhookListOptions {
  readonly unknown?: boolean;
}

const UNKNOWN = { status: 'ignored', lastError: 'unknown_type' satisfies IgnoredReason } as const;

export const listWebhooks = (
  context: CommandContext,
  { unknown = false, ...options }: ListWebhooksOptions,
): Promise<ExitCode> =>
  withHome<ExitCode>(context, (home) => printWebhooks(context, home, options, unknown ? UNKNOWN : {}));

/** An id that was long, odd or looked like a card number is stored as its hash. */
const storedId = (webhookId: string): string => {
  const colon = webhookId.indexOf(':');
  return `${webhookId.slice(0, colon + 1)}${hashedId(webhookId.slice(colon + 1))}`;
};

/** By the end that a list shows of an id: of the newest, because lists show those, and a store cannot search for ends. */
const findByEnd = async (store: OperatorHome['store'], written: string): Promise<Webhook | undefined> => {
  const end = endOfShortId(written);
  if (end === null) return undefined;
  const { items: newest } = await store.list({ limit: LIMITS.listLimitMax });
  const ids = [...new Set(newest.map(({ webhookId }) => webhookId).filter((webhookId) => webhookId.endsWith(end)))];
  if (ids.length > 1) throw new PayhookError('usage_wrong', `several webhooks end with ${end}: ${ids.join(', ')}`);
  return ids[0] === undefined ? undefined : (await store.find(ids[0]))[0];
};

/** The webhook with this id, or the only one of the newest that ends so; throws when there is none. Of several timestamps the newest. */
export const findWebhook = async ({ store }: OperatorHome, webhookId: string): Promise<Webhook> => {
  const asGiven = await store.find(webhookId);
  const [webhook] = asGiven.length > 0 ? asGiven : await store.find(storedId(webhookId));
  if (webhook !== undefined) return webhook;
  const byEnd = await findByEnd(store, webhookId);
  if (byEnd !== undefined) return byEnd;
  throw new PayhookError(
    'not_found',
    `there is no webhook ${webhookId}: ids look like provider:id-of-the-event; payhook webhooks list shows them`,
  );
};

export interface ShowOptions {
  readonly payload?: boolean;
  readonly json?: boolean;
}

export const showWebhook = (context: CommandContext, webhookId: string, options: ShowOptions): Promise<ExitCode> =>
  withHome<ExitCode>(context, async (home) => {
    const webhook = await findWebhook(home, webhookId);
    const payload = options.payload === true ? await readPayload(context, home, webhook) : undefined;
    const entries = await home.auditLog.chain(webhookChain(webhook.webhookId, webhook.timestamp), LIMITS.listLimitMax);
    const { events, handlers } = webhook.effects;
    const destinations = (await home.destinations.ofWebhook(webhook)).map(destinationJson);
    const shown = { ...webhookJson(webhook), headers: webhook.headers };
    if (options.json === true) {
      context.print(
        JSON.stringify({
          ...shown,
          events: events.map(({ destinations: _, ...event }, index) => ({
            eventId: eventIdOf(webhook, index),
            ...event,
          })),
          handlers: handlers.map((effect) => handlerJson(webhook, effect)),
          destinations,
          history: (webhook.effects.history ?? []).map(attemptJson),
          audit: entries.map(auditJson),
          ...(payload === undefined ? {} : { payload }),
        }),
      );
      return 0;
    }
    const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
    for (const line of fieldLines(Object.entries(shown).map(([name, value]) => [name, text(value)])))
      context.print(line);
    for (const line of effectLines(webhook, destinations)) context.print(line);
    context.print('');
    for (const line of tableLines([...AUDIT_HEADER], entries.map(auditLine), context.columns)) context.print(line);
    for (const line of payload === undefined ? [] : ['', ...payload.split('\n')]) context.print(line);
    return 0;
  });

/** Decrypts; looking at a payload is an access that PCI DSS 10.2.1.1 wants on record. */
const readPayload = async (context: CommandContext, home: OperatorHome, webhook: Webhook): Promise<string> => {
  const draft: AuditDraft = {
    chainId: OPERATORS_CHAIN,
    at: context.clock.now(),
    actor: home.operator,
    event: 'PAYLOAD_READ',
    outcome: 'success',
    reason: null,
    origin: { sourceAddress: null, requestId: null, traceId: webhook.traceId },
    resource: { type: 'webhook', id: webhook.webhookId },
    change: null,
    count: 1,
  };
  await home.auditLog.append([draft]);
  return Buffer.from(await home.seal.open(webhook.payload, webhook)).toString('utf8');
};

export interface ReplayOptions {
  /** One handler, or one destination. */
  readonly only?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

/** One sentence about the outcome; used for dead letters too. */
export const describeReplay = (outcome: ReplayOutcome): { readonly isDone: boolean; readonly text: string } => {
  switch (outcome.outcome) {
    case 'queued':
      return { isDone: true, text: `queued again (was ${outcome.from})` };
    case 'waiting_already':
      return { isDone: true, text: `waits on the queue already (${outcome.status})` };
    case 'not_dead_lettered':
      return { isDone: false, text: `is ${outcome.status}, not dead-lettered: use payhook webhooks replay` };
    case 'unparsable':
      return { isDone: false, text: 'cannot be processed: its signed body was not understood; see its payload' };
    case 'missing':
      return { isDone: false, text: 'is gone' };
    case 'changed_meanwhile':
      return { isDone: false, text: 'was changed at the same moment: look at it and try again' };
    default:
      return outcome satisfies never;
  }
};

export const replayWebhook = (context: CommandContext, webhookId: string, options: ReplayOptions): Promise<ExitCode> =>
  withHome<ExitCode>(context, async (home) => {
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
