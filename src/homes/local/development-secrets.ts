/**
 * Signing secrets for local development: made once, kept in the data directory, used by `payhook send` to sign as the
 * providers would. A provider whose secrets are configured never gets one of these.
 */

import { parseSecretFile, readOrCreateSecretFile } from '../../adapters/file/secret-file.ts';
import type { Settings } from '../../config/load-config.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { DataDirectory } from './data-directory.ts';

export interface HomeSecrets {
  /** Secrets of every configured provider, in the order in which they are tried. */
  readonly byProvider: ReadonlyMap<string, readonly string[]>;
  /** Providers whose secrets were generated here. */
  readonly generated: ReadonlySet<string>;
}

const isSecrets = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string');

const readGenerated = (
  known: Settings['known'],
  directory: DataDirectory,
  randomness: Randomness,
): Record<string, string> => {
  const text = readOrCreateSecretFile(directory.secretsFile, () => {
    const secrets = known.map(({ provider }) => [provider.name, provider.generateSecret(randomness.bytes)]);
    return `${JSON.stringify(Object.fromEntries(secrets), null, 2)}\n`;
  });
  return parseSecretFile(directory.secretsFile, text, isSecrets, 'delete it to have new development secrets made');
};

/** The configured secrets; generated ones where none are configured and the mode is not `live` (then none). */
export const resolveSecrets = (settings: Settings, directory: DataDirectory, randomness: Randomness): HomeSecrets => {
  const byProvider = new Map<string, readonly string[]>();
  const generated = new Set<string>();
  const unset: string[] = [];
  for (const [name, values] of settings.secrets) {
    if (values.length > 0 || settings.config.mode === 'live') byProvider.set(name, values);
    else unset.push(name);
  }
  if (unset.length === 0) return { byProvider, generated };

  const made = readGenerated(settings.known, directory, randomness);
  for (const name of unset) {
    const secret = made[name];
    if (secret === undefined) continue;
    byProvider.set(name, [secret]);
    generated.add(name);
  }
  return { byProvider, generated };
};
