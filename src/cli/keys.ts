/** `payhook keys`: which key files the data of this machine needs, and new ones in their place. Never shows a key. */
import type { StoredKeyFile } from '../adapters/sqlite/sqlite-key-file-operations.ts';
import { PayhookError } from '../core/errors.ts';
import { ROTATED_PURPOSES, type RotatedPurpose, rotateKeys as rotateHere } from '../homes/local/rotate-keys.ts';
import { type LocalDirectory, openLocalDirectory } from '../homes/open-home.ts';
import { timeText } from '../operate/webhook-json.ts';
import { actAs } from './act-as.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import { DOCS } from './command-name.ts';
import { type PrintOptions, printList } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';

const withKeys = async <Result>(
  context: CommandContext,
  work: (local: LocalDirectory) => Promise<Result>,
): Promise<Result> => {
  if (context.home().kind === 'aws') {
    throw new PayhookError(
      'usage_wrong',
      `on AWS the keys are in KMS, which keeps them and rotates the one of the data each year: see alias/key-payhook-<suffix> and alias/key-audit-digests-<suffix> there, and ${DOCS}/keys.md`,
    );
  }
  return openLocalDirectory({ settings: await loadSettings(context), clock: context.clock }, work);
};

interface KeyRow {
  readonly purpose: StoredKeyFile['purpose'];
  readonly fingerprint: string;
  readonly file: string;
  readonly since: string;
  readonly state: 'in use' | 'older' | 'retired';
  readonly dataKeys: number | null;
  readonly digests: number | null;
}

const HEADER = ['PURPOSE', 'FINGERPRINT', 'STATE', 'SINCE', 'NEEDED FOR', 'FILE'];

/** Every key file that was ever bound to this data. A retired one is needed for backups from before its rotation only. */
export const listKeys = (context: CommandContext, options: PrintOptions): Promise<ExitCode> =>
  withKeys<ExitCode>(context, async ({ home: { executor } }) => {
    const keyFiles = await executor.run('keyFileList', undefined);
    const dataKeys = await executor.run('dataKeyList', undefined);
    const lastDigest = (await executor.run('auditLastDigest', undefined))?.number ?? 0;
    const rows = keyFiles.map((one, index): KeyRow => {
      const next = keyFiles
        .slice(index + 1)
        .find(({ purpose }) => purpose === one.purpose && purpose !== 'destination');
      const digestsEnd = next?.firstDigest ?? lastDigest + 1;
      return {
        purpose: one.purpose,
        fingerprint: one.fingerprint,
        file: one.file,
        since: timeText(one.boundAt),
        state: stateOf(one, next),
        dataKeys:
          one.purpose === 'payload' ? dataKeys.filter(({ wrappedBy }) => wrappedBy === one.fingerprint).length : null,
        digests: one.firstDigest === null ? null : digestsEnd - one.firstDigest,
      };
    });
    printList(context, rows, { header: HEADER, row: cells, json: (row) => ({ ...row }) }, options);
    return 0;
  });

const stateOf = ({ retiredAt }: StoredKeyFile, next: StoredKeyFile | undefined): KeyRow['state'] => {
  if (retiredAt !== null) return 'retired';
  return next === undefined ? 'in use' : 'older';
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const neededFor = ({ dataKeys, digests, state }: KeyRow): string => {
  if (state === 'retired') return 'older backups';
  if (dataKeys !== null) return counted(dataKeys, 'data key');
  return digests === null ? 'messages' : counted(digests, 'digest');
};

const cells = (row: KeyRow): string[] => [row.purpose, row.fingerprint, row.state, row.since, neededFor(row), row.file];

/** Audited. Exit 2 while a server runs on the directory. */
export const rotateKeys = (
  context: CommandContext,
  purpose: RotatedPurpose | undefined,
  { json = false, reason }: { readonly json?: boolean; readonly reason?: string },
): Promise<ExitCode> =>
  withKeys<ExitCode>(context, async (local) => {
    const rotated = await rotateHere(
      { ...local, operator: await actAs(context, local.operators, 'look_after'), reason: reason ?? null },
      purpose === undefined ? ROTATED_PURPOSES : [purpose],
    );
    for (const one of rotated) {
      if (json) context.print(JSON.stringify(one));
      else context.print(`${one.purpose}: ${one.file} (${one.fingerprint}) is in use instead of ${one.replaced}`);
    }
    if (!json) context.print('back up the data directory now: it has a new key that no backup has yet');
    return 0;
  });
