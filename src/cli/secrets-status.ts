/** `payhook secrets status`: which signing secret verifies what comes, and which one may go. Never what they are. */
import { lookAtSecretUse } from '../homes/look-at-secret-use.ts';
import type { SecretVerdict } from '../operate/secret-use.ts';
import { secretUseJson } from '../operate/secret-use-json.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { type PrintOptions, printList, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';

const SAYS: Readonly<Record<SecretVerdict, string>> = {
  in_use: 'in use',
  old: 'safe to remove: another one has verified everything for a day',
  unused: 'WARNING: has verified nothing, another one does: the next one of a rotation, or left over',
  silent: 'WARNING: has verified nothing, and no other has: is it the secret of this endpoint?',
  removed: 'not configured any more',
};

const SHOWN: Shown<ReturnType<typeof secretUseJson>[number]> = {
  header: ['PROVIDER', 'SECRET', 'LAST VERIFIED', 'WEBHOOKS', 'STATUS'],
  row: ({ provider, secretId, lastVerifiedAt, webhooks, lookedAt, verdict }) => [
    provider,
    secretId,
    lastVerifiedAt ?? 'never',
    `${webhooks} of the newest ${lookedAt}`,
    SAYS[verdict],
  ],
  json: (use) => use,
};

export const showSecretStatus = async (context: CommandContext, options: PrintOptions): Promise<ExitCode> => {
  const deps = { settings: await loadSettings(context), clock: context.clock };
  return withHome<ExitCode>(context, async (home) => {
    printList(context, secretUseJson(await lookAtSecretUse(context.home(), deps, home)), SHOWN, options);
    return 0;
  });
};
