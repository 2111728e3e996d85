/** Closes runs of audit entries with signed digests. Called every few seconds, on stop, and after operator actions. */

import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import { type AuditDigest, digestBytes, digestOfRun, HASH_CHARS, NO_HASH } from './audit.ts';
import type { AuditReader, DigestLog } from './audit-log.ts';
import type { AnchoredDigest, DigestAnchor } from './digest-anchor.ts';
import type { DigestSigner } from './digest-signer.ts';

export interface CloseDigestsDeps {
  readonly auditLog: DigestLog & Pick<AuditReader, 'digests'>;
  readonly signer: DigestSigner;
  readonly anchor: DigestAnchor;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Returns a function that closes every run of entries which no digest covers yet, and returns the last digest written.
 * Digests are linked, so two processes that close at once write one digest each or the second one gives way. Each new
 * digest is logged: a log kept elsewhere is an anchor that nobody with access to this machine can rewrite.
 */
export const createCloseDigests = (deps: CloseDigestsDeps) => async (): Promise<AuditDigest | undefined> => {
  let written: AuditDigest | undefined;
  for (;;) {
    const previous = await deps.auditLog.lastDigest();
    const run = await deps.auditLog.run(previous?.lastPosition ?? 0, LIMITS.digestEntriesMax);
    if (run === undefined) return written;
    await expectAnchor(deps, previous);

    const unsigned = digestOfRun(run, previous, deps.clock.now());
    const signature = await deps.signer.sign(digestBytes(unsigned.hash));
    const digest: AuditDigest = { ...unsigned, keyId: deps.signer.keyId, signature };
    if (!(await deps.auditLog.appendDigest(digest))) return written;

    await deps.anchor.write({ number: digest.number, hash: digest.hash });
    const count = run.entryHashes.length / HASH_CHARS;
    deps.logger.info('audit.digest_closed', { digest_number: digest.number, digest_hash: digest.hash, count });
    written = digest;
    if (count < LIMITS.digestEntriesMax) return written;
  }
};

/**
 * The anchor is the witness of what was there: it is never replaced by one that does not follow from it. One is written
 * before the first digest, so that a missing anchor beside a digest always means that it was removed.
 */
const expectAnchor = async ({ auditLog, anchor }: CloseDigestsDeps, last: AuditDigest | undefined): Promise<void> => {
  const anchored = await anchor.read();
  if (anchored === undefined && last === undefined) return anchor.write(NO_DIGEST_YET);
  if (await isInTrail(auditLog, anchored)) return undefined;
  const found = anchored === undefined ? 'is missing' : `names digest ${anchored.number}, which is not in the trail`;
  throw new PayhookError(
    'audit_unavailable',
    `the audit anchor ${found}, so no digest is signed: the end of the trail was cut off, an older copy was restored, or the anchor was lost; run payhook audit verify, and see docs/runbooks/audit.md`,
  );
};

/** Whether the trail has the digest that was anchored. */
export const isInTrail = async (
  auditLog: Pick<AuditReader, 'digests'>,
  anchored: AnchoredDigest | undefined,
): Promise<boolean> => {
  if (anchored === undefined) return false;
  if (anchored.number === 0) return true;
  const [stored] = await auditLog.digests(anchored.number - 1, 1);
  return stored?.hash === anchored.hash;
};

export const NO_DIGEST_YET: AnchoredDigest = { number: 0, hash: NO_HASH };
