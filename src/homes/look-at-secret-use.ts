/** What the signing secrets of a home are good for, one provider after the other: the ids of the receiver, never a secret. */
import { createSecretUse, type ProviderSecretUse } from '../operate/secret-use.ts';
import type { OpenHomeDeps } from './open-home.ts';
import { withSecretSource } from './open-secret-source.ts';
import type { HomeChoice, OperatorHome } from './operator-home.ts';

export const lookAtSecretUse = (
  choice: HomeChoice,
  deps: OpenHomeDeps,
  home: Pick<OperatorHome, 'store' | 'clock'>,
): Promise<readonly ProviderSecretUse[]> =>
  withSecretSource(choice, deps, async (source) => {
    const useOf = createSecretUse(home);
    const found: ProviderSecretUse[] = [];
    for (const provider of deps.settings.secrets.keys()) {
      const configured = (await source.secretsOf(provider)).map(({ id }) => id);
      if (configured.length > 0) found.push(await useOf(provider, configured));
    }
    return found;
  });
