/** One entry of the audit trail under check: its own hash, and its place in its chain as far as that was read. */

import { LIMITS } from '../core/limits.ts';
import { type AuditEntry, type AuditRecord, type ChainLink, hashOfText, NO_HASH, readRecord } from './audit.ts';
import type { AuditReader } from './audit-log.ts';

export type AuditProblemKind =
  | 'edited'
  | 'removed'
  | 'reordered'
  | 'truncated'
  | 'added'
  | 'digest_forged'
  | 'digest_missing';

export interface AuditProblem {
  readonly kind: AuditProblemKind;
  /** Position of the entry concerned; null when the problem is with a digest. */
  readonly position: number | null;
  readonly chainId: string | null;
  readonly digestNumber: number | null;
  /** One sentence for a person. */
  readonly message: string;
}

interface KnownChain extends ChainLink {
  readonly hashes: readonly string[];
  /** Its webhook was removed when its retention ended: delivered once more, it begins anew. */
  readonly isDeleted: boolean;
}

/** What a check remembers of the trail that it has read, with bounded memory. */
export interface Progress {
  position: number;
  digests: number;
  readonly chains: Map<string, KnownChain>;
}

interface CheckEntryDeps {
  readonly auditLog: Pick<AuditReader, 'chain'>;
}

export const problem = (
  kind: AuditProblemKind,
  message: string,
  at: { position?: number; chainId?: string | undefined; digestNumber?: number } = {},
): AuditProblem => ({
  kind,
  message,
  position: at.position ?? null,
  chainId: at.chainId ?? null,
  digestNumber: at.digestNumber ?? null,
});

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
  const last = progress.chains.get(entry.chainId);
  // A change feed delivers at least once: the very same entry, come again, says nothing new and takes nothing away.
  if (last?.hashes.includes(entry.hash) === true) return undefined;
  // A chain that was forgotten, or not met yet, is believed here: the digests and the heads vouch for it.
  const found = last === undefined ? undefined : linkProblem(entry, record, last);
  if (found !== undefined) {
    const explained = await explainedByLog(deps, entry, record, found);
    if (explained === 'no') return found;
    if (explained === 'repetition') return undefined;
  }
  remember(progress, entry, record, last);
  return undefined;
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

const remember = (
  progress: Progress,
  entry: AuditEntry,
  { seq, event }: AuditRecord,
  last: KnownChain | undefined,
): void => {
  const hashes = [...(last?.hashes ?? []), entry.hash].slice(-LIMITS.auditHashesRememberedMax);
  progress.chains.delete(entry.chainId);
  progress.chains.set(entry.chainId, { seq, hash: entry.hash, hashes, isDeleted: event === 'DELETED' });
  if (progress.chains.size <= LIMITS.auditChainsRememberedMax) return;
  const oldest = progress.chains.keys().next().value;
  if (oldest !== undefined) progress.chains.delete(oldest);
};
