/** Every key file that was ever bound to the data of this machine, and what it is still needed for. Never a key. */
import type { SqliteExecutor } from '../../adapters/sqlite/sqlite-executor.ts';
import type { StoredKeyFile } from '../../adapters/sqlite/sqlite-key-file-operations.ts';
import { timeText } from '../../operate/webhook-json.ts';

export interface KeyRow {
  readonly purpose: StoredKeyFile['purpose'];
  readonly fingerprint: string;
  readonly file: string;
  readonly since: string;
  readonly state: 'in_use' | 'older' | 'retired';
  readonly dataKeys: number | null;
  readonly digests: number | null;
}

export const listKeyFiles = async (executor: SqliteExecutor): Promise<readonly KeyRow[]> => {
  const keyFiles = await executor.run('keyFileList', undefined);
  const dataKeys = await executor.run('dataKeyList', undefined);
  const lastDigest = (await executor.run('auditLastDigest', undefined))?.number ?? 0;
  return keyFiles.map((one, index): KeyRow => {
    const next = keyFiles.slice(index + 1).find(({ purpose }) => purpose === one.purpose && purpose !== 'destination');
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
};

const stateOf = ({ retiredAt }: StoredKeyFile, next: StoredKeyFile | undefined): KeyRow['state'] => {
  if (retiredAt !== null) return 'retired';
  return next === undefined ? 'in_use' : 'older';
};
