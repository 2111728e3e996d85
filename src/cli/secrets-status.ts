/** `payhook secrets status`: which signing secret verifies what comes, and which one may go. Never what they are. */
import { lookAtSecretUse } from '../homes/look-at-secret-use.ts';
import type { ProviderSecretUse, SecretVerdict } from '../operate/secret-use.ts';
import { secretUseJson } from '../operate/secret-use-json.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';
import { tableLines } from './table.ts';

const SAYS: Readonly<Record<SecretVerdict, string>> = {
  in_use: 'in use',
  old: 'safe to remove: another one has verified everything for a day',
  unused: 'WARNING: has verified nothing, another one does: the next one of a rotation, or left over',
  silent: 'WARNING: has verified nothing, and no other has: is it the secret of this endpoint?',
  removed: 'not configured any more',
};

const HEADER = ['PROVIDER', 'SECRET', 'LAST VERIFIED', 'WEBHOOKS', 'STATUS'];

export const showSecretStatus = async (
  context: CommandContext,
  { json = false }: { readonly json?: boolean },
): Promise<ExitCode> => {
  const deps = { settings: await loadSettings(context), clock: context.clock };
  return withHome<ExitCode>(context, async (home) => {
    print(context, await lookAtSecretUse(context.home(), deps, home), json);
    return 0;
  });
};

const print = (context: CommandContext, found: readonly ProviderSecretUse[], isJson: boolean): void => {
  const rows = secretUseJson(found);
  if (isJson) {
    for (const row of rows) context.print(JSON.stringify(row));
    return;
  }
  const cells = rows.map(({ provider, secretId, lastVerifiedAt, webhooks, lookedAt, verdict }) => [
    provider,
    secretId,
    lastVerifiedAt ?? 'never',
    `${webhooks} of the newest ${lookedAt}`,
    SAYS[verdict],
  ]);
  for (const line of tableLines(HEADER, cells, context.columns)) context.print(line);
};
