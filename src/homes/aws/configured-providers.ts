/** The providers that a bundle was built for, with their settings. */
import type { BakedSettings } from '../../config/baked-settings.ts';
import type { ConfiguredProvider } from '../../core/ports/provider.ts';
import { providerNamed } from '../../providers/providers.ts';

export const configuredProviders = ({
  providers,
}: Pick<BakedSettings, 'providers'>): ReadonlyMap<string, ConfiguredProvider> =>
  new Map(
    providers.flatMap(({ name, settings }) => {
      const provider = providerNamed(name);
      return provider === undefined ? [] : [[name, { provider, settings }] as const];
    }),
  );
