/**
 * Where each chain ends, as the webhooks themselves say: shows entries that were cut off the trail. A webhook's item
 * carries the head of its chain, written together with the change; the trail gets the entry a moment later by the feed.
 */
import { type AuditEntry, type ChainLink, readRecord, webhookChain } from '../../../audit/audit.ts';
import type { AuditLog, ChainHead } from '../../../audit/audit-log.ts';
import { PayhookError } from '../../../core/errors.ts';
import { LIMITS } from '../../../core/limits.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { WebhookKey } from '../../../core/webhook.ts';
import { BATCH_MAX } from '../dynamodb/batch-get.ts';
import { createDynamodbIndexKeys } from '../webhooks/index-keys.ts';
import type { DynamodbWebhookListDeps } from '../webhooks/list.ts';
import { createDynamodbAuditedWebhooks } from './audited-webhooks.ts';
import { CLOCKS_DIFFER_MS_MAX, createDynamodbAuditChains, keyOfChain } from './chains.ts';
import type { DynamodbAuditDigests } from './digests.ts';
import type { DynamodbAuditRuns } from './runs.ts';

export interface DynamodbAuditHeadsDeps extends Pick<DynamodbWebhookListDeps, 'client'> {
  readonly webhookTable: string;
  readonly clock: Clock;
}

/** How late the feed may be before a missing entry is called missing. */
const FEED_GRACE_MS = 60_000;
/** Webhooks looked at that came around or after the last digest: the newest ones, a minute of them at 1000 a second. */
const RECEIVED_MAX = 60_000;
/** Entries that no digest covers: a digest is closed every minute, and takes a tenth of this at the highest rate. */
const TAIL_ENTRIES_MAX = 1_000_000;
const RUNS_PAGE = 25;

/** The last entry of a chain in the trail. */
interface TrailEnd extends ChainHead {
  readonly seq: number;
  readonly isDeleted: boolean;
}

/**
 * Looks at the chains that have entries since the last digest, and at webhooks that were received since shortly before
 * it. A webhook received long before it, changed after it, whose entry was then cut off, does not show here.
 */
export const createDynamodbAuditHeads = (
  deps: DynamodbAuditHeadsDeps,
  runs: DynamodbAuditRuns,
  { lastDigest }: DynamodbAuditDigests,
): AuditLog['heads'] => {
  /** What a caller that reads on gets next: finding it all again for each page would take the square of the time. */
  let rest: { readonly afterPosition: number; readonly heads: readonly ChainHead[] } | undefined;
  return async (afterPosition, limit) => {
    const isReadingOn = rest !== undefined && rest.afterPosition === afterPosition;
    const heads =
      isReadingOn && rest !== undefined ? rest.heads : await findHeads(deps, runs, lastDigest, afterPosition);
    const page = heads.slice(0, limit);
    const last = page.at(-1);
    const isMore = last !== undefined && heads.length > limit;
    rest = isMore ? { afterPosition: last.position, heads: heads.slice(limit) } : undefined;
    return page;
  };
};

const findHeads = async (
  { client, webhookTable, clock }: DynamodbAuditHeadsDeps,
  runs: DynamodbAuditRuns,
  lastDigest: DynamodbAuditDigests['lastDigest'],
  afterPosition: number,
): Promise<readonly ChainHead[]> => {
  const digest = await lastDigest();
  // Entries of a webhook come after it: whatever was received since then has all of its entries since then.
  const since = digest === undefined ? 0 : digest.createdAt - FEED_GRACE_MS;
  const from = digest === undefined ? 1 : await runs.firstSince(since - CLOCKS_DIFFER_MS_MAX);
  const trail = await endsInTrail(runs, Math.min(from - 1, afterPosition, digest?.lastPosition ?? 0));

  const table = { client, tableName: webhookTable };
  const webhooks = createDynamodbAuditedWebhooks({ ...table, clock });
  const received = await createDynamodbIndexKeys(table, { since })(RECEIVED_MAX);
  const chain = createDynamodbAuditChains({ client, webhookTable }, runs);
  const missing: ChainHead[] = [];
  for (const chainIds of batchesOf([...keysOf(trail.keys()), ...received])) {
    for (const stored of await webhooks.ofChains(chainIds)) {
      // One that cannot be read is named by the comparison with its entries.
      if (stored.outcome !== 'read') continue;
      const { chainId, webhook, head } = stored;
      const isLate = webhook.changedAt < clock.now() - FEED_GRACE_MS;
      if (trail.get(chainId)?.hash === head.hash || !isLate) continue;
      const end = await endBefore(chain, trail.get(chainId), { chainId, ...head });
      if (end !== undefined) {
        trail.set(chainId, end);
        continue;
      }
      // The webhook is ahead of the trail, or the trail says something else of it: its own head is what counts.
      trail.delete(chainId);
      missing.push({ chainId, position: 0, hash: head.hash });
    }
  }
  const end = (await runs.newest())?.lastPosition ?? 0;
  const behind = missing.map((head, index) => ({ ...head, position: end + 1 + index }));
  const known = [...trail.values()].map(({ chainId, position, hash }): ChainHead => ({ chainId, position, hash }));
  return [...known, ...behind]
    .filter(({ position }) => position > afterPosition)
    .sort((a, b) => a.position - b.position);
};

/** An entry that was recovered stands late, behind the end of its chain: the end is looked for before it. */
const endBefore = async (
  chain: AuditLog['chain'],
  late: TrailEnd | undefined,
  { chainId, seq, hash }: ChainLink & Pick<TrailEnd, 'chainId'>,
): Promise<TrailEnd | undefined> => {
  if (late === undefined || late.seq >= seq) return undefined;
  const end = (await chain(chainId, LIMITS.listLimitMax)).find((entry) => entry.hash === hash);
  return end === undefined ? undefined : { chainId, position: end.position, hash, seq, isDeleted: false };
};

/** The last entry of each chain that has one after the position. */
const endsInTrail = async (runs: DynamodbAuditRuns, afterPosition: number): Promise<Map<string, TrailEnd>> => {
  const ends = new Map<string, TrailEnd>();
  let entries = 0;
  let page = await runs.after(afterPosition, RUNS_PAGE);
  while (page.length > 0) {
    for (const entry of page.flatMap((run) => run.entries)) {
      entries += 1;
      const end = endOf(entry, ends.get(entry.chainId));
      if (end !== undefined) ends.set(entry.chainId, end);
    }
    if (entries > TAIL_ENTRIES_MAX) {
      throw new PayhookError(
        'audit_unavailable',
        `the last signed digest is more than ${TAIL_ENTRIES_MAX} entries behind the end of the audit trail: find out why audit-logger closes none, then check again`,
      );
    }
    page = await runs.after(page.at(-1)?.firstPosition ?? afterPosition, RUNS_PAGE);
  }
  return ends;
};

/** The entry as the end of its chain; undefined when the feed only brought it again. */
const endOf = (entry: AuditEntry, end: TrailEnd | undefined): TrailEnd | undefined => {
  const { seq, event } = readRecord(entry);
  if (end !== undefined && seq <= end.seq && !end.isDeleted) return undefined;
  const { chainId, position, hash } = entry;
  return { chainId, position, hash, seq, isDeleted: event === 'DELETED' };
};

const keysOf = (chainIds: Iterable<string>): readonly WebhookKey[] =>
  [...chainIds].flatMap((chainId) => keyOfChain(chainId) ?? []);

/** The chain of each key once, as many at a time as one call may ask for. */
const batchesOf = (keys: readonly WebhookKey[]): readonly (readonly string[])[] => {
  const distinct = [...new Set(keys.map(({ webhookId, timestamp }) => webhookChain(webhookId, timestamp)))];
  return Array.from({ length: Math.ceil(distinct.length / BATCH_MAX) }, (_, index) =>
    distinct.slice(index * BATCH_MAX, (index + 1) * BATCH_MAX),
  );
};
