/**
 * The append-only record of what happened. Entries of one chain are linked by hashes; runs of entries are closed by
 * signed digests. The hashing and the checking are in `audit.ts`; a log only keeps order and bytes.
 */
import type { AuditDigest, AuditDraft, AuditEntry, AuditRun, TrailStart } from './audit.ts';

/** The side of whoever did something. */
export interface AuditAppend {
  /**
   * Appends the drafts in order, each linked to the last entry of its chain, all or none, durable once this resolves.
   * Concurrent appends never give two entries of a chain the same `seq`. Changes of stored webhooks are not appended
   * here: their entries are written by the store (SQLite) or by the change feed (AWS). Throws `audit_unavailable`, or a
   * store code where the log lives in the store.
   */
  append(drafts: readonly AuditDraft[]): Promise<void>;
}

/** The side of whoever closes runs of entries with signed digests. */
export interface DigestLog {
  /** The next run to put under a digest: the hashes of what `read` would return; undefined when there is nothing. */
  run(afterPosition: number, limit: number): Promise<AuditRun | undefined>;

  lastDigest(): Promise<AuditDigest | undefined>;

  /**
   * Stores the digest if it is the next one (its number is the last number + 1); `false` when another process closed
   * the run first. Never changes or removes a digest.
   */
  appendDigest(digest: AuditDigest): Promise<boolean>;
}

/** The side of whoever reads and checks. */
export interface AuditReader {
  /** Entries with `position` greater than the given one, ascending, at most `limit`. Positions have no gaps. */
  read(afterPosition: number, limit: number): Promise<readonly AuditEntry[]>;

  /**
   * The entries of one chain, oldest first, at most `limit` (the newest ones when there are more); those before the one at
   * a position where that is given, which has to be of this chain.
   */
  chain(chainId: string, limit: number, beforePosition?: number): Promise<readonly AuditEntry[]>;

  /** The newest entries of all chains, newest first; those before a position where one is given. */
  latest(limit: number, beforePosition?: number): Promise<readonly AuditEntry[]>;

  /** Digests with a number greater than the given one, ascending, at most `limit`. */
  digests(afterNumber: number, limit: number): Promise<readonly AuditDigest[]>;

  lastDigest(): Promise<AuditDigest | undefined>;

  /** Where the trail begins; undefined while all of it is there. */
  start(): Promise<TrailStart | undefined>;

  /**
   * What the stored webhooks themselves say of their chains: chain id, and hash and position of their last entry, for
   * those whose last entry has a position greater than the given one. Lets a check find entries that were cut off after
   * the last digest.
   */
  heads(afterPosition: number, limit: number): Promise<readonly ChainHead[]>;
}

/** All sides, where one adapter has them. */
export type AuditLog = AuditAppend & DigestLog & AuditReader;

export interface ChainHead {
  readonly chainId: string;
  readonly position: number;
  readonly hash: string;
}
