/** `payhook keys`: which key files the data of this machine needs, and new ones in their place. Never shows a key. */
import { PayhookError } from '../core/errors.ts';
import { type KeyRow, listKeyFiles } from '../homes/local/list-key-files.ts';
import { ROTATED_PURPOSES, type RotatedPurpose, rotateKeys as rotateHere } from '../homes/local/rotate-keys.ts';
import { type LocalDirectory, openLocalDirectory } from '../homes/open-home.ts';
import { actAs } from './act-as.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import { DOCS } from './command-name.ts';
import { counted } from './counted.ts';
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

const HEADER = ['PURPOSE', 'FINGERPRINT', 'STATE', 'SINCE', 'NEEDED FOR', 'FILE'];

/** Every key file that was ever bound to this data. A retired one is needed for backups from before its rotation only. */
export const listKeys = (context: CommandContext, options: PrintOptions): Promise<ExitCode> =>
  withKeys<ExitCode>(context, async ({ home: { executor } }) => {
    const rows = await listKeyFiles(executor);
    printList(context, rows, { header: HEADER, row: cells, json: (row) => ({ ...row }) }, options);
    return 0;
  });

const neededFor = ({ dataKeys, digests, state }: KeyRow): string => {
  if (state === 'retired') return 'older backups';
  if (dataKeys !== null) return counted(dataKeys, 'data key');
  return digests === null ? 'messages' : counted(digests, 'digest');
};

const cells = (row: KeyRow): string[] => [
  row.purpose,
  row.fingerprint,
  row.state.replaceAll('_', ' '),
  row.since,
  neededFor(row),
  row.file,
];

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
