/**
 * The audit log on DynamoDB: runs of entries, and digests. Entries of stored webhooks come linked from the change feed
 * (`appendLinked`); everything else is linked here. The feed repeats itself after a failure, so an entry may stand twice.
 */
import assert from 'node:assert/strict';
import { type AuditEntry, type AuditRun, type ChainLink, type LinkedEntry, linkEntry } from '../../../audit/audit.ts';
import type { AuditLog } from '../../../audit/audit-log.ts';
import { createDynamodbAuditChains, isWebhookChain } from './chains.ts';
import { createDynamodbAuditDigests } from './digests.ts';
import { createDynamodbAuditHeads } from './heads.ts';
import { type AuditRunItem, type PackedEntries, packEntries, RUN_ENTRIES_MAX } from './run-items.ts';
import { createDynamodbAuditRuns, type DynamodbAuditRuns, type DynamodbAuditRunsDeps } from './runs.ts';

export interface DynamodbAuditLogDeps extends DynamodbAuditRunsDeps {
  /** Where the webhooks are, whose chains are looked for; only read. */
  readonly webhookTable: string;
}

export interface DynamodbAuditLog extends AuditLog {
  /**
   * Appends entries that were linked by whoever wrote the webhooks, in this order, in as many runs as they need: after a
   * failure the first ones may be there. A repetition is harmless.
   */
  appendLinked(entries: readonly LinkedEntry[]): Promise<void>;
}

/** Drafts that one `append` takes at most: they are appended all or none, so they have to fit into one run. */
export const APPEND_DRAFTS_MAX = RUN_ENTRIES_MAX;

/** Runs fetched at a time while reading on. */
const RUNS_PAGE = 25;

const NO_ENDS: ReadonlyMap<string, ChainLink> = new Map();

export const createDynamodbAuditLog = (deps: DynamodbAuditLogDeps): DynamodbAuditLog => {
  const runs = createDynamodbAuditRuns(deps);
  const digests = createDynamodbAuditDigests(deps);
  const read = (afterPosition: number, limit: number) => readEntries(runs, afterPosition, limit);
  return {
    ...digests,
    // Nothing removes its beginning.
    start: async () => undefined,
    async append(drafts) {
      if (drafts.length === 0) return;
      for (const { chainId } of drafts) {
        assert(!isWebhookChain(chainId), `entries of chain ${chainId} come with the change of its webhook`);
      }
      await runs.append((newest) => {
        const ends = new Map<string, ChainLink>();
        const entries = drafts.map((draft): LinkedEntry => {
          const { chainId, at } = draft;
          const linked = linkEntry(draft, ends.get(chainId) ?? newest?.ends.get(chainId));
          ends.set(chainId, { seq: linked.seq, hash: linked.hash });
          return { chainId, at, text: linked.text, hash: linked.hash };
        });
        const packed = packEntries(entries);
        assert(packed !== undefined, `${drafts.length} audit drafts do not fit into one run: append fewer at a time`);
        return { packed, ends };
      });
    },
    async appendLinked(entries) {
      for (const packed of packAll(entries)) await runs.append(() => ({ packed, ends: NO_ENDS }));
    },
    read,
    async run(afterPosition, limit): Promise<AuditRun | undefined> {
      const entries = await read(afterPosition, limit);
      const last = entries.at(-1);
      return last === undefined
        ? undefined
        : { lastPosition: last.position, entryHashes: entries.map(({ hash }) => hash).join('') };
    },
    chain: createDynamodbAuditChains(deps, runs),
    latest: (limit, beforePosition = Number.MAX_SAFE_INTEGER) => readLatest(runs, limit, beforePosition),
    heads: createDynamodbAuditHeads(deps, runs, digests),
  };
};

/** A run holds two hundred entries at a peak and one in a quiet night: more are read at a time the longer it takes. */
const readLatest = async (
  runs: DynamodbAuditRuns,
  limit: number,
  beforePosition: number,
): Promise<readonly AuditEntry[]> => {
  const newestFirst: AuditEntry[] = [];
  let until = beforePosition - 1;
  for (let count = 1; until > 0 && newestFirst.length < limit; count = Math.min(RUNS_PAGE, count * 2)) {
    const page = await runs.until(until, count);
    for (const { entries } of page) {
      newestFirst.push(...entries.filter(({ position }) => position < beforePosition).toReversed());
    }
    until = (page.at(-1)?.firstPosition ?? 1) - 1;
  }
  return newestFirst.slice(0, limit);
};

/** As few runs as there may be, by halving what does not fit. */
const packAll = (entries: readonly LinkedEntry[]): readonly PackedEntries[] => {
  if (entries.length === 0) return [];
  const packed = packEntries(entries);
  if (packed !== undefined) return [packed];
  assert(entries.length > 1, 'one audit entry fits into a run');
  const half = Math.min(RUN_ENTRIES_MAX, Math.ceil(entries.length / 2));
  return [...packAll(entries.slice(0, half)), ...packAll(entries.slice(half))];
};

const readEntries = async (
  runs: DynamodbAuditRuns,
  afterPosition: number,
  limit: number,
): Promise<readonly AuditEntry[]> => {
  const entries: AuditEntry[] = [];
  const holding = afterPosition > 0 ? await runs.at(afterPosition) : undefined;
  let page: readonly AuditRunItem[] = holding === undefined ? [] : [holding];
  let last = afterPosition;
  while (entries.length < limit) {
    for (const run of page) entries.push(...run.entries.filter(({ position }) => position > afterPosition));
    last = Math.max(last, page.at(-1)?.firstPosition ?? 0);
    if (entries.length >= limit) break;
    // A run holds at least one entry.
    page = await runs.after(last, Math.min(RUNS_PAGE, limit - entries.length));
    if (page.length === 0) break;
  }
  return entries.slice(0, limit);
};
