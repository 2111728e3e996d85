/** What can be wrong with a signed digest, and with the end of all of them. Part of `check.ts`. */
import { type AuditDigest, digestBytes, hashOfDigest, NO_HASH, type TrailStart, trailStartBytes } from './audit.ts';
import type { AuditReader } from './audit-log.ts';
import type { AnchoredDigest } from './digest-anchor.ts';
import type { DigestSigner } from './digest-signer.ts';
import { type AuditProblem, problem } from './problem.ts';

/** What the anchor says of the end of the trail, which was checked up to `position`. */
export const anchorProblem = (
  anchored: AnchoredDigest | undefined,
  last: PreviousDigest | undefined,
  position: number,
): AuditProblem | undefined => {
  if (anchored === undefined) {
    if (last === undefined) return undefined;
    return problem(
      'anchor_missing',
      `the anchor was removed: ${last.number} digests were written, and each of them is anchored; put it back from a backup, or compare with a digest out of the log (--digest <number>:<hash>)`,
      { digestNumber: last.number },
    );
  }
  if (anchored.number <= (last?.number ?? 0)) return undefined;
  return problem(
    'truncated',
    `the end is cut off: digest ${anchored.number} was anchored, the trail ends with digest ${last?.number ?? 0}, after entry ${position}`,
    { digestNumber: anchored.number, position: position + 1 },
  );
};

/** Against a digest that somebody wrote down elsewhere. */
export const checkKnownDigest = async (
  auditLog: Pick<AuditReader, 'digests' | 'lastDigest' | 'start'>,
  digest: AnchoredDigest | undefined,
): Promise<AuditProblem | undefined> => {
  if (digest === undefined) return undefined;
  const at = { digestNumber: digest.number };
  const start = await auditLog.start();
  if (start !== undefined && digest.number <= start.digestNumber) {
    if (digest.number === start.digestNumber && digest.hash === start.digestHash) return undefined;
    const message = `digest ${digest.number} cannot be compared: the trail up to digest ${start.digestNumber} was removed when its time had ended`;
    return problem('digest_missing', message, at);
  }
  const [stored] = await auditLog.digests(digest.number - 1, 1);
  if (stored === undefined) {
    const last = (await auditLog.lastDigest())?.number ?? 0;
    return problem(
      'truncated',
      `the end is cut off, or this is an older copy: digest ${digest.number} was written once, and the trail ends with digest ${last}`,
      at,
    );
  }
  return stored.number === digest.number && stored.hash === digest.hash
    ? undefined
    : problem('digest_forged', `digest ${digest.number} has hash ${stored.hash} and not ${digest.hash}`, at);
};

/** As much of a digest as the next one follows. */
export type PreviousDigest = Pick<AuditDigest, 'number' | 'hash' | 'lastPosition'>;

/** What was removed of the beginning is vouched for by the signature of whoever removed it. */
export const checkStart = async (
  signer: DigestSigner,
  start: TrailStart | undefined,
): Promise<AuditProblem | undefined> => {
  if (start === undefined || (await signer.verify(start.keyId, trailStartBytes(start), start.signature)))
    return undefined;
  return problem(
    'digest_forged',
    `the mark that the trail begins after digest ${start.digestNumber} does not carry a valid signature of key ${start.keyId}`,
    { digestNumber: start.digestNumber },
  );
};

/** The digest itself: its place, its hash, its signature. */
export const checkDigest = async (
  signer: DigestSigner,
  digest: AuditDigest,
  previous: PreviousDigest | undefined,
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
  if (!(await signer.verify(digest.keyId, digestBytes(digest.hash), digest.signature))) {
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
