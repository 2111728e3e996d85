/** The endpoints that the suite runs against: each provider's over HTTP against a fake of its API. */
import { createCallApi } from '../../src/adapters/http/call-api.ts';
import type { EndpointSource } from '../../src/core/ports/provider-endpoints.ts';
import type { EndpointsApi } from '../../src/providers/endpoints-api.ts';
import { ENDPOINTS_APIS } from '../../src/providers/endpoints-apis.ts';
import { createTestClock } from '../support/clock.ts';
import { API_CREDENTIALS, type ApiFault, openFakeApis } from '../support/fake-apis.ts';
import type { Adapter } from './contract-tests.ts';
import type { OpenProviderEndpoints, ProviderEndpointsHarness } from './provider-endpoints-contract.ts';

const FAULTS: Readonly<Record<Parameters<ProviderEndpointsHarness['refuse']>[0], ApiFault>> = {
  too_often_for_a_minute: { status: 429, retryAfter: '60' },
  server_error: { status: 500, body: 'canary' },
  dropped: 'dropped',
  not_json: { status: 200, body: '<html>canary</html>' },
  no_list: { status: 200, body: '{"data": "canary", "webhooks": "canary", "subscriptions": "canary"}' },
};

const openOverHttp =
  (api: EndpointsApi): OpenProviderEndpoints =>
  async () => {
    const name = api.provider as keyof typeof API_CREDENTIALS;
    const clock = createTestClock();
    const apis = await openFakeApis(clock.now);
    const [source] = api.open({
      credentials: [API_CREDENTIALS[name]],
      accounts: [],
      apiUrl: apis.urls[name],
      call: createCallApi({ clock }),
      clock,
    });
    const { endpoints } = source as EndpointSource;
    // A token is got before a fault is put in.
    await endpoints.list();
    return {
      endpoints,
      kept: apis[name].endpoints,
      refuse: (fault) => apis[name].faults.push(FAULTS[fault]),
      revokeCredential: () => {
        apis[name].isCredentialRevoked = true;
      },
      [Symbol.asyncDispose]: () => apis[Symbol.asyncDispose](),
    };
  };

/** Known by its own word, not by its name. */
const withoutDisabling = (api: EndpointsApi): Pick<Adapter<OpenProviderEndpoints>, 'skip'> => {
  const clock = createTestClock();
  const call = async () => ({ outcome: 'failed', reason: 'no_network' }) as const;
  const credentials = [API_CREDENTIALS[api.provider as keyof typeof API_CREDENTIALS]];
  const [source] = api.open({ credentials, accounts: [], apiUrl: undefined, call, clock });
  if (source?.endpoints.canBeDisabled === true) return {};
  const test = 'lists one that is disabled, and enables it again';
  return { skip: [{ test, reason: 'its endpoints are there or not: none is disabled' }] };
};

export const PROVIDER_ENDPOINTS: readonly Adapter<OpenProviderEndpoints>[] = ENDPOINTS_APIS.map((api) => ({
  name: `of ${api.provider}`,
  open: openOverHttp(api),
  ...withoutDisabling(api),
}));
