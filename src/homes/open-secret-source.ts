/** The signing secrets of the home that a command is pointed at, as its receiver would read them. */
import { existsSync } from 'node:fs';
import { createMemorySecretSource } from '../adapters/memory/memory-secret-source.ts';
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import type { Settings } from '../config/load-config.ts';
import type { SecretSource } from '../core/ports/secret-source.ts';
import { openDataDirectory } from './local/data-directory.ts';
import { resolveSecrets } from './local/development-secrets.ts';
import type { OpenHomeDeps } from './open-home.ts';
import type { HomeChoice } from './operator-home.ts';

/** Makes nothing: secrets for development are there once a server has started. */
export const withSecretSource = async <Result>(
  choice: HomeChoice,
  { settings, clock }: OpenHomeDeps,
  work: (source: SecretSource) => Promise<Result>,
): Promise<Result> => {
  if (choice.kind === 'local') return work(createMemorySecretSource(localSecrets({ settings, clock })));
  const { openStackSecretSource } = await import('./aws/open-secrets.ts');
  return openStackSecretSource({ settings, clock }, choice.environmentSuffix, work);
};

const localSecrets = ({ settings, clock }: OpenHomeDeps): Settings['secrets'] => {
  if (!existsSync(settings.dataDirectory)) return settings.secrets;
  const directory = openDataDirectory(settings.dataDirectory);
  return existsSync(directory.secretsFile)
    ? resolveSecrets(settings, directory, createSystemRandomness(clock)).byProvider
    : settings.secrets;
};
