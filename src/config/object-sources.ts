/** The lists of objects that can be asked for: those of configured providers with a credential. */
import type { ObjectSource } from '../core/ports/provider-objects.ts';
import { OBJECTS_APIS } from '../providers/objects-apis.ts';
import type { Asking } from './event-sources.ts';
import type { Settings } from './load-config.ts';

/** Opens nothing: a list is asked when somebody asks for a page. */
export const objectSourcesOf = (
  { apiCredentials, config: { reconcile } }: Settings,
  { call, clock }: Asking,
): readonly ObjectSource[] =>
  OBJECTS_APIS.flatMap(({ provider, open }) =>
    open({
      credentials: apiCredentials.get(provider) ?? [],
      accounts: reconcile.accounts[provider] ?? [],
      apiUrl: reconcile.apiUrls[provider],
      call,
      clock,
    }),
  );
