/**
 * Puts a backup into an empty data directory. Everything is put together and checked in a folder inside of it, then moved
 * out by renames, the database last: until then no server starts on the directory, and a restore that was cut off is begun
 * anew.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { createFileDigestAnchor } from '../../../adapters/file/file-digest-anchor.ts';
import { makeDurable } from '../../../adapters/file/secret-file.ts';
import { readCopy } from '../../../adapters/sqlite/sqlite-copy.ts';
import { openSqlite } from '../../../adapters/sqlite/sqlite-executor.ts';
import { OPERATORS_CHAIN } from '../../../audit/audit.ts';
import { createCheckAudit } from '../../../audit/check.ts';
import type { AnchoredDigest } from '../../../audit/digest-anchor.ts';
import { isInTrail, NO_DIGEST_YET } from '../../../audit/digests.ts';
import { PayhookError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Actor } from '../../../core/webhook.ts';
import {
  type DataDirectory,
  dryRunFolder,
  lockDataDirectory,
  lockFile,
  openDataDirectory,
  restoringFolder,
} from '../data-directory.ts';
import { createLocalHome, type LocalHome } from '../home.ts';
import { expectBoundKey } from '../open-keys.ts';
import { type BackupManifest, COPY, fingerprintOfFile, readManifest } from './manifest.ts';

export interface RestoreInput {
  readonly backup: string;
  readonly keys: string;
  /** Of an empty data directory; with the anchor of its trail where that is configured to be. */
  readonly directory: DataDirectory;
  /** Checks everything, and leaves nothing behind. A server may run on the directory. */
  readonly isDryRun: boolean;
  readonly operator: Actor;
  readonly reason: string | null;
  readonly clock: Clock;
}

export interface Restored {
  readonly manifest: BackupManifest;
  /** Of the trail that was checked. */
  readonly entries: number;
  readonly webhooks: number;
  /** What an anchor outside of the data directory remembers, when the trail does not have it. */
  readonly unknownAnchor: AnchoredDigest | 'missing' | null;
}

/** Throws one sentence for whatever is wrong with the backup, its keys or the directory; nothing is in its place then. */
export const restoreBackup = async (input: RestoreInput): Promise<Restored> => {
  const { directory, isDryRun } = input;
  const manifest = checkBackup(input);
  using _lock = isDryRun ? undefined : lockDataDirectory(directory);
  // What a restore that was cut off left is not for whoever only looks: no server starts on the directory while it is there.
  const staging = isDryRun ? dryRunFolder(directory) : restoringFolder(directory);
  if (!isDryRun) expectEmpty(directory, input, manifest);
  rmSync(staging, { recursive: true, force: true });
  expectSpace(directory, manifest);
  const restored = await putTogether(input, manifest, staging).catch((error: unknown) => {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  });
  if (isDryRun) rmSync(staging, { recursive: true });
  else moveIntoPlace(directory, staging);
  return restored;
};

/** Reads all of the backup and of the keys, and writes nothing. */
const checkBackup = ({ backup, keys }: RestoreInput): BackupManifest => {
  const manifest = readManifest(backup);
  const copy = join(backup, COPY);
  const { databaseVersion, counts, lastDigest, keyFiles } = manifest;
  const isSame = existsSync(copy) && JSON.stringify(fingerprintOfFile(copy)) === JSON.stringify(manifest.database);
  const content = isSame ? readCopy(copy) : undefined;
  const said = JSON.stringify([databaseVersion, counts, lastDigest]);
  if (said !== JSON.stringify([content?.databaseVersion, content?.counts, content?.lastDigest])) {
    throw new PayhookError(
      'store_damaged',
      `${copy} is not the copy that its manifest describes: it was removed, changed or cut off; use another backup`,
    );
  }
  for (const keyFile of keyFiles.filter(isNeeded(keys))) expectBoundKey({ path: keys }, keyFile);
  return manifest;
};

type ListedKey = BackupManifest['keyFiles'][number];

/** Without the secret of a destination its messages are signed by one that is configured. */
const isNeeded =
  (keys: string) =>
  ({ purpose, file }: ListedKey): boolean =>
    purpose !== 'destination' || existsSync(join(keys, file));

const keysOf = ({ keyFiles }: BackupManifest, keys: string): readonly string[] =>
  keyFiles.filter(isNeeded(keys)).map(({ file }) => file);

const ANCHOR = 'audit-anchor.json';

/** What a restore that was cut off has moved is in nobody's way. */
const expectEmpty = (directory: DataDirectory, { keys }: RestoreInput, manifest: BackupManifest): void => {
  const staging = basename(restoringFolder(directory));
  const names = readdirSync(directory.path).filter((name) => !name.startsWith(basename(lockFile(directory))));
  const moved = new Set(names.includes(staging) ? [...keysOf(manifest, keys), ANCHOR] : []);
  const inTheWay = names.find((name) => {
    if (name === staging || name === basename(dryRunFolder(directory))) return false;
    if (!moved.has(name)) return true;
    return name !== ANCHOR && !readFileSync(join(directory.path, name)).equals(readFileSync(join(keys, name)));
  });
  if (inTheWay === undefined) return;
  throw new PayhookError(
    'configuration_invalid',
    `the data directory ${directory.path} is not empty, ${inTheWay} is in it: move it away whole, and keep it; or set PAYHOOK_DATA_DIR to another directory`,
  );
};

/** A trail of checks and a start write as well: as much again as the copy has to be free. */
const expectSpace = ({ path }: DataDirectory, { database }: BackupManifest): void => {
  const { bavail, bsize } = statfsSync(path);
  if (bavail * bsize >= 2 * database.bytes) return;
  throw new PayhookError(
    'store_full',
    `the disk of ${path} has ${bavail * bsize} bytes free, and a database of ${database.bytes} bytes takes twice as many to restore: free some space`,
  );
};

const putTogether = async (input: RestoreInput, manifest: BackupManifest, staging: string): Promise<Restored> => {
  const { backup, keys, directory, clock } = input;
  mkdirSync(staging, { mode: 0o700 });
  const staged = openDataDirectory(staging);
  copyInto(join(backup, COPY), staged.database);
  for (const file of keysOf(manifest, keys)) copyInto(join(keys, file), join(staging, file));
  const executor = openSqlite({ path: staged.database });
  try {
    const home = await createLocalHome(staged, executor, { clock });
    const { entries, webhooks } = await expectWhole(home, manifest);
    const isAnchorElsewhere = directory.auditAnchorFile !== join(directory.path, ANCHOR);
    const anchored = isAnchorElsewhere ? await createFileDigestAnchor(directory.auditAnchorFile).read() : undefined;
    await tellTrail(home, input, manifest);
    if (!isAnchorElsewhere) await home.anchor.write(manifest.lastDigest ?? NO_DIGEST_YET);
    const isKnown = !isAnchorElsewhere || (await isInTrail(home.auditLog, anchored));
    return { manifest, entries, webhooks, unknownAnchor: isKnown ? null : (anchored ?? 'missing') };
  } finally {
    await executor.close();
  }
};

const copyInto = (from: string, to: string): void => {
  copyFileSync(from, to);
  chmodSync(to, 0o600);
};

/** The whole trail, every webhook and every payload of it, before anything of it is used. */
const expectWhole = async (home: LocalHome, { lastDigest }: BackupManifest) => {
  const own = { read: async () => lastDigest ?? undefined, write: async () => undefined };
  const check = await createCheckAudit({ ...home, anchor: own })({
    open: (webhook) => home.seal.open(webhook.payload, webhook),
  });
  if (check.outcome === 'whole') return check;
  throw new PayhookError(
    'store_damaged',
    `the audit trail of the backup is broken: ${check.problem.message}; nothing was restored, use an older backup`,
  );
};

const tellTrail = ({ auditLog, clock }: LocalHome, input: RestoreInput, manifest: BackupManifest): Promise<void> =>
  auditLog.append([
    {
      chainId: OPERATORS_CHAIN,
      at: clock.now(),
      actor: input.operator,
      event: 'RESTORED',
      outcome: 'success',
      reason: input.reason,
      origin: { sourceAddress: null, requestId: null, traceId: null },
      resource: { type: 'home', id: 'local' },
      change: { from: `digest ${manifest.lastDigest?.number ?? 0}`, to: `backup of ${manifest.takenAt}` },
      count: 1,
    },
  ]);

/** The database makes the directory one with data: it comes last, when all that belongs to it is there for good. */
const moveIntoPlace = (directory: DataDirectory, staging: string): void => {
  const database = basename(directory.database);
  const others = readdirSync(staging).filter((name) => name !== database);
  for (const name of [...others, database]) {
    makeDurable(join(staging, name));
    renameSync(join(staging, name), join(directory.path, name));
    makeDurable(join(directory.path, name));
  }
  rmdirSync(staging);
};
