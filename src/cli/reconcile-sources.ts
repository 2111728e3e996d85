/** Which lists of which providers a command asks. */
import { createCallApi } from '../adapters/http/call-api.ts';
import { eventSourcesOf, withoutCredential } from '../config/event-sources.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { ConfiguredProvider } from '../core/ports/provider.ts';
import type { EventSource } from '../core/ports/provider-events.ts';
import type { CommandContext } from './command-context.ts';

/** Throws one sentence that says which variable would have the credential. */
export const sourcesOf = (
  settings: Settings,
  { clock }: CommandContext,
  provider: string | undefined,
): readonly EventSource[] => {
  const sources = eventSourcesOf(settings, { call: createCallApi({ clock }), clock });
  const wanted = provider === undefined ? sources : sources.filter((source) => source.provider === provider);
  if (wanted.length > 0) return wanted;
  const missing = withoutCredential(settings).filter((one) => provider === undefined || one.provider === provider);
  const variables = missing.map(({ variable }) => variable).join(', ');
  throw new PayhookError(
    'configuration_invalid',
    variables === ''
      ? `no provider that is configured lists its events${provider === undefined ? '' : `, and ${provider} is not configured`}`
      : `there is no credential to ask with: set ${variables}; docs/reconcile.md says which rights it needs`,
  );
};

export const providersOf = ({ known, providerSettings }: Settings): ReadonlyMap<string, ConfiguredProvider> =>
  new Map(
    known
      .filter(({ provider: { name } }) => providerSettings.has(name))
      .map(({ provider }) => [provider.name, { provider, settings: providerSettings.get(provider.name) }]),
  );
