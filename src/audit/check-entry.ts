/** One entry of the audit trail under check: its own hash and code, and its place in its chain as far as that was read. */

import { LIMITS } from '../core/limits.ts';
import {
  type AuditEntry,
  type AuditRecord,
  type ChainLink,
  hashOfText,
  NO_HASH,
  RECOVERY_CHAIN,
  readRecord,
  type UnsignedTrailStart,
} from './audit.ts';
import type { AuditReader } from './audit-log.ts';
import type { AuditedWebhooks } from './audited-webhooks.ts';
import { changeProblem, type KnownState, stateAfterEntry } from './check-change.ts';
import { type AuditProblem, problem } from './problem.ts';

interface KnownChain extends ChainLink {
  readonly hashes: readonly string[];
  /** Its webhook was removed when its retention ended: delivered once more, it begins anew. */
  readonly isDeleted: boolean;
  readonly state: KnownState;
}

interface Gap {
  /** Of the last one that is missing. */
  readonly wantedHash: string;
  /** What it is called when the trail ends and it is still there. */
  readonly problem: AuditProblem;
}

/** What a check remembers of the trail that it has read, with bounded memory. */
export interface Progress {
  position: number;
  digests: number;
  readonly chains: Map<string, KnownChain>;
  /** Where chains that belong to no webhook end: a handful. */
  readonly otherEnds: Map<string, { readonly position: number; readonly hash: string }>;
  /**
   * Places where entries of a chain are missing so far, by chain and by the hash of the entry before them. What a change
   * feed gave up on comes late, when somebody has recovered it: the entry after it vouches for it by its hash.
   */
  readonly gaps: Map<string, Gap>;
  /** Whether an entry with a code was read: from there on every entry has one. */
  hasMacs: boolean;
}

export const newProgress = (start?: UnsignedTrailStart): Progress => ({
  position: start?.lastPosition ?? 0,
  digests: start?.digestNumber ?? 0,
  chains: new Map(),
  otherEnds: new Map(),
  gaps: new Map(),
  hasMacs: false,
});

export interface CheckEntryDeps {
  readonly auditLog: Pick<AuditReader, 'chain'>;
  readonly webhooks?: Pick<AuditedWebhooks, 'wasRemoved'>;
}

/** Chains of webhooks are named by their key, `{webhookId}@{timestamp}`; no other chain has such a name. */
export const isWebhookChain = (chainId: string): boolean => chainId.includes('@');

/**
 * What is wrong with an entry of the trail: with itself, or with how it follows the entries of its chain that were read
 * before it. Undefined when nothing is.
 */
export const checkEntry = async (
  deps: CheckEntryDeps,
  entry: AuditEntry,
  progress: Progress,
): Promise<AuditProblem | undefined> => {
  const at = { position: entry.position, chainId: entry.chainId };
  if (hashOfText(entry.text) !== entry.hash) {
    return problem(
      'edited',
      `entry ${entry.position} of chain ${entry.chainId} was edited: its hash does not fit its text`,
      at,
    );
  }
  const record = readRecord(entry);
  if (record.chain !== entry.chainId) {
    return problem('edited', `entry ${entry.position} was moved from chain ${record.chain} to ${entry.chainId}`, at);
  }
  const forged = macProblem(entry, record, progress);
  if (forged !== undefined) return forged;
  const last = progress.chains.get(entry.chainId);
  // A change feed delivers at least once: the very same entry, come again, says nothing new and takes nothing away.
  if (last?.hashes.includes(entry.hash) === true) return undefined;
  // A chain that was forgotten, or not met yet, is believed here: the digests and the heads vouch for it.
  const found = last === undefined ? undefined : linkProblem(entry, record, last);
  if (found !== undefined && !(await isLaterLife(deps, record, last))) {
    const explained = await explainedByLog(deps, entry, record, found);
    if (explained === 'repetition') return undefined;
    if (explained === 'no') {
      if (await isRecovered(deps, progress, entry, record)) return undefined;
      if (!(await openGap(deps, progress, record, last?.hash ?? NO_HASH, found))) return found;
    }
  }
  const before = await stateBefore(deps, entry, record, last);
  remember(progress, entry, record, last, stateAfterEntry(record, before));
  return isWebhookChain(entry.chainId) ? changeProblem(entry, record, before) : undefined;
};

/** Only the home's key makes the code of an entry. Entries of before version 0.2 have none, and stand before all others. */
const macProblem = (entry: AuditEntry, record: AuditRecord, progress: Progress): AuditProblem | undefined => {
  const { mac, position, chainId } = entry;
  if (mac === undefined) return undefined;
  if (mac === 'fits') {
    progress.hasMacs = true;
    return undefined;
  }
  if (mac === 'missing' && record.v === 1 && !progress.hasMacs) return undefined;
  return problem('added', `entry ${position} of chain ${chainId} was not written by Payhook: its code is ${mac}`, {
    position,
    chainId,
  });
};

/** What is wrong with an entry that follows `last` in the trail, as far as memory goes. */
const linkProblem = (entry: AuditEntry, record: AuditRecord, last: KnownChain): AuditProblem | undefined => {
  const { position, chainId } = entry;
  const at = { position, chainId };
  if (last.isDeleted && record.seq === 1 && record.prevHash === NO_HASH) return undefined;
  if (record.seq > last.seq + 1) {
    return problem('removed', `entry ${last.seq + 1} of chain ${chainId} was removed, before position ${position}`, at);
  }
  if (record.seq <= last.seq) {
    return problem('reordered', `entry ${position} of chain ${chainId} was reordered or written twice`, at);
  }
  return record.prevHash === last.hash
    ? undefined
    : problem('edited', `entry ${position} of chain ${chainId} does not follow the entry before it`, at);
};

/** Removed when its time had ended, a webhook that is delivered once more begins its chain anew. */
const isLaterLife = async (
  { webhooks }: CheckEntryDeps,
  { chain, seq, prevHash }: AuditRecord,
  last: KnownChain | undefined,
): Promise<boolean> =>
  seq === 1 && prevHash === NO_HASH && last !== undefined && (await webhooks?.wasRemoved(chain, last.hash)) === true;

const gapKey = (chainId: string, afterHash: string): string => `${chainId} ${afterHash}`;

/** Entries that say that somebody brought what the feed had given up on. Without one nothing may come late. */
const recoveries = async ({ auditLog }: CheckEntryDeps): Promise<readonly AuditEntry[]> =>
  (await auditLog.chain(RECOVERY_CHAIN, LIMITS.listLimitMax)).filter(({ chainId }) => chainId === RECOVERY_CHAIN);

/**
 * Puts off that entries are missing before this one, until the trail has ended: they may have been recovered. False when that
 * is not what is wrong, when nothing ever was recovered, or when too much is missing already.
 */
export const openGap = async (
  deps: CheckEntryDeps,
  { gaps }: Progress,
  { chain, prevHash }: AuditRecord,
  afterHash: string,
  found: AuditProblem,
): Promise<boolean> => {
  if (found.kind !== 'removed' || gaps.size >= LIMITS.auditGapsMax) return false;
  if ((await recoveries(deps)).length === 0) return false;
  gaps.set(gapKey(chain, afterHash), { wantedHash: prevHash, problem: found });
  return true;
};

/**
 * Whether the entry came late, by a recovery that the trail tells of before it: it belongs into a gap that was met, which is
 * then smaller or closed, or an entry before it names it by its hash.
 */
const isRecovered = async (
  deps: CheckEntryDeps,
  { gaps }: Progress,
  { position, chainId, hash }: AuditEntry,
  { prevHash }: AuditRecord,
): Promise<boolean> => {
  if (!(await recoveries(deps)).some((recovery) => recovery.position < position)) return false;
  const key = gapKey(chainId, prevHash);
  const gap = gaps.get(key);
  if (gap !== undefined) {
    gaps.delete(key);
    if (gap.wantedHash !== hash) gaps.set(gapKey(chainId, hash), gap);
    return true;
  }
  const chain = await deps.auditLog.chain(chainId, LIMITS.listLimitMax);
  return chain.some((other) => other.position < position && readRecord(other).prevHash === hash);
};

/**
 * Memory is bounded, so the log is asked before an entry is accused: was the very same entry, or the one that it follows,
 * there before? Entries before this one were checked by then.
 */
const explainedByLog = async (
  deps: CheckEntryDeps,
  entry: AuditEntry,
  record: AuditRecord,
  { kind }: AuditProblem,
): Promise<'no' | 'repetition' | 'follows'> => {
  if (kind === 'edited') return 'no';
  const wanted = kind === 'reordered' ? entry.hash : record.prevHash;
  const chain = await deps.auditLog.chain(entry.chainId, LIMITS.listLimitMax);
  if (!chain.some(({ position, hash }) => position < entry.position && hash === wanted)) return 'no';
  return kind === 'reordered' ? 'repetition' : 'follows';
};

/** What the webhook held before this change, as the entries before say; undefined when they cannot be found. */
const stateBefore = async (
  { auditLog }: CheckEntryDeps,
  entry: AuditEntry,
  record: AuditRecord,
  last: KnownChain | undefined,
): Promise<KnownState | undefined> => {
  if (record.seq === 1 || !isWebhookChain(entry.chainId)) return undefined;
  if (last?.hash === record.prevHash) return last.state;
  if (record.change === null) return undefined;
  const chain = await auditLog.chain(entry.chainId, LIMITS.listLimitMax);
  const until = chain.findLastIndex(({ position, hash }) => position < entry.position && hash === record.prevHash);
  const before = chain.slice(0, until + 1).map(readRecord);
  return before.reduce<KnownState | undefined>((state, each) => stateAfterEntry(each, state), undefined);
};

const remember = (
  progress: Progress,
  entry: AuditEntry,
  { seq, event }: AuditRecord,
  last: KnownChain | undefined,
  state: KnownState,
): void => {
  const { chainId, position, hash } = entry;
  if (!isWebhookChain(chainId)) progress.otherEnds.set(chainId, { position, hash });
  const hashes = [...(last?.hashes ?? []), hash].slice(-LIMITS.auditHashesRememberedMax);
  progress.chains.delete(chainId);
  progress.chains.set(chainId, { seq, hash, hashes, isDeleted: event === 'DELETED', state });
  if (progress.chains.size <= LIMITS.auditChainsRememberedMax) return;
  const oldest = progress.chains.keys().next().value;
  if (oldest !== undefined) progress.chains.delete(oldest);
};
