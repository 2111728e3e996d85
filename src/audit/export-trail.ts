/** The trail as files that an assessor takes along: all that digests sign, what they are checked with, and who checks it. */
import type { Clock } from '../core/ports/clock.ts';
import type { AuditDigest, AuditEntry, TrailStart } from './audit.ts';
import type { AuditReader } from './audit-log.ts';
import type { AnchoredDigest } from './digest-anchor.ts';
import type { DigestSigner } from './digest-signer.ts';
import { OFFLINE_VERIFIER } from './offline-verifier.ts';

export interface ExportManifest {
  readonly v: 1;
  readonly exportedAt: string;
  readonly entries: number;
  readonly digests: number;
  readonly lastDigest: AnchoredDigest;
  /** Null while nothing was removed of its beginning. */
  readonly begins: TrailStart | null;
}

export type ExportOutcome =
  | { readonly outcome: 'exported'; readonly manifest: ExportManifest; readonly notSigned: number }
  /** No digest signs anything yet. */
  | { readonly outcome: 'nothing_signed' }
  /** Retention removed some of it meanwhile. */
  | { readonly outcome: 'begins_later' };

export const EXPORT_FILES = ['entries.ndjson', 'digests.ndjson', 'keys.json', 'manifest.json', 'verify.cjs'] as const;
export type ExportFile = (typeof EXPORT_FILES)[number];

export interface ExportTrailDeps {
  readonly auditLog: Pick<AuditReader, 'read' | 'digests' | 'lastDigest' | 'start' | 'latest'>;
  readonly signer: Pick<DigestSigner, 'publicKey'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Entries and digests that are in memory at a time; a digest has the hashes of up to thousands of entries. */
const ENTRIES_AT_ONCE = 500;
const DIGESTS_AT_ONCE = 20;

/** `append` gets each file in pieces, the manifest last. A trail of any length needs the same memory. */
export const createExportTrail =
  ({ auditLog, signer, clock }: ExportTrailDeps) =>
  async (append: (file: ExportFile, text: string) => void): Promise<ExportOutcome> => {
    const [begins, lastDigest] = [(await auditLog.start()) ?? null, await auditLog.lastDigest()];
    if (lastDigest === undefined) return { outcome: 'nothing_signed' };
    const keyIds = new Set(begins === null ? [] : [begins.keyId]);
    let digests = 0;
    for await (const digest of digestsOf(auditLog, begins?.digestNumber ?? 0, lastDigest.number)) {
      keyIds.add(digest.keyId);
      digests += 1;
      append('digests.ndjson', `${JSON.stringify(digest)}\n`);
    }
    let entries = 0;
    for await (const { position, chainId, text, hash } of entriesOf(auditLog, begins, lastDigest)) {
      entries += 1;
      append('entries.ndjson', `${JSON.stringify({ position, chainId, text, hash })}\n`);
    }
    if (((await auditLog.start())?.digestNumber ?? 0) !== (begins?.digestNumber ?? 0))
      return { outcome: 'begins_later' };
    const keys = await Promise.all(
      [...keyIds].map(async (keyId) => ({ keyId, publicKey: await signer.publicKey(keyId) })),
    );
    // Of one that nobody knows nothing can be said: the verifier says so of what it signed.
    append(
      'keys.json',
      `${JSON.stringify(
        keys.filter(({ publicKey }) => publicKey !== undefined),
        null,
        2,
      )}\n`,
    );
    append('verify.cjs', OFFLINE_VERIFIER);
    const manifest: ExportManifest = {
      v: 1,
      exportedAt: new Date(clock.now()).toISOString(),
      entries,
      digests,
      lastDigest: { number: lastDigest.number, hash: lastDigest.hash },
      begins,
    };
    append('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
    const [newest] = await auditLog.latest(1);
    return { outcome: 'exported', manifest, notSigned: Math.max(0, (newest?.position ?? 0) - lastDigest.lastPosition) };
  };

async function* digestsOf(
  auditLog: Pick<AuditReader, 'digests'>,
  afterNumber: number,
  lastNumber: number,
): AsyncGenerator<AuditDigest> {
  for (let after = afterNumber; after < lastNumber; ) {
    const page = (await auditLog.digests(after, DIGESTS_AT_ONCE)).filter(({ number }) => number <= lastNumber);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.number;
  }
}

async function* entriesOf(
  auditLog: Pick<AuditReader, 'read'>,
  begins: TrailStart | null,
  { lastPosition }: AuditDigest,
): AsyncGenerator<AuditEntry> {
  for (let after = begins?.lastPosition ?? 0; after < lastPosition; ) {
    const page = (await auditLog.read(after, ENTRIES_AT_ONCE)).filter(({ position }) => position <= lastPosition);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}
