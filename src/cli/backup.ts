/** `payhook backup` and `payhook restore`: the data of this machine in a folder, and back. */
import { existsSync, rmdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PayhookError } from '../core/errors.ts';
import { type BackupManifest, KEYS } from '../homes/local/backup/manifest.ts';
import { type Restored, restoreBackup } from '../homes/local/backup/restore-backup.ts';
import { takeBackup } from '../homes/local/backup/take-backup.ts';
import { openDataDirectory, withAnchorIn } from '../homes/local/data-directory.ts';
import { localOperator, openLocalDirectory } from '../homes/open-home.ts';
import { actAs } from './act-as.ts';
import { type CommandContext, loadSettings, refuseAws } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';
import { payhookVersion } from './version.ts';

const ON_AWS =
  'on AWS each table has point-in-time recovery, to any second of the last 35 days, and the keys stay in KMS: see docs/operate.md#on-aws';

export interface BackupOptions {
  readonly withKeys?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}

/** Audited. A server may run meanwhile. */
export const backup = async (
  context: CommandContext,
  folder: string,
  { withKeys: hasKeys = false, reason, json }: BackupOptions,
): Promise<ExitCode> => {
  refuseAws(context, ON_AWS);
  const path = resolve(context.cwd, folder);
  const settings = await loadSettings(context);
  const manifest = await openLocalDirectory({ settings, clock: context.clock }, async (local) => {
    const operator = await actAs(context, local.operators, 'look_after');
    return takeBackup({ ...local, operator, folder: path, hasKeys, version: payhookVersion(), reason: reason ?? null });
  });
  if (json === true) context.print(JSON.stringify({ folder: path, ...manifest }));
  else for (const line of backupLines(path, manifest)) context.print(line);
  return 0;
};

const backupLines = (path: string, manifest: BackupManifest): readonly string[] => {
  const { counts, database, lastDigest, keyFiles, hasKeys } = manifest;
  return [
    `backed up to ${path}, read back and whole: ${counts.webhooks} webhooks, ${counts.payments} payments, ${counts.auditEntries} audit entries, ${database.bytes} bytes`,
    ...(lastDigest === null ? [] : [`last digest, to be kept elsewhere: ${lastDigest.number}:${lastDigest.hash}`]),
    hasKeys
      ? `its keys are in ${join(path, KEYS)}: keep them apart, whoever has both reads every payload`
      : `without its keys, which it cannot be read without: keep ${keyFiles.map(({ file }) => file).join(', ')} apart`,
  ];
};

export interface RestoreOptions {
  readonly keys?: string;
  readonly dryRun?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}

/** Audited, in the trail of what was restored. */
export const restore = async (
  context: CommandContext,
  folder: string,
  { keys, dryRun: isDryRun = false, reason, json }: RestoreOptions,
): Promise<ExitCode> => {
  refuseAws(context, ON_AWS);
  if (reason === undefined && !isDryRun) {
    throw new PayhookError('usage_wrong', 'restore needs --reason <text>, for the audit trail; --dry-run needs none');
  }
  const { dataDirectory, auditAnchorDirectory } = await loadSettings(context);
  const path = resolve(context.cwd, folder);
  const isNew = !existsSync(dataDirectory);
  const directory = withAnchorIn(openDataDirectory(dataDirectory), auditAnchorDirectory);
  try {
    const restored = await restoreBackup({
      backup: path,
      keys: keys === undefined ? join(path, KEYS) : resolve(context.cwd, keys),
      directory,
      isDryRun,
      operator: localOperator(),
      reason: reason ?? null,
      clock: context.clock,
    });
    if (json === true) context.print(JSON.stringify({ dataDirectory, dryRun: isDryRun, ...restored }));
    else for (const line of restoredLines(dataDirectory, restored, isDryRun)) context.print(line);
    return 0;
  } finally {
    if (isNew && isDryRun) rmdirSync(dataDirectory);
  }
};

const restoredLines = (dataDirectory: string, restored: Restored, isDryRun: boolean): readonly string[] => {
  const { manifest, entries, webhooks, unknownAnchor } = restored;
  const what = `the backup of ${manifest.takenAt}: ${webhooks} webhooks whose payloads open, an audit trail of ${entries} entries that is whole`;
  if (isDryRun) return [`${dataDirectory} can be restored from ${what}`];
  return [
    `restored into ${dataDirectory} from ${what}`,
    'what was received after it is not here: see docs/operate.md#after-a-restore',
    ...(unknownAnchor === null ? [] : [anchorLine(restored, unknownAnchor)]),
  ];
};

const anchorLine = ({ manifest }: Restored, unknown: NonNullable<Restored['unknownAnchor']>): string => {
  const remembers = unknown === 'missing' ? 'is missing' : `remembers digest ${unknown.number}`;
  return `the audit anchor ${remembers}, and the backup ends with digest ${manifest.lastDigest?.number ?? 0}: no digest is signed until you put the anchor right, or give up what is missing: payhook audit reanchor --reason "…"`;
};
