/** Every endpoint of ours with what it is verified with, for the signature doctor. */
import type { Settings } from '../config/load-config.ts';
import type { SecretSource } from '../core/ports/secret-source.ts';
import type { Endpoint } from '../doctor/what-if.ts';

/** Every configured provider with the secrets that are valid now. */
export const endpointsOf = (
  settings: Pick<Settings, 'known' | 'providerSettings'>,
  source: SecretSource,
): Promise<readonly Endpoint[]> =>
  Promise.all(
    settings.known
      .filter(({ provider }) => settings.providerSettings.has(provider.name))
      .map(async ({ provider }) => ({
        provider,
        settings: settings.providerSettings.get(provider.name),
        secrets: await source.secretsOf(provider.name),
      })),
  );
