/** The stored webhooks that a page of entries is about, each compared with what its entries say of it. */
import type { Webhook } from '../core/webhook.ts';
import { type AuditEntry, type AuditRecord, isOfStoring, readRecord } from './audit.ts';
import type { AuditedWebhook, AuditedWebhooks } from './audited-webhooks.ts';
import { stateWhenAccepted } from './check-change.ts';
import { isWebhookChain } from './check-entry.ts';
import { type AuditProblem, problem } from './problem.ts';
import { type ReceivedFacts, receivedFactsOf, stateSha256 } from './webhook-facts.ts';

type ReadWebhook = Extract<AuditedWebhook, { outcome: 'read' }>;

/** Counts over the whole trail. */
export interface WebhookProgress {
  /** Webhooks whose content was compared with the trail. */
  webhooks: number;
  /** Webhooks that were accepted before version 0.2: nothing vouches for what was received. */
  webhooksOfBefore: number;
  /** Of the webhook accepted last. */
  place: number;
}

export interface CheckWebhooksDeps {
  readonly webhooks: AuditedWebhooks;
  /** Opens the payload, for a deep check; throws when it does not open. */
  readonly open?: (webhook: Webhook) => Promise<unknown>;
}

/** What is wrong with the webhooks that these entries are about. The entries themselves were checked before. */
export const checkWebhooks = async (
  deps: CheckWebhooksDeps,
  entries: readonly AuditEntry[],
  progress: WebhookProgress,
): Promise<readonly AuditProblem[]> => {
  const ofWebhooks = entries.filter(({ chainId }) => isWebhookChain(chainId));
  const chainIds = [...new Set(ofWebhooks.map(({ chainId }) => chainId))];
  const stored = new Map((await deps.webhooks.ofChains(chainIds)).map((webhook) => [webhook.chainId, webhook]));
  const problems: AuditProblem[] = [];
  for (const entry of ofWebhooks) {
    const record = readRecord(entry);
    const found = stored.get(entry.chainId);
    if (isOfStoring(record.event)) problems.push(...(await checkAccepted(deps, entry, record, found, progress)));
    if (found?.outcome === 'read') problems.push(...checkEnd(entry, record, found));
  }
  return problems;
};

const about = (kind: AuditProblem['kind'], { position, chainId }: AuditEntry, message: string): AuditProblem =>
  problem(kind, message, { position, chainId });

const checkAccepted = async (
  { webhooks, open }: CheckWebhooksDeps,
  entry: AuditEntry,
  record: AuditRecord,
  found: AuditedWebhook | undefined,
  progress: WebhookProgress,
): Promise<readonly AuditProblem[]> => {
  const id = record.resource.id;
  const expiresAt = record.received?.expiresAt ?? null;
  if (found === undefined) {
    if (webhooks.mayBeGone(expiresAt)) return [];
    return [about('webhook_removed', entry, `webhook ${id} was removed: entry ${entry.position} says it was stored`)];
  }
  if (found.outcome === 'unreadable') {
    return [about('webhook_edited', entry, `webhook ${id} cannot be read: something else than Payhook wrote it`)];
  }
  if (found.outcome === 'removed') {
    if (entry.position <= found.lastPosition) return [];
    return [
      about('webhook_removed', entry, `webhook ${id} was removed: entry ${entry.position} says it came once more`),
    ];
  }
  if (isOfLaterLife(record, found)) return [];
  if (record.received === undefined) progress.webhooksOfBefore += 1;
  else progress.webhooks += 1;
  const differing = record.received === undefined ? [] : differences(record.received, found.webhook);
  const problems = differing.map((what) =>
    about('webhook_edited', entry, `webhook ${id} was edited: ${what}, as entry ${entry.position} says`),
  );
  const { place } = found;
  if (place !== null && place <= progress.place) {
    problems.push(
      about(
        'webhook_edited',
        entry,
        `webhook ${id} was moved: it stands at place ${place}, before webhooks that came earlier`,
      ),
    );
  }
  progress.place = Math.max(progress.place, place ?? 0);
  if (open !== undefined) problems.push(...(await openProblem(open, entry, found)));
  return problems;
};

/** Removed when its time had ended, and delivered once more: what is stored is not what this entry was about. */
const isOfLaterLife = (record: AuditRecord, { webhook }: Pick<ReadWebhook, 'webhook'>): boolean =>
  webhook.receivedAt !== Date.parse(record.ts) &&
  (record.received?.expiresAt ?? Number.POSITIVE_INFINITY) <= webhook.receivedAt;

const differences = (facts: ReceivedFacts, webhook: Webhook): readonly string[] => {
  const now = receivedFactsOf(webhook, null);
  const texts = [
    ['its event type', facts.eventType, now.eventType],
    ['its mode', facts.mode, now.mode],
    ['the hash of its body', facts.bodySha256, now.bodySha256],
  ].flatMap(([what, was, is]) => (was === is ? [] : [`${what} is ${is} and was ${was}`]));
  if (facts.payloadSha256 !== now.payloadSha256) texts.push('its sealed payload is not the one that was stored');
  if (facts.restSha256 !== now.restSha256) {
    texts.push(
      'what was received with it is not what was stored (its id, times, account, object, headers, secret, trace, card-data counts, payload key or expiry)',
    );
  }
  return texts;
};

/** The webhook against the last entry of its chain. An entry that is older than its end says nothing of it. */
const checkEnd = (entry: AuditEntry, record: AuditRecord, { webhook, head }: ReadWebhook): readonly AuditProblem[] => {
  const id = record.resource.id;
  if (Date.parse(record.ts) < webhook.receivedAt && !isOfStoring(record.event)) return [];
  if (record.seq === head.seq + 1 && head.seq > 0) {
    const message = `webhook ${id} was set back: it knows ${head.seq} entries of its chain, and entry ${entry.position} is number ${record.seq}`;
    return [about('webhook_edited', entry, message)];
  }
  if (record.seq !== head.seq || (record.event === 'WEBHOOK_ACCEPTED' && isOfLaterLife(record, { webhook }))) return [];
  if (entry.hash !== head.hash) {
    return [about('webhook_edited', entry, `webhook ${id} ends its chain with another entry than ${entry.position}`)];
  }
  const expected = stateWhenAccepted(record);
  const sha256 = expected === undefined ? record.state?.afterSha256 : stateSha256(expected);
  if (sha256 === undefined || sha256 === stateSha256(webhook)) return [];
  return [about('webhook_edited', entry, `webhook ${id} was edited: ${stateDifference(record, webhook)}`)];
};

const stateDifference = ({ change, ts, actor }: AuditRecord, webhook: Webhook): string => {
  if (change !== null && change.to !== webhook.status) return `it is ${webhook.status} and should be ${change.to}`;
  if (Date.parse(ts) !== webhook.changedAt) return `it says that it was changed at another time than ${ts}`;
  const { type, id } = webhook.changedBy;
  if (actor.type !== type || actor.id !== id)
    return `it says that ${type} ${id} changed it, and ${actor.type} ${actor.id} did`;
  return 'its attempts, last error, next attempt, effects or revision are not what its last entry says';
};

const openProblem = async (
  open: NonNullable<CheckWebhooksDeps['open']>,
  entry: AuditEntry,
  { webhook }: ReadWebhook,
): Promise<readonly AuditProblem[]> => {
  try {
    await open(webhook);
    return [];
  } catch (error) {
    // Whatever it is, the payload cannot be read by anybody: that is what was asked.
    const reason = error instanceof Error ? error.message : String(error);
    return [about('webhook_edited', entry, `the payload of webhook ${webhook.webhookId} does not open: ${reason}`)];
  }
};
