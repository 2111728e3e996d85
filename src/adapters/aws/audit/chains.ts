/**
 * Finds the entries of one chain in the runs. A webhook's item knows when it was changed, and runs are in the order of
 * time, so its entries are found by halving; the few other chains are walked back through the ends that runs carry.
 */
import { type AuditEntry, readRecord } from '../../../audit/audit.ts';
import type { AuditLog } from '../../../audit/audit-log.ts';
import type { EpochMs, WebhookKey } from '../../../core/webhook.ts';
import { type DynamodbWebhookListDeps, getStoredWebhooks } from '../webhooks/list.ts';
import type { AuditRunItem } from './run-items.ts';
import type { DynamodbAuditRuns } from './runs.ts';

export interface DynamodbAuditChainsDeps extends Pick<DynamodbWebhookListDeps, 'client'> {
  readonly webhookTable: string;
}

/** Clocks of functions differ by less; an entry is never in a run that is older than itself by more. */
export const CLOCKS_DIFFER_MS_MAX = 5_000;
/** Runs looked through for the entries of one change. The feed is seconds late, at a peak dozens of runs a second. */
const RUNS_SCANNED_MAX = 500;
const RUNS_PAGE = 25;

/** The key of the webhook whose chain this is; undefined for chains that belong to no webhook. */
export const keyOfChain = (chainId: string): WebhookKey | undefined => {
  const at = chainId.lastIndexOf('@');
  return at < 0 ? undefined : { webhookId: chainId.slice(0, at), timestamp: Number(chainId.slice(at + 1)) };
};

export const isWebhookChain = (chainId: string): boolean => keyOfChain(chainId) !== undefined;

/**
 * Leaves out what the feed brought long after its change, and the chain of a webhook that is not stored any more: only a
 * check of the whole trail reads those.
 */
export const createDynamodbAuditChains =
  (deps: DynamodbAuditChainsDeps, runs: DynamodbAuditRuns): AuditLog['chain'] =>
  async (chainId, limit, beforePosition = Number.MAX_SAFE_INTEGER) => {
    const key = keyOfChain(chainId);
    const found =
      key === undefined
        ? await walkBack(runs, chainId, limit, beforePosition)
        : await ofWebhook(deps, runs, chainId, key);
    return found.filter(({ position }) => position < beforePosition).slice(-limit);
  };

const ofWebhook = async (
  { client, webhookTable }: DynamodbAuditChainsDeps,
  runs: DynamodbAuditRuns,
  chainId: string,
  key: WebhookKey,
): Promise<readonly AuditEntry[]> => {
  const [stored] = await getStoredWebhooks({ client, tableName: webhookTable }, [key]);
  if (stored === undefined) return [];
  const bySeq = new Map<number, AuditEntry>();
  const take = (run: AuditRunItem): void => {
    for (const entry of run.entries) {
      if (entry.chainId !== chainId) continue;
      const { seq } = readRecord(entry);
      if (!bySeq.has(seq)) bySeq.set(seq, entry);
    }
  };
  // Two changes of one instant are looked for twice: their entries may be in runs far from each other.
  const times = [stored.webhook.receivedAt, ...stored.changes, ...stored.holdTimes].sort((a, b) => a - b);
  for (const at of times) {
    if (bySeq.size >= stored.head.seq) break;
    const foundBefore = bySeq.size;
    await scanFrom(runs, at, take, () => bySeq.size > foundBefore);
  }
  return [...bySeq].sort(([a], [b]) => a - b).map(([, entry]) => entry);
};

/** Hands out runs from the first one that can hold an entry of this instant on, until there is enough. */
const scanFrom = async (
  runs: DynamodbAuditRuns,
  at: EpochMs,
  take: (run: AuditRunItem) => void,
  isEnough: () => boolean,
): Promise<void> => {
  let position = await runs.firstSince(at - CLOCKS_DIFFER_MS_MAX);
  for (let scanned = 0; scanned < RUNS_SCANNED_MAX; scanned += RUNS_PAGE) {
    const page = await runs.after(position - 1, RUNS_PAGE);
    for (const run of page) take(run);
    const last = page.at(-1);
    if (last === undefined || isEnough()) return;
    position = last.lastPosition + 1;
  }
};

const walkBack = async (
  runs: DynamodbAuditRuns,
  chainId: string,
  limit: number,
  beforePosition: number,
): Promise<readonly AuditEntry[]> => {
  let found: readonly AuditEntry[] = [];
  let end = (await runs.at(beforePosition - 1))?.ends.get(chainId);
  while (end !== undefined && found.length < limit) {
    const run = await runs.at(end.run);
    const ofChain = run?.entries.filter((entry) => entry.chainId === chainId && entry.position < beforePosition) ?? [];
    found = [...ofChain, ...found];
    end = end.run > 1 ? (await runs.at(end.run - 1))?.ends.get(chainId) : undefined;
  }
  return found;
};
