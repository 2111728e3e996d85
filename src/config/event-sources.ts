/** The lists of events that can be asked for: those of configured providers with a credential. */
import type { CallApi } from '../core/ports/call-api.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventSource } from '../core/ports/provider-events.ts';
import { EVENTS_APIS } from '../providers/events-apis.ts';
import type { Settings } from './load-config.ts';

/** Opens nothing: a list is asked when somebody asks for a page. */
export const eventSourcesOf = (
  { apiCredentials, config }: Settings,
  { call, clock }: { readonly call: CallApi; readonly clock: Clock },
): readonly EventSource[] =>
  EVENTS_APIS.flatMap(({ provider, open }) => {
    const credentials = apiCredentials.get(provider) ?? [];
    const { accounts, apiUrls } = config.reconcile;
    return open({ credentials, accounts: accounts[provider] ?? [], apiUrl: apiUrls[provider], call, clock });
  });

/** Configured providers whose API lists events, and the variable that would have the credential for it. */
export const withoutCredential = ({
  apiCredentials,
  config,
}: Settings): readonly { readonly provider: string; readonly variable: string }[] =>
  EVENTS_APIS.filter(({ provider }) => config.providers[provider] !== undefined && !apiCredentials.has(provider)).map(
    ({ provider, credentialVariable: variable }) => ({ provider, variable }),
  );
