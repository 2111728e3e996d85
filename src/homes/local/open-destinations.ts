/** The configured destinations of the local home, made real, with their secrets. */

import { createNdjsonDestination } from '../../adapters/file/ndjson-destination.ts';
import { readOrCreateSecretFile } from '../../adapters/file/secret-file.ts';
import { createHttpDestination } from '../../adapters/http/http-destination.ts';
import type { NamedDestination } from '../../config/destinations-of.ts';
import type { Settings } from '../../config/load-config.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { Destination } from '../../destinations/destination.ts';
import { generateDestinationSecret } from '../../destinations/destination-secret.ts';
import { type DataDirectory, destinationSecretFile } from './data-directory.ts';

export interface OpenDestinationsDeps {
  readonly settings: Settings;
  readonly directory: DataDirectory;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'bytes'>;
}

/** The configured secrets, else one that is made for development and kept; in mode `live` the configuration demands them. */
const secretsOf = ({ settings, directory, randomness }: OpenDestinationsDeps, name: string): readonly string[] =>
  settings.destinationSecrets.get(name) ?? [
    readOrCreateSecretFile(
      destinationSecretFile(directory, name),
      () => `${generateDestinationSecret(randomness.bytes)}\n`,
    ).trim(),
  ];

export const openDestination = (deps: OpenDestinationsDeps, destination: NamedDestination): Destination => {
  const { name } = destination;
  switch (destination.kind) {
    case 'http': {
      const secrets = secretsOf(deps, name);
      const { url, timeoutMs, concurrencyMax, arePrivateAddressesAllowed } = destination;
      return createHttpDestination({
        name,
        url,
        secretsOf: async () => secrets,
        clock: deps.clock,
        timeoutMs,
        concurrencyMax,
        arePrivateAddressesAllowed,
      });
    }
    case 'ndjson': {
      const { path, fileBytesMax, filesMax } = destination;
      return createNdjsonDestination({ name, path, fileBytesMax, filesMax });
    }
    case 'eventbridge':
      throw new TypeError('the local home has no EventBridge: the settings leave such destinations out');
    default:
      return destination satisfies never;
  }
};
