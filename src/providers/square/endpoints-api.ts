/** Square's webhook subscriptions. https://developer.squareup.com/reference/square/webhook-subscriptions-api */
import type { ApiAnswer, ApiRequest } from '../../core/ports/call-api.ts';
import type { EndpointChange, ProviderEndpoints, RegisteredEndpoint } from '../../core/ports/provider-endpoints.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { allEndpoints, type EndpointsApi, writtenOf } from '../endpoints-api.ts';
import { type OpenEventsInput, objectsListed, openEach } from '../events-api.ts';
import { pathPartOf } from '../path-part.ts';
import { objectOf, wholeTextOf } from '../read-fields.ts';
import { readModeSecret } from '../secret-label.ts';
import { SQUARE_API_URLS, squareEventsApi } from './events-api.ts';

const PATH = '/v2/webhooks/subscriptions';

const endpointOf = (subscription: JsonObject): RegisteredEndpoint | null => {
  const { id, notification_url: url, enabled, event_types: types, api_version: version } = subscription;
  const [idText, urlText] = [wholeTextOf(id), wholeTextOf(url)];
  if (idText === null || urlText === null || (types !== undefined && !Array.isArray(types))) return null;
  return {
    id: idText,
    url: urlText,
    isEnabled: enabled !== false,
    eventTypes: (types ?? []).filter((type) => typeof type === 'string'),
    apiVersion: wholeTextOf(version),
  };
};

const changeOf = ({ url, eventTypes, isEnabled }: EndpointChange): object => ({
  ...(url === undefined ? {} : { notification_url: url }),
  ...(eventTypes === undefined ? {} : { event_types: eventTypes }),
  ...(isEnabled === undefined ? {} : { enabled: isEnabled }),
});

const endpointsOf = ({ call }: OpenEventsInput, apiUrl: string, credential: string): ProviderEndpoints => {
  const { label, value: token } = readModeSecret(credential);
  const authorization = `Bearer ${token}`;
  const get = (cursor: string | null): Promise<ApiAnswer> => {
    const query = new URLSearchParams({ include_disabled: 'true', ...(cursor === null ? {} : { cursor }) });
    return call({ method: 'GET', url: `${apiUrl}${PATH}?${query}`, headers: { authorization } });
  };
  const write = (method: ApiRequest['method'], path: string, body: object): Promise<ApiAnswer> =>
    call({
      method,
      url: `${apiUrl}${PATH}${path}`,
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const read = ({ subscription }: JsonObject) => endpointOf(objectOf(subscription));
  // Its events do not say whether they are live: the key that verifies them has to.
  const secretOf = ({ subscription }: JsonObject): string | null => {
    const key = wholeTextOf(objectOf(subscription).signature_key);
    return key === null ? null : `${label}:${key}`;
  };
  return {
    canBeDisabled: true,
    list: () =>
      allEndpoints(get, ({ subscriptions, cursor }) => {
        const endpoints = (subscriptions === undefined ? [] : objectsListed(subscriptions))?.map(endpointOf);
        return endpoints === undefined ? null : { endpoints, next: wholeTextOf(cursor) };
      }),
    create: async ({ requestId, ...endpoint }) => {
      const subscription = { name: 'Payhook', enabled: true, ...changeOf(endpoint) };
      return writtenOf(await write('POST', '', { idempotency_key: requestId, subscription }), read, secretOf);
    },
    update: async (id, change) =>
      writtenOf(await write('PUT', `/${pathPartOf(id)}`, { subscription: changeOf(change) }), read, secretOf),
  };
};

export const squareEndpointsApi: EndpointsApi = {
  provider: 'square',
  formerTypes: [],
  open: (input) =>
    openEach(squareEventsApi, SQUARE_API_URLS, input, (source, apiUrl, credential) => ({
      ...source,
      formerTypes: squareEndpointsApi.formerTypes,
      endpoints: endpointsOf(input, apiUrl, credential),
    })),
};
