/** Closes runs of audit entries with signed digests. Called every few seconds, on stop, and after operator actions. */

import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import { type AuditDigest, digestBytes, digestOfRun, HASH_CHARS } from './audit.ts';
import type { DigestLog } from './audit-log.ts';
import type { DigestAnchor } from './digest-anchor.ts';
import type { DigestSigner } from './digest-signer.ts';

export interface CloseDigestsDeps {
  readonly auditLog: DigestLog;
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
