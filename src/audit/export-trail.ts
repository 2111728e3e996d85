/** The trail as files that an assessor takes along: all that digests sign, what they are checked with, and who checks it. */
import type { Clock } from '../core/ports/clock.ts';
import { screenText } from '../core/screen-text.ts';
import type { Actor, EpochMs } from '../core/webhook.ts';
import { type AuditDigest, type AuditDraft, type AuditEntry, OPERATORS_CHAIN, type TrailStart } from './audit.ts';
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

export const EXPORT_FILES = [
  'entries.ndjson',
  'digests.ndjson',
  'keys.json',
  'manifest.json',
  'verify.cjs',
  'README.txt',
] as const;
export type ExportFile = (typeof EXPORT_FILES)[number];

export interface ExportTrailDeps {
  readonly auditLog: Pick<AuditReader, 'read' | 'digests' | 'lastDigest' | 'start' | 'latest'>;
  readonly signer: Pick<DigestSigner, 'publicKey'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Entries and digests that are in memory at a time; a digest has the hashes of up to thousands of entries. */
const ENTRIES_AT_ONCE = 500;
const DIGESTS_AT_ONCE = 20;

/** For whoever gets the files from somebody else. */
const README = `The audit trail of Payhook, as far as it was signed when it was exported. manifest.json says when that was.

Is it whole? On any machine with Node 12 or newer, without Payhook and without a network:

  node verify.cjs

It ends with 0 when the export is whole, and names what was edited, removed, added or moved when it is not. Whether it is
the trail, and no other one, says a digest that was written down elsewhere: node verify.cjs --digest <number>:<hash>

entries.ndjson  what was done, by whom, to what, when and why: a line each; "text" is the entry, as JSON
digests.ndjson  signed hashes over runs of entries, each with the hash of the one before
keys.json       the public keys that they are signed with
verify.cjs      the program; how hashes and signatures are made stands at its top, to be checked with other means

No payload, no secret and no card number is in it.
`;

/** The trail was taken along: to be written before it is. */
export const exportedEntry = (operator: Actor, reason: string | null, at: EpochMs): AuditDraft => ({
  chainId: OPERATORS_CHAIN,
  at,
  actor: operator,
  event: 'AUDIT_EXPORTED',
  outcome: 'success',
  reason: reason === null ? null : screenText(reason),
  origin: { sourceAddress: null, requestId: null, traceId: null },
  resource: { type: 'home', id: 'audit' },
  change: null,
  count: 1,
});

/** `append` gets each file in pieces, one file after the other, the manifest last. A trail of any length needs the same memory. */
export const createExportTrail =
  ({ auditLog, signer, clock }: ExportTrailDeps) =>
  async (append: (file: ExportFile, text: string) => unknown): Promise<ExportOutcome> => {
    const [begins, lastDigest] = [(await auditLog.start()) ?? null, await auditLog.lastDigest()];
    if (lastDigest === undefined) return { outcome: 'nothing_signed' };
    const keyIds = new Set(begins === null ? [] : [begins.keyId]);
    let digests = 0;
    for await (const digest of digestsOf(auditLog, begins?.digestNumber ?? 0, lastDigest.number)) {
      keyIds.add(digest.keyId);
      digests += 1;
      await append('digests.ndjson', `${JSON.stringify(digest)}\n`);
    }
    let entries = 0;
    for await (const { position, chainId, text, hash } of entriesOf(auditLog, begins, lastDigest)) {
      entries += 1;
      await append('entries.ndjson', `${JSON.stringify({ position, chainId, text, hash })}\n`);
    }
    if (((await auditLog.start())?.digestNumber ?? 0) !== (begins?.digestNumber ?? 0))
      return { outcome: 'begins_later' };
    const keys = await Promise.all(
      [...keyIds].map(async (keyId) => ({ keyId, publicKey: await signer.publicKey(keyId) })),
    );
    // Of one that nobody knows nothing can be said: the verifier says so of what it signed.
    await append(
      'keys.json',
      `${JSON.stringify(
        keys.filter(({ publicKey }) => publicKey !== undefined),
        null,
        2,
      )}\n`,
    );
    await append('verify.cjs', OFFLINE_VERIFIER);
    await append('README.txt', README);
    const manifest: ExportManifest = {
      v: 1,
      exportedAt: new Date(clock.now()).toISOString(),
      entries,
      digests,
      lastDigest: { number: lastDigest.number, hash: lastDigest.hash },
      begins,
    };
    await append('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
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
