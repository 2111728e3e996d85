/** The endpoints of providers that can be asked about: those of configured providers with a credential. */
import type { EndpointSource } from '../core/ports/provider-endpoints.ts';
import type { EndpointsApi } from '../providers/endpoints-api.ts';
import { ENDPOINTS_APIS } from '../providers/endpoints-apis.ts';
import type { Asking, ReconcileSettings } from './event-sources.ts';
import type { Settings } from './load-config.ts';

/** Opens nothing: a provider is asked when somebody lists or writes. None without a credential. */
export const openEndpoints = (
  { provider, open }: EndpointsApi,
  credentials: readonly string[],
  { apiUrls }: Pick<ReconcileSettings, 'apiUrls'>,
  { call, clock }: Asking,
): readonly EndpointSource[] => open({ credentials, accounts: [], apiUrl: apiUrls[provider], call, clock });

/** Those of the credentials in the environment. */
export const endpointSourcesOf = ({ apiCredentials, config }: Settings, asking: Asking): readonly EndpointSource[] =>
  ENDPOINTS_APIS.flatMap((api) => openEndpoints(api, apiCredentials.get(api.provider) ?? [], config.reconcile, asking));
