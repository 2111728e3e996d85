/** Stripe's webhook endpoints, and the event destinations that are none. https://docs.stripe.com/api/webhook_endpoints */
import type { ApiAnswer } from '../../core/ports/call-api.ts';
import type {
  EndpointChange,
  EndpointsOutcome,
  ProviderEndpoints,
  RegisteredEndpoint,
} from '../../core/ports/provider-endpoints.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { allEndpoints, type EndpointsApi, writtenOf } from '../endpoints-api.ts';
import { type OpenEventsInput, objectsListed, openEach } from '../events-api.ts';
import { pathPartOf } from '../path-part.ts';
import { wholeTextOf } from '../read-fields.ts';
import { type EventDestinations, eventDestinationsOf, isOfDestination } from './event-destinations-api.ts';
import { STRIPE_API_URL, stripeEventsApi } from './events-api.ts';

const PATH = '/v1/webhook_endpoints';

const endpointOf = ({
  id,
  url,
  status,
  enabled_events: types,
  api_version: version,
}: JsonObject): RegisteredEndpoint | null => {
  const [idText, urlText] = [wholeTextOf(id), wholeTextOf(url)];
  if (idText === null || urlText === null || !Array.isArray(types)) return null;
  return {
    id: idText,
    url: urlText,
    isEnabled: status === 'enabled',
    eventTypes: types.filter((type) => typeof type === 'string'),
    apiVersion: wholeTextOf(version),
  };
};

const formOf = ({ url, eventTypes, isEnabled }: EndpointChange): string => {
  const form = new URLSearchParams();
  if (url !== undefined) form.set('url', url);
  for (const type of eventTypes ?? []) form.append('enabled_events[]', type);
  if (isEnabled !== undefined) form.set('disabled', String(!isEnabled));
  return form.toString();
};

/** Both lists as one: a webhook endpoint may be in both. */
const withDestinations = async (
  endpoints: readonly RegisteredEndpoint[],
  destinations: EventDestinations,
): Promise<EndpointsOutcome> => {
  const listed = await destinations.list();
  if (listed.outcome === 'endpoints') {
    const ids = new Set(endpoints.map(({ id }) => id));
    return { outcome: 'endpoints', endpoints: [...endpoints, ...listed.endpoints.filter(({ id }) => !ids.has(id))] };
  }
  // A key for webhook endpoints alone says of those what it always said.
  const isUnknown = listed.outcome === 'unavailable' && listed.reason === 'http_404';
  return listed.outcome === 'credential_refused' || isUnknown
    ? { outcome: 'endpoints', endpoints, notListed: { what: 'event destinations', reason: listed.reason } }
    : listed;
};

const endpointsOf = ({ call }: OpenEventsInput, apiUrl: string, key: string): ProviderEndpoints => {
  const authorization = `Bearer ${key}`;
  const get = (cursor: string | null): Promise<ApiAnswer> => {
    const query = new URLSearchParams({ limit: '100', ...(cursor === null ? {} : { starting_after: cursor }) });
    return call({ method: 'GET', url: `${apiUrl}${PATH}?${query}`, headers: { authorization } });
  };
  const post = (
    path: string,
    change: EndpointChange,
    more: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer> =>
    call({
      method: 'POST',
      url: `${apiUrl}${PATH}${path}`,
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded', ...more },
      body: formOf(change),
    });
  const secretOf = ({ secret }: JsonObject): string | null => wholeTextOf(secret);
  const destinations = eventDestinationsOf(call, apiUrl, key);
  return {
    canBeDisabled: true,
    async list() {
      const listed = await allEndpoints(get, ({ data, has_more: hasMore }) => {
        const endpoints = objectsListed(data)?.map(endpointOf);
        if (endpoints === undefined) return null;
        return { endpoints, next: hasMore === true ? (endpoints.at(-1)?.id ?? null) : null };
      });
      return listed.outcome === 'endpoints' ? withDestinations(listed.endpoints, destinations) : listed;
    },
    create: async ({ requestId, ...endpoint }) =>
      writtenOf(await post('', endpoint, { 'idempotency-key': requestId }), endpointOf, secretOf),
    update: async (id, change) =>
      isOfDestination(id)
        ? destinations.update(id, change)
        : writtenOf(await post(`/${pathPartOf(id)}`, change), endpointOf, secretOf),
  };
};

export const stripeEndpointsApi: EndpointsApi = {
  provider: 'stripe',
  formerTypes: ['payment_method.card_automatically_updated', 'transfer.paid', 'transfer.failed'],
  apiVersionIn: ({ api_version: version }) => wholeTextOf(version),
  open: (input) =>
    openEach(stripeEventsApi, { live: STRIPE_API_URL, test: STRIPE_API_URL }, input, (source, apiUrl, key) => ({
      ...source,
      formerTypes: stripeEndpointsApi.formerTypes,
      endpoints: endpointsOf(input, apiUrl, key),
    })),
};
