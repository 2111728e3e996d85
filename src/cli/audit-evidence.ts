/** `payhook audit evidence`: what an assessor asks of a home, as text to take along, and whether its trail is whole. */
import { advisedProblems } from '../audit/what-to-do.ts';
import { type EvidenceJson, gatherEvidence } from '../homes/gather-evidence.ts';
import { listKeyFiles } from '../homes/local/list-key-files.ts';
import { lookAtSecretUse } from '../homes/look-at-secret-use.ts';
import { openLocalDirectory } from '../homes/open-home.ts';
import { checkShowingProgress } from './audit.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';
import { fieldLines, sectionLines } from './table.ts';
import { payhookVersion } from './version.ts';

/** Exit 1 when the trail is not whole. */
export const showEvidence = async (
  context: CommandContext,
  { json = false }: { readonly json?: boolean },
): Promise<ExitCode> => {
  const deps = { settings: await loadSettings(context), clock: context.clock };
  const { config, retentionMs, rejectedKeptForMs } = deps.settings;
  const choice = context.home();
  return withHome<ExitCode>(context, async (home) => {
    const evidence = await gatherEvidence({
      home,
      choice,
      version: payhookVersion(),
      config,
      awsRoles: config.console.awsRoles,
      retentionMs,
      rejectedKeptForMs,
      lookAtSecretUse: () => lookAtSecretUse(choice, deps, home),
      listKeyFiles:
        choice.kind === 'local' ? () => openLocalDirectory(deps, (local) => listKeyFiles(local.home.executor)) : null,
    });
    const check = await checkShowingProgress(home, context.isTerminal && !json);
    const verified = { outcome: check.outcome, entries: check.entries, problems: advisedProblems(check) };
    if (json) context.print(JSON.stringify({ ...evidence, verified }));
    else for (const line of evidenceLines(evidence, verified, context.columns)) context.print(line);
    return check.outcome === 'whole' ? 0 : 1;
  });
};

interface Verified {
  readonly outcome: 'whole' | 'broken';
  readonly entries: number;
  readonly problems: readonly { readonly message: string; readonly toDo: string }[];
}

const evidenceLines = (of: EvidenceJson, verified: Verified, columns: number | undefined): readonly string[] => {
  const { retention, trail, cardData } = of;
  const home = of.home.kind === 'aws' ? `AWS ${of.home.environmentSuffix}` : 'one machine';
  const may = Object.entries(of.permissions).map(([permission, roles]) => [permission, roles.join(' ')]);
  return [
    ...fieldLines([
      ['gathered', `${of.gatheredAt}, Payhook ${of.version}, ${home}, mode ${of.mode ?? 'not configured'}`],
      [
        'trail',
        `${verified.outcome}: ${verified.entries} of ${trail.entries} entries checked, ${
          trail.lastDigest === null ? 'none signed yet' : `signed up to entry ${trail.lastDigest.lastPosition}`
        }`,
      ],
      ...verified.problems.map(({ message, toDo }) => ['problem', `${message}. ${toDo}`] as const),
      ...(trail.lastDigest === null
        ? []
        : [
            [
              'last digest',
              `${trail.lastDigest.number}:${trail.lastDigest.hash}, key ${trail.lastDigest.keyId}`,
            ] as const,
          ]),
      ['webhooks', `kept for ${retention.webhookDays} days`],
      ['audit trail', `kept for at least ${retention.auditDaysMin} days`],
      ['rejected', retention.rejectedDays === null ? 'not kept' : `kept for ${retention.rejectedDays} days`],
      ['card data', `masked in ${cardData.webhooks} of the newest ${cardData.lookedAt} webhooks`],
      ...(of.secretsProblem === null ? [] : [['secrets', of.secretsProblem] as const]),
      ['acts', of.actsWithoutOperators ?? 'operators, each by name and passphrase'],
    ]),
    ...sectionLines(
      ['OPERATOR', 'ROLE', 'SINCE'],
      of.operators.map((one) => [one.name, one.role, one.addedAt]),
      columns,
    ),
    ...sectionLines(['IAM', 'ROLE'], Object.entries(of.awsRoles), columns),
    ...sectionLines(['MAY', 'ROLES'], may, columns),
    ...sectionLines(
      ['KEY', 'FINGERPRINT', 'STATE', 'SINCE'],
      (of.keys ?? []).map(({ purpose, fingerprint, state, since }) => [purpose, fingerprint, state, since]),
      columns,
    ),
    ...sectionLines(
      ['PROVIDER', 'SECRET', 'LAST VERIFIED', 'STATUS'],
      of.secrets.map((one) => [one.provider, one.secretId, one.lastVerifiedAt ?? 'never', one.verdict]),
      columns,
    ),
  ];
};
