/** `payhook secrets status`: which signing secret verifies what comes, and which one may go. Never what they are. */
import { withSecretSource } from '../homes/open-secret-source.ts';
import { createSecretUse, type ProviderSecretUse, type SecretVerdict } from '../operate/secret-use.ts';
import { timeText } from '../operate/webhook-json.ts';
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
  const settings = await loadSettings(context);
  const providers = [...settings.secrets.keys()];
  return withHome<ExitCode>(context, (home) =>
    withSecretSource<ExitCode>(context.home(), { settings, clock: context.clock }, async (source) => {
      const useOf = createSecretUse(home);
      const found: ProviderSecretUse[] = [];
      for (const provider of providers) {
        const configured = (await source.secretsOf(provider)).map(({ id }) => id);
        if (configured.length > 0) found.push(await useOf(provider, configured));
      }
      print(context, found, json);
      return 0;
    }),
  );
};

const print = (context: CommandContext, found: readonly ProviderSecretUse[], isJson: boolean): void => {
  const rows = found.flatMap(({ uses, lookedAt, lookedBackTo }) =>
    uses.map((use) => ({
      ...use,
      lastVerifiedAt: textOf(use.lastVerifiedAt),
      lookedAt,
      lookedBackTo: textOf(lookedBackTo),
    })),
  );
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

const textOf = (at: number | null): string | null => (at === null ? null : timeText(at));
