/**
 * Secrets of HTTP destinations for which none is configured: made for development when a destination is first opened,
 * then bound to the data like a key, because receivers have been told them.
 */
import { basename } from 'node:path';
import { createKeyFile, DESTINATION_SECRET, findKeyFile } from '../../adapters/file/key-file.ts';
import { makeDurable } from '../../adapters/file/secret-file.ts';
import type { Settings } from '../../config/load-config.ts';
import { PayhookError } from '../../core/errors.ts';
import { destinationSecretFile } from './data-directory.ts';
import { type OpenKeysDeps, openBoundKey } from './open-keys.ts';

type Deps = Omit<OpenKeysDeps, 'areKeysMade'>;

/**
 * The settings with a secret for every HTTP destination. In mode `live` the configuration demands them, so that none is
 * made. Throws when one that was made before is missing or another one.
 */
export const withDestinationSecrets = async (deps: Deps, settings: Settings): Promise<Settings> => {
  const destinationSecrets = new Map(settings.destinationSecrets);
  for (const { kind, name } of settings.destinations) {
    if (kind === 'http' && !destinationSecrets.has(name)) destinationSecrets.set(name, [await openSecret(deps, name)]);
  }
  return { ...settings, destinationSecrets };
};

const openSecret = async ({ directory, executor, clock }: Deps, name: string): Promise<string> => {
  const path = destinationSecretFile(directory, name);
  const file = basename(path);
  const bound = (await executor.run('keyFileList', undefined)).find((one) => one.file === file);
  if (bound !== undefined) return openBoundKey(directory, DESTINATION_SECRET, bound).key;
  const found = findKeyFile(DESTINATION_SECRET, path);
  if (found.outcome === 'unusable') throw new PayhookError(found.code, `${path} ${found.why}: ${found.advice}`);
  const { key, fingerprint } = found.outcome === 'found' ? found : createKeyFile(DESTINATION_SECRET, () => path);
  makeDurable(path);
  const keyFile = { purpose: DESTINATION_SECRET.purpose, file, fingerprint, boundAt: clock.now() };
  await executor.run('keyFileBind', { keyFiles: [keyFile], wrappings: [] });
  return key;
};
