/**
 * Where each chain ends, as the webhooks themselves say: shows entries that were cut off the trail. A webhook's item
 * carries the head of its chain, written together with the change; the trail gets the entry a moment later by the feed.
 */
import { webhookChain } from '../../core/audit.ts';
import type { AuditLog, ChainHead } from '../../core/ports/audit-log.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { keyText, type WebhookKey } from '../../core/webhook.ts';
import { CLOCKS_DIFFER_MS_MAX, keyOfChain } from './dynamodb-audit-chains.ts';
import type { DynamodbAuditDigests } from './dynamodb-audit-digests.ts';
import type { DynamodbAuditRuns } from './dynamodb-audit-runs.ts';
import type { StoredWebhook } from './dynamodb-webhook-items.ts';
import {
  BATCH_MAX,
  type DynamodbWebhookListDeps,
  getStoredWebhooks,
  keysReceivedSince,
} from './dynamodb-webhook-list.ts';

export interface DynamodbAuditHeadsDeps extends Pick<DynamodbWebhookListDeps, 'client'> {
  readonly webhookTable: string;
  readonly clock: Clock;
}

/** How late the feed may be before a missing entry is called missing. */
const FEED_GRACE_MS = 60_000;
/** Webhooks looked at that came after the last digest: a minute of them at 1000 a second. */
const RECEIVED_KEYS_MAX = 60_000;
const RUNS_PAGE = 25;

export const createDynamodbAuditHeads = (
  deps: DynamodbAuditHeadsDeps,
  runs: DynamodbAuditRuns,
  { lastDigest }: DynamodbAuditDigests,
): AuditLog['heads'] => {
  const table = { client: deps.client, tableName: deps.webhookTable };
  return async (afterPosition, limit) => {
    const digest = await lastDigest();
    const trail = await endsInTrail(runs, Math.min(afterPosition, digest?.lastPosition ?? 0));
    const isLate = ({ webhook }: StoredWebhook): boolean => webhook.changedAt < deps.clock.now() - FEED_GRACE_MS;

    const since = digest === undefined ? 0 : digest.createdAt + CLOCKS_DIFFER_MS_MAX;
    const received = await keysReceivedSince(table, since, RECEIVED_KEYS_MAX);
    const missing: ChainHead[] = [];
    for (const stored of await storedOf(table, [...keysOf(trail.keys()), ...received])) {
      const chainId = webhookChain(stored.webhook.webhookId, stored.webhook.timestamp);
      if (trail.get(chainId)?.hash === stored.head.hash || !isLate(stored)) continue;
      // The webhook is ahead of the trail, or the trail says something else of it: its own head is what counts.
      trail.delete(chainId);
      missing.push({ chainId, position: 0, hash: stored.head.hash });
    }
    const end = (await runs.newest())?.lastPosition ?? 0;
    const behind = missing.map((head, index) => ({ ...head, position: end + 1 + index }));
    return [...trail.values(), ...behind]
      .filter(({ position }) => position > afterPosition)
      .sort((a, b) => a.position - b.position)
      .slice(0, limit);
  };
};

/** The last entry of each chain that has one after the position. */
const endsInTrail = async (runs: DynamodbAuditRuns, afterPosition: number): Promise<Map<string, ChainHead>> => {
  const ends = new Map<string, ChainHead>();
  let page = await runs.after(afterPosition, RUNS_PAGE);
  while (page.length > 0) {
    for (const { chainId, position, hash } of page.flatMap((run) => run.entries)) {
      // An entry that the feed brought twice is not the end of its chain again.
      if (ends.get(chainId)?.hash !== hash) ends.set(chainId, { chainId, position, hash });
    }
    page = await runs.after(page.at(-1)?.firstPosition ?? afterPosition, RUNS_PAGE);
  }
  return ends;
};

const keysOf = (chainIds: Iterable<string>): readonly WebhookKey[] =>
  [...chainIds].flatMap((chainId) => keyOfChain(chainId) ?? []);

/** Each stored webhook once. */
const storedOf = async (
  table: DynamodbWebhookListDeps,
  keys: readonly WebhookKey[],
): Promise<readonly StoredWebhook[]> => {
  const distinct = [...new Map(keys.map((key) => [keyText(key), key])).values()];
  const stored: StoredWebhook[] = [];
  for (let from = 0; from < distinct.length; from += BATCH_MAX) {
    stored.push(...(await getStoredWebhooks(table, distinct.slice(from, from + BATCH_MAX))));
  }
  return stored;
};
