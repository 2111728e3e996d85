/** The use of secrets as JSON, for `--json` and for the console. Stable. */
import type { ProviderSecretUse } from './secret-use.ts';
import { timeOrNull } from './webhook-json.ts';

export const secretUseJson = (found: readonly ProviderSecretUse[]) =>
  found.flatMap(({ uses, lookedAt, lookedBackTo }) =>
    uses.map((use) => ({
      ...use,
      lastVerifiedAt: timeOrNull(use.lastVerifiedAt),
      lookedAt,
      lookedBackTo: timeOrNull(lookedBackTo),
    })),
  );
