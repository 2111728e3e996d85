/** `payhook audit recover`: what the change feed of a deployed stack gave up on goes into the trail. */
import { PayhookError } from '../core/errors.ts';
import { openRecovery } from '../homes/aws/open-recovery.ts';
import type { RecoveredObject } from '../homes/aws/recover-changes.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import { DOCS } from './command-name.ts';
import type { ExitCode } from './report-failure.ts';

export interface AuditRecoverOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Exit 0 when nothing is left in the bucket, or would be left by a run that is not dry; 1 when an object was kept. */
export const recoverAudit = async (
  context: CommandContext,
  { dryRun: isDryRun = false, json: isJson = false }: AuditRecoverOptions,
): Promise<ExitCode> => {
  const home = context.home();
  if (home.kind === 'local') {
    throw new PayhookError(
      'usage_wrong',
      'one machine has no change feed, its entries stand with its webhooks: for a deployed stack add --home aws --environment-suffix <suffix>',
    );
  }
  const { config } = await loadSettings(context);
  const stack = { region: config.aws.region, environmentSuffix: home.environmentSuffix, clock: context.clock };
  return openRecovery<ExitCode>(stack, async (recover) => {
    const sum = { recovered: 0, entries: 0, unexplained: 0, kept: 0 };
    for await (const object of recover({ isDryRun })) {
      sum[object.outcome] += 1;
      sum.entries += object.entries;
      sum.unexplained += object.unexplained.length;
      if (isJson) context.print(JSON.stringify({ ...object, dryRun: isDryRun }));
      else for (const line of linesOf(object, isDryRun)) context.print(line);
    }
    if (!isJson) for (const line of sumLines(sum, isDryRun)) context.print(line);
    return sum.kept === 0 ? 0 : 1;
  });
};

const linesOf = (object: RecoveredObject, isDryRun: boolean): readonly string[] => {
  const { key, entries, unexplained } = object;
  const what = `${entries} ${entries === 1 ? 'entry' : 'entries'} ${isDryRun ? 'would be put' : 'put'} into the trail`;
  const left = isDryRun ? '' : ', object removed';
  return [
    object.outcome === 'kept' ? `${key}: ${what}, the rest KEPT: ${object.reason}` : `${key}: ${what}${left}`,
    ...unexplained.map((sentence) => `  and ${sentence}`),
  ];
};

const sumLines = (
  { recovered, entries, unexplained, kept }: Record<'recovered' | 'entries' | 'unexplained' | 'kept', number>,
  isDryRun: boolean,
): readonly string[] => {
  if (recovered + kept === 0) return ['nothing to recover: the change feed has given up on nothing'];
  const done = isDryRun ? 'would be recovered' : 'recovered';
  return [
    `${recovered} ${recovered === 1 ? 'object' : 'objects'} ${done}: ${entries} entries, ${unexplained} changes that Payhook did not make`,
    ...(kept === 0 ? [] : [`${kept} kept: see ${DOCS}/runbooks/audit.md#changes-that-could-not-be-audited`]),
    ...(isDryRun ? [] : ['check the trail now: payhook audit verify']),
  ];
};
