/** The configured destinations of the local home, made real, with their secrets. */

import { createNdjsonDestination } from '../../adapters/file/ndjson-destination.ts';
import { createHttpDestination } from '../../adapters/http/http-destination.ts';
import type { NamedDestination } from '../../config/destinations-of.ts';
import type { Settings } from '../../config/load-config.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Destination } from '../../destinations/destination.ts';

export interface OpenDestinationsDeps {
  /** With the secrets of all destinations. */
  readonly settings: Settings;
  readonly clock: Clock;
}

export const openDestination = (deps: OpenDestinationsDeps, destination: NamedDestination): Destination => {
  const { name } = destination;
  switch (destination.kind) {
    case 'http': {
      const secrets = deps.settings.destinationSecrets.get(name) ?? [];
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
