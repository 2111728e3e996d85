/** The use of secrets as JSON, for `--json` and for the console. Stable. */
import type { ProviderSecretUse } from './secret-use.ts';
import { timeText } from './webhook-json.ts';

const textOf = (at: number | null): string | null => (at === null ? null : timeText(at));

export const secretUseJson = (found: readonly ProviderSecretUse[]) =>
  found.flatMap(({ uses, lookedAt, lookedBackTo }) =>
    uses.map((use) => ({
      ...use,
      lastVerifiedAt: textOf(use.lastVerifiedAt),
      lookedAt,
      lookedBackTo: textOf(lookedBackTo),
    })),
  );
