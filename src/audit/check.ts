/**
 * Finds out whether the audit trail is whole and vouches for what is stored: `payhook audit verify`. Reads all digests and
 * entries once, in order, and every stored webhook beside them, with bounded memory; names what was edited, removed,
 * reordered, added or cut off. A server may run meanwhile.
 */

import { LIMITS } from '../core/limits.ts';
import type { EpochMs, Webhook } from '../core/webhook.ts';
import {
  type AuditDigest,
  type AuditEntry,
  HASH_CHARS,
  hashOfText,
  NO_HASH,
  readRecord,
  type TrailStart,
} from './audit.ts';
import type { AuditReader } from './audit-log.ts';
import type { AuditedWebhooks, KeptState } from './audited-webhooks.ts';
import { anchorProblem, checkDigest, checkKnownDigest, checkStart, type PreviousDigest } from './check-digest.ts';
import { checkEntry, newProgress, openGap, type Progress } from './check-entry.ts';
import { checkWebhooks, type WebhookProgress } from './check-webhooks.ts';
import type { AnchoredDigest, DigestAnchor } from './digest-anchor.ts';
import type { DigestSigner } from './digest-signer.ts';
import { type AuditProblem, problem } from './problem.ts';

export type AuditCheck =
  | ({ readonly outcome: 'whole' } & AuditCounts)
  /** `problem` is the first of `problems`, of which there are at most `LIMITS.auditProblemsMax`. */
  | ({
      readonly outcome: 'broken';
      readonly problem: AuditProblem;
      readonly problems: readonly AuditProblem[];
    } & AuditCounts);

/** How far the check came. */
export interface AuditCounts {
  readonly entries: number;
  readonly digests: number;
  /** Where the trail begins, when what was before had its time and was removed. */
  readonly begins: { readonly afterDigest: number; readonly removedAt: EpochMs } | null;
  /** Entries that no digest covers yet. */
  readonly undigested: number;
  /** Stored webhooks that are as their entries say. */
  readonly webhooks: number;
  /** Stored webhooks of which no entry says what was received: they came before version 0.2. */
  readonly webhooksOfBefore: number;
  /** Worth keeping elsewhere: `payhook audit verify --digest {number}:{hash}` finds out what was cut off behind it. */
  readonly lastDigest: AnchoredDigest | null;
}

export interface CheckAuditDeps {
  readonly auditLog: AuditReader;
  readonly signer: DigestSigner;
  readonly anchor: DigestAnchor;
  /** @default the trail is checked alone */
  readonly webhooks?: AuditedWebhooks;
  /** @default nothing else is kept, or nothing of it can be checked */
  readonly keptState?: KeptState;
}

export interface CheckAuditOptions {
  /** A digest that was written down elsewhere: it has to be in the trail. */
  readonly digest?: AnchoredDigest;
  /** Opens every payload as well. */
  readonly open?: (webhook: Webhook) => Promise<unknown>;
  /** Told as it goes, after each run of entries. Begins anew where the trail has to be read again. */
  readonly onProgress?: (progress: AuditProgress) => void;
}

/** How far a check has come by now. */
export type AuditProgress = Pick<AuditCounts, 'entries' | 'digests'>;

const PAGE = LIMITS.auditPageMax;

/** Each lists the hashes of thousands of entries. */
const DIGESTS_AT_ONCE = 20;

interface Check extends CheckAuditDeps, CheckAuditOptions {
  readonly start: TrailStart | undefined;
  readonly progress: Progress & WebhookProgress;
  readonly problems: AuditProblem[];
}

/**
 * Checks the whole trail. What breaks the trail itself ends it there, for nothing after that can be trusted; everything
 * else is collected. Entries appended while it runs may or may not be looked at.
 */
export const createCheckAudit =
  (deps: CheckAuditDeps) =>
  async (options: CheckAuditOptions = {}): Promise<AuditCheck> => {
    for (let round = 1; ; round += 1) {
      const start = await deps.auditLog.start();
      const check = await checkFrom(deps, options, start);
      // What was removed meanwhile because its time had ended is not missing.
      const isSettled = (await deps.auditLog.start())?.digestNumber === start?.digestNumber;
      if (check.outcome === 'whole' || isSettled || round === ROUNDS_MAX) return check;
    }
  };

/** Retention may remove the beginning of the trail while it is read: then it is read again. */
const ROUNDS_MAX = 3;

const checkFrom = async (
  deps: CheckAuditDeps,
  options: CheckAuditOptions,
  start: TrailStart | undefined,
): Promise<AuditCheck> => {
  const progress = { ...newProgress(start), webhooks: 0, webhooksOfBefore: 0, place: 0 };
  const check: Check = { ...deps, ...options, start, progress, problems: [] };
  const broken =
    (await checkStart(deps.signer, start)) ??
    (await checkDigested(check)) ??
    (await checkKnownDigest(deps.auditLog, options.digest)) ??
    (await checkTail(check)) ??
    gapLeft(check) ??
    (await checkHeads(check)) ??
    (await checkOtherEnds(check));
  const { problems } = check;
  if (broken !== undefined) problems.push(broken);
  const roomLeft = LIMITS.auditProblemsMax - problems.length;
  if (roomLeft > 0 && deps.keptState !== undefined) problems.push(...(await deps.keptState.problems(roomLeft)));
  return resultOf(check);
};

const resultOf = async ({ auditLog, start, progress, problems }: Check): Promise<AuditCheck> => {
  const last = await auditLog.lastDigest();
  const counts: AuditCounts = {
    entries: progress.position - (start?.lastPosition ?? 0),
    digests: progress.digests - (start?.digestNumber ?? 0),
    begins: start === undefined ? null : { afterDigest: start.digestNumber, removedAt: start.removedAt },
    undigested: Math.max(0, progress.position - (last?.lastPosition ?? 0)),
    webhooks: progress.webhooks,
    webhooksOfBefore: progress.webhooksOfBefore,
    lastDigest: last === undefined ? null : { number: last.number, hash: last.hash },
  };
  const [first] = problems;
  if (first === undefined) return { outcome: 'whole', ...counts };
  return { outcome: 'broken', ...counts, problem: first, problems: problems.slice(0, LIMITS.auditProblemsMax) };
};

const tellProgress = ({ onProgress, start, progress }: Check): void =>
  onProgress?.({
    entries: progress.position - (start?.lastPosition ?? 0),
    digests: progress.digests - (start?.digestNumber ?? 0),
  });

const checkDigested = async (check: Check): Promise<AuditProblem | undefined> => {
  const { auditLog, progress } = check;
  const anchored = await check.anchor.read();
  const { start } = check;
  let previous: PreviousDigest | undefined =
    start === undefined
      ? undefined
      : { number: start.digestNumber, hash: start.digestHash, lastPosition: start.lastPosition };
  for (;;) {
    const digests = await auditLog.digests(previous?.number ?? 0, DIGESTS_AT_ONCE);
    for (const digest of digests) {
      const found = (await checkDigest(check.signer, digest, previous)) ?? (await checkRun(check, digest));
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
      tellProgress(check);
    }
    if (digests.length === 0) break;
  }
  return anchorProblem(anchored, previous, progress.position);
};

/** Compares the entries that are there with the hashes that the digest lists. */
const checkRun = async (check: Check, digest: AuditDigest): Promise<AuditProblem | undefined> => {
  const { auditLog, progress } = check;
  const count = digest.lastPosition - digest.firstPosition + 1;
  const entries = await auditLog.read(digest.firstPosition - 1, count);
  for (let index = 0; index < count; index += 1) {
    const position = digest.firstPosition + index;
    const listed = digest.entryHashes.slice(index * HASH_CHARS, (index + 1) * HASH_CHARS);
    const entry = entries[index];
    const found =
      entry === undefined || entry.hash !== listed || entry.position !== position
        ? nameDifference(entries, position, listed, digest)
        : await checkOne(check, entry);
    if (found !== undefined) return found;
    progress.position = position;
  }
  await compareWebhooks(check, entries);
  return undefined;
};

/** A change that nothing explains does not break the trail that tells of it. */
const checkOne = async (check: Check, entry: AuditEntry): Promise<AuditProblem | undefined> => {
  const found = await checkEntry(check, entry, check.progress);
  if (found?.kind !== 'unexplained_change') return found;
  keep(check, [found]);
  return undefined;
};

const keep = ({ problems }: Check, found: readonly AuditProblem[]): void => {
  problems.push(...found.slice(0, LIMITS.auditProblemsMax - problems.length));
};

const compareWebhooks = async (check: Check, entries: readonly AuditEntry[]): Promise<void> => {
  const { webhooks, open, progress } = check;
  if (webhooks === undefined || entries.length === 0) return;
  keep(check, await checkWebhooks({ webhooks, ...(open === undefined ? {} : { open }) }, entries, progress));
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

/** Entries after the last digest: linked, without gaps, and with the home's code where it has a key for codes. */
const checkTail = async (check: Check): Promise<AuditProblem | undefined> => {
  const { auditLog, progress } = check;
  for (;;) {
    const entries = await auditLog.read(progress.position, PAGE);
    for (const entry of entries) {
      if (entry.position !== progress.position + 1) {
        return problem('removed', `entry ${progress.position + 1} was removed`, { position: progress.position + 1 });
      }
      const found = (await checkPredecessor(check, entry)) ?? (await checkOne(check, entry));
      if (found !== undefined) return found;
      progress.position = entry.position;
    }
    await compareWebhooks(check, entries);
    tellProgress(check);
    if (entries.length < PAGE) return undefined;
  }
};

/** In the tail a missing start of a chain counts: no digest covers it. */
const checkPredecessor = async (check: Check, entry: AuditEntry): Promise<AuditProblem | undefined> => {
  const { auditLog, progress } = check;
  if (progress.chains.has(entry.chainId)) return undefined;
  if (hashOfText(entry.text) !== entry.hash) return undefined;
  const record = readRecord(entry);
  if (record.seq === 1) return undefined;
  // With the webhook the way to its chain is gone. Its other entries are as old as its retention: digests vouch for them.
  if (record.event === 'DELETED') return undefined;
  const chain = await auditLog.chain(record.chain, LIMITS.listLimitMax);
  const before = chain.filter((other) => other.position < entry.position);
  // What came late stands behind entries that it precedes.
  if (before.some(({ hash }) => hash === record.prevHash)) return undefined;
  const removed = problem('removed', `entry ${record.seq - 1} of chain ${record.chain} was removed`, {
    position: entry.position,
    chainId: record.chain,
  });
  return (await openGap(check, progress, record, before.at(-1)?.hash ?? NO_HASH, removed)) ? undefined : removed;
};

/** What is missing did not come late either. */
const gapLeft = ({ progress }: Check): AuditProblem | undefined => progress.gaps.values().next().value?.problem;

/** The stored webhooks know their last entries: shows what was cut off after the last digest. */
const checkHeads = async ({ auditLog, progress }: Check): Promise<AuditProblem | undefined> => {
  const covered = (await auditLog.lastDigest())?.lastPosition ?? 0;
  let after = covered;
  let hashes = new Map<number, string>();
  for (;;) {
    const heads = await auditLog.heads(after, PAGE);
    for (const head of heads) {
      after = head.position;
      if (!hashes.has(head.position)) {
        // Heads come in order and close together: one page of entries answers for many of them.
        const entries = await auditLog.read(head.position - 1, PAGE);
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

/** Chains that belong to no webhook end where the log says, or further on by now. */
const checkOtherEnds = async ({ auditLog, progress }: Check): Promise<AuditProblem | undefined> => {
  for (const [chainId, { position, hash }] of progress.otherEnds) {
    const end = (await auditLog.chain(chainId, 1)).at(-1);
    if (end !== undefined && (end.position > position || end.hash === hash)) continue;
    const found = end === undefined ? 'knows no end of it' : `ends it with entry ${end.position}`;
    return problem('removed', `chain ${chainId} ends with entry ${position}, and the log ${found}`, {
      position,
      chainId,
    });
  }
  return undefined;
};
