/**
 * Finds out whether the audit trail is whole: `payhook audit verify`. Reads all digests and entries once, in order, with
 * bounded memory, and names the first entry that was edited, removed, reordered or cut off.
 */

import { LIMITS } from '../core/limits.ts';
import {
  type AuditDigest,
  type AuditEntry,
  digestBytes,
  HASH_CHARS,
  hashOfDigest,
  hashOfText,
  NO_HASH,
  readRecord,
} from './audit.ts';
import type { AuditReader } from './audit-log.ts';
import { type AuditProblem, checkEntry, type Progress, problem } from './check-entry.ts';
import type { DigestAnchor } from './digest-anchor.ts';
import type { DigestSigner } from './digest-signer.ts';

export type AuditCheck =
  | { readonly outcome: 'whole'; readonly entries: number; readonly digests: number; readonly undigested: number }
  | { readonly outcome: 'broken'; readonly entries: number; readonly digests: number; readonly problem: AuditProblem };

export interface CheckAuditDeps {
  readonly auditLog: AuditReader;
  readonly signer: DigestSigner;
  readonly anchor: DigestAnchor;
}

const PAGE = LIMITS.digestEntriesMax;

/** Checks the whole trail. Stops at the first problem. Entries appended while it runs may or may not be looked at. */
export const createCheckAudit = (deps: CheckAuditDeps) => async (): Promise<AuditCheck> => {
  const progress: Progress = { position: 0, digests: 0, chains: new Map() };
  const found =
    (await checkDigested(deps, progress)) ?? (await checkTail(deps, progress)) ?? (await checkHeads(deps, progress));
  const { position: entries, digests } = progress;
  if (found !== undefined) return { outcome: 'broken', entries, digests, problem: found };
  const last = await deps.auditLog.lastDigest();
  return { outcome: 'whole', entries, digests, undigested: entries - (last?.lastPosition ?? 0) };
};

const checkDigested = async (deps: CheckAuditDeps, progress: Progress): Promise<AuditProblem | undefined> => {
  const anchored = await deps.anchor.read();
  let previous: AuditDigest | undefined;
  for (;;) {
    const digests = await deps.auditLog.digests(previous?.number ?? 0, 100);
    for (const digest of digests) {
      const found = (await checkDigest(deps, digest, previous)) ?? (await checkRun(deps, digest, progress));
      if (found !== undefined) return found;
      if (anchored?.number === digest.number && anchored.hash !== digest.hash) {
        return problem(
          'digest_forged',
          `digest ${digest.number} is not the one that was anchored: the digests were written anew`,
          { digestNumber: digest.number },
        );
      }
      previous = digest;
      progress.digests = digest.number;
    }
    if (digests.length === 0) break;
  }
  if (anchored !== undefined && anchored.number > (previous?.number ?? 0)) {
    return problem(
      'truncated',
      `the end is cut off: digest ${anchored.number} was anchored, the trail ends with digest ${previous?.number ?? 0}, after entry ${progress.position}`,
      { digestNumber: anchored.number, position: progress.position + 1 },
    );
  }
  return undefined;
};

const checkDigest = async (
  deps: CheckAuditDeps,
  digest: AuditDigest,
  previous: AuditDigest | undefined,
): Promise<AuditProblem | undefined> => {
  const at = { digestNumber: digest.number };
  if (digest.number !== (previous?.number ?? 0) + 1) {
    return problem('digest_missing', `digest ${(previous?.number ?? 0) + 1} was removed`, {
      digestNumber: (previous?.number ?? 0) + 1,
      position: (previous?.lastPosition ?? 0) + 1,
    });
  }
  if (hashOfDigest(digest) !== digest.hash) {
    return problem('digest_forged', `digest ${digest.number} was edited: its hash does not fit its content`, at);
  }
  if (!(await deps.signer.verify(digest.keyId, digestBytes(digest.hash), digest.signature))) {
    return problem(
      'digest_forged',
      `digest ${digest.number} does not carry a valid signature of key ${digest.keyId}`,
      at,
    );
  }
  const follows =
    digest.previousHash === (previous?.hash ?? NO_HASH) && digest.firstPosition === (previous?.lastPosition ?? 0) + 1;
  return follows
    ? undefined
    : problem('digest_forged', `digest ${digest.number} does not follow the one before it`, at);
};

/** Compares the entries that are there with the hashes that the digest lists. */
const checkRun = async (
  deps: CheckAuditDeps,
  digest: AuditDigest,
  progress: Progress,
): Promise<AuditProblem | undefined> => {
  const count = digest.lastPosition - digest.firstPosition + 1;
  const entries = await deps.auditLog.read(digest.firstPosition - 1, count);
  for (let index = 0; index < count; index += 1) {
    const position = digest.firstPosition + index;
    const listed = digest.entryHashes.slice(index * HASH_CHARS, (index + 1) * HASH_CHARS);
    const entry = entries[index];
    const found =
      entry === undefined || entry.hash !== listed || entry.position !== position
        ? nameDifference(entries, position, listed, digest)
        : await checkEntry(deps, entry, progress);
    if (found !== undefined) return found;
    progress.position = position;
  }
  return undefined;
};

const nameDifference = (
  entries: readonly AuditEntry[],
  position: number,
  listed: string,
  digest: AuditDigest,
): AuditProblem => {
  const here = entries.find((entry) => entry.position === position);
  const moved = entries.find((entry) => entry.hash === listed);
  const at = { position, digestNumber: digest.number, chainId: (here ?? moved)?.chainId };
  if (moved !== undefined) {
    return problem('reordered', `entry ${position} was reordered: it stands at position ${moved.position}`, at);
  }
  if (here === undefined) {
    return problem(
      'removed',
      `entry ${position} was removed: digest ${digest.number} lists it and it is not there`,
      at,
    );
  }
  // A text that no longer fits its own hash was edited in place; a fitting one was put where another had been.
  const wasNextListed = digest.entryHashes.indexOf(here.hash) % HASH_CHARS === 0;
  return wasNextListed
    ? problem('removed', `entry ${position} was removed: the entry after it stands in its place`, at)
    : problem(
        'edited',
        `entry ${position} of chain ${here.chainId} was edited: digest ${digest.number} lists another hash`,
        at,
      );
};

/** Entries after the last digest: linked and without gaps, but nothing vouches yet for the very last ones. */
const checkTail = async (deps: CheckAuditDeps, progress: Progress): Promise<AuditProblem | undefined> => {
  for (;;) {
    const entries = await deps.auditLog.read(progress.position, PAGE);
    for (const entry of entries) {
      if (entry.position !== progress.position + 1) {
        return problem('removed', `entry ${progress.position + 1} was removed`, { position: progress.position + 1 });
      }
      const found = (await checkPredecessor(deps, entry, progress)) ?? (await checkEntry(deps, entry, progress));
      if (found !== undefined) return found;
      progress.position = entry.position;
    }
    if (entries.length < PAGE) return undefined;
  }
};

/** In the tail a missing start of a chain counts: no digest covers it. */
const checkPredecessor = async (
  deps: CheckAuditDeps,
  entry: AuditEntry,
  progress: Progress,
): Promise<AuditProblem | undefined> => {
  if (progress.chains.has(entry.chainId)) return undefined;
  if (hashOfText(entry.text) !== entry.hash) return undefined;
  const record = readRecord(entry);
  if (record.seq === 1) return undefined;
  // With the webhook the way to its chain is gone. Its other entries are as old as its retention: digests vouch for them.
  if (record.event === 'DELETED') return undefined;
  const chain = await deps.auditLog.chain(record.chain, LIMITS.listLimitMax);
  const before = chain.findLast((other) => other.position < entry.position);
  return before?.hash === record.prevHash
    ? undefined
    : problem('removed', `entry ${record.seq - 1} of chain ${record.chain} was removed`, {
        position: entry.position,
        chainId: record.chain,
      });
};

/** The stored webhooks know their last entries: shows what was cut off after the last digest. */
const checkHeads = async (deps: CheckAuditDeps, progress: Progress): Promise<AuditProblem | undefined> => {
  const covered = (await deps.auditLog.lastDigest())?.lastPosition ?? 0;
  let after = covered;
  let hashes = new Map<number, string>();
  for (;;) {
    const heads = await deps.auditLog.heads(after, PAGE);
    for (const head of heads) {
      after = head.position;
      if (!hashes.has(head.position)) {
        // Heads come in order and close together: one page of entries answers for many of them.
        const entries = await deps.auditLog.read(head.position - 1, PAGE);
        hashes = new Map(entries.map(({ position, hash }) => [position, hash]));
      }
      if (hashes.get(head.position) === head.hash) continue;
      const kind = head.position > progress.position ? 'truncated' : 'edited';
      const what =
        kind === 'truncated'
          ? `was cut off: the trail ends with entry ${progress.position}`
          : 'is not the one that the webhook knows';
      return problem(kind, `entry ${head.position} of chain ${head.chainId} ${what}`, {
        position: head.position,
        chainId: head.chainId,
      });
    }
    if (heads.length < PAGE) return undefined;
  }
};
