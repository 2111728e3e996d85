/** `payhook audit export`: the trail in a folder, with what checks it where no Payhook is. */
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createExportTrail, EXPORT_FILES, type ExportOutcome, exportedEntry } from '../audit/export-trail.ts';
import { PayhookError } from '../core/errors.ts';
import { withOperator } from './act-as.ts';
import type { CommandContext } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';

export interface AuditExportOptions {
  readonly reason?: string;
  readonly json?: boolean;
}

/** Audited before anything is written. Exit 1 when no digest signs anything yet. */
export const exportAudit = (
  context: CommandContext,
  written: string,
  { reason, json = false }: AuditExportOptions,
): Promise<ExitCode> =>
  withOperator<ExitCode>(context, 'read_audit', async (home) => {
    const folder = emptyFolder(resolve(context.cwd, written));
    await home.auditLog.append([exportedEntry(home.operator, reason ?? null, home.clock.now())]);
    for (const file of EXPORT_FILES) writeFileSync(join(folder, file), '', { mode: 0o600, flag: 'wx' });
    const exported = await createExportTrail(home)((file, text) => appendFileSync(join(folder, file), text));
    if (json) context.print(JSON.stringify({ folder, ...exported }));
    else for (const line of exportLines(folder, exported)) context.print(line);
    return exported.outcome === 'exported' ? 0 : 1;
  });

/** Of somebody else's files nothing is replaced. */
const emptyFolder = (path: string): string => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (readdirSync(path).length === 0) return path;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PayhookError('usage_wrong', `${path} cannot be used: ${why}`, { cause: error });
  }
  throw new PayhookError('usage_wrong', `${path} is not empty: give a folder that is, or that is not there yet`);
};

const exportLines = (folder: string, exported: ExportOutcome): readonly string[] => {
  switch (exported.outcome) {
    case 'nothing_signed':
      return ['no digest signs anything yet: a server writes one every few seconds, on AWS every minute'];
    case 'begins_later':
      return [
        'what had its time was removed meanwhile, so that this export is of no use: export again, into another folder',
      ];
    case 'exported': {
      const { manifest, notSigned } = exported;
      return [
        `exported to ${folder}: ${manifest.entries} entries, ${manifest.digests} signed digests`,
        ...(notSigned > 0 ? [`${notSigned} newer entries are not part of it: no digest signs them yet`] : []),
        `last digest, to be kept elsewhere: ${manifest.lastDigest.number}:${manifest.lastDigest.hash}`,
        `to check it, with Node alone: node ${join(folder, 'verify.cjs')}`,
      ];
    }
    default:
      return exported satisfies never;
  }
};
