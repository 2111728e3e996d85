/**
 * The audit log on DynamoDB: runs of entries, and digests. Entries of stored webhooks come linked from the change feed
 * (`appendLinked`); everything else is linked here. The feed repeats itself after a failure, so an entry may stand twice.
 */
import assert from 'node:assert/strict';
import { type AuditEntry, type AuditRun, type ChainLink, type LinkedEntry, linkEntry } from '../../core/audit.ts';
import type { AuditLog } from '../../core/ports/audit-log.ts';
import { createDynamodbAuditChains, isWebhookChain } from './dynamodb-audit-chains.ts';
import { createDynamodbAuditDigests } from './dynamodb-audit-digests.ts';
import { createDynamodbAuditHeads } from './dynamodb-audit-heads.ts';
import {
  type AuditRunItem,
  createDynamodbAuditRuns,
  type DynamodbAuditRuns,
  type DynamodbAuditRunsDeps,
  RUN_ENTRIES_MAX,
} from './dynamodb-audit-runs.ts';

export interface DynamodbAuditLogDeps extends DynamodbAuditRunsDeps {
  /** Where the webhooks are, whose chains are looked for; only read. */
  readonly webhookTable: string;
}

export interface DynamodbAuditLog extends AuditLog {
  /** Appends entries that were linked by whoever wrote the webhooks, in this order. A repetition is harmless. */
  appendLinked(entries: readonly LinkedEntry[]): Promise<void>;
}

/** Runs fetched at a time while reading on. */
const RUNS_PAGE = 10;

export const createDynamodbAuditLog = (deps: DynamodbAuditLogDeps): DynamodbAuditLog => {
  const runs = createDynamodbAuditRuns(deps);
  const digests = createDynamodbAuditDigests(deps);
  const read = (afterPosition: number, limit: number) => readEntries(runs, afterPosition, limit);
  return {
    ...digests,
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
        return { entries, ends };
      });
    },
    async appendLinked(entries) {
      for (let from = 0; from < entries.length; from += RUN_ENTRIES_MAX) {
        const part = entries.slice(from, from + RUN_ENTRIES_MAX);
        await runs.append(() => ({ entries: part, ends: new Map() }));
      }
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
    async latest(limit) {
      const newestFirst: AuditEntry[] = [];
      let run = await runs.newest();
      while (run !== undefined && newestFirst.length < limit) {
        newestFirst.push(...run.entries.toReversed());
        run = run.firstPosition > 1 ? await runs.at(run.firstPosition - 1) : undefined;
      }
      return newestFirst.slice(0, limit);
    },
    heads: createDynamodbAuditHeads(deps, runs, digests),
  };
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
    page = await runs.after(last, RUNS_PAGE);
    if (page.length === 0) break;
  }
  return entries.slice(0, limit);
};
