/** The lists of events that can be asked for: those of configured providers with a credential. */
import type { CallApi } from '../core/ports/call-api.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventSource } from '../core/ports/provider-events.ts';
import type { EventsApi } from '../providers/events-api.ts';
import { EVENTS_APIS } from '../providers/events-apis.ts';
import type { Settings } from './load-config.ts';

export interface Asking {
  readonly call: CallApi;
  readonly clock: Clock;
}

export type ReconcileSettings = Settings['config']['reconcile'];
type ListSettings = Pick<ReconcileSettings, 'accounts' | 'apiUrls' | 'areThinEventsListed'>;

/** Opens nothing: a list is asked when somebody asks for a page. None without a credential. */
export const openLists = (
  { provider, open }: EventsApi,
  credentials: readonly string[],
  { accounts, apiUrls, areThinEventsListed: areThinListed }: ListSettings,
  { call, clock }: Asking,
): readonly EventSource[] =>
  open({ credentials, accounts: accounts[provider] ?? [], areThinListed, apiUrl: apiUrls[provider], call, clock });

/** Those of the credentials in the environment. */
export const eventSourcesOf = ({ apiCredentials, config }: Settings, asking: Asking): readonly EventSource[] =>
  EVENTS_APIS.flatMap((api) => openLists(api, apiCredentials.get(api.provider) ?? [], config.reconcile, asking));

/** Configured providers whose API lists events, and the variable that would have the credential for it. */
export const withoutCredential = ({
  apiCredentials,
  config,
}: Settings): readonly { readonly provider: string; readonly variable: string }[] =>
  EVENTS_APIS.filter(({ provider }) => config.providers[provider] !== undefined && !apiCredentials.has(provider)).map(
    ({ provider, credentialVariable: variable }) => ({ provider, variable }),
  );

/** Those that a deployed stack asks by itself, with a credential or without. */
export const reconciledProviders = ({
  reconcile,
  providers,
}: Pick<Settings['config'], 'reconcile' | 'providers'>): readonly string[] =>
  reconcile.isAutomatic
    ? EVENTS_APIS.map(({ provider }) => provider).filter((provider) => providers[provider] !== undefined)
    : [];
