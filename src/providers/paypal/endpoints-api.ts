/** The webhooks of a REST app of PayPal's. They are there or not: none is disabled. https://developer.paypal.com/api/webhooks/v1 */
import type { EndpointChange, ProviderEndpoints, RegisteredEndpoint } from '../../core/ports/provider-endpoints.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { allEndpoints, type EndpointsApi, writtenOf } from '../endpoints-api.ts';
import { objectsListed, openEach } from '../events-api.ts';
import { pathPartOf } from '../path-part.ts';
import { wholeTextOf } from '../read-fields.ts';
import { type AuthorizedCall, createAuthorizedCall } from './authorized-call.ts';
import { PAYPAL_API_URLS, paypalEventsApi, secretPartOf } from './events-api.ts';

const PATH = '/v1/notifications/webhooks';

const endpointOf = ({ id, url, event_types: types }: JsonObject): RegisteredEndpoint | null => {
  const [idText, urlText] = [wholeTextOf(id), wholeTextOf(url)];
  const eventTypes = objectsListed(types)?.flatMap(({ name }) => wholeTextOf(name) ?? []);
  if (idText === null || urlText === null || eventTypes === undefined) return null;
  return { id: idText, url: urlText, isEnabled: true, eventTypes, apiVersion: null };
};

const namesOf = (eventTypes: readonly string[]): object => eventTypes.map((name) => ({ name }));

/** PayPal replaces whole fields, and none can be disabled. */
const patchOf = ({ url, eventTypes }: EndpointChange): readonly object[] => [
  ...(url === undefined ? [] : [{ op: 'replace', path: '/url', value: url }]),
  ...(eventTypes === undefined ? [] : [{ op: 'replace', path: '/event_types', value: namesOf(eventTypes) }]),
];

const endpointsOf = (call: AuthorizedCall): ProviderEndpoints => {
  const secretOf = ({ id }: JsonObject): string | null => wholeTextOf(id);
  return {
    canBeDisabled: false,
    list: () =>
      allEndpoints(
        () => call({ method: 'GET', path: `${PATH}?anchor_type=APPLICATION` }),
        ({ webhooks }) => {
          const endpoints = objectsListed(webhooks)?.map(endpointOf);
          return endpoints === undefined ? null : { endpoints, next: null };
        },
      ),
    create: async ({ url, eventTypes }) => {
      const body = JSON.stringify({ url, event_types: namesOf(eventTypes) });
      return writtenOf(await call({ method: 'POST', path: PATH, body }), endpointOf, secretOf);
    },
    update: async (id, change) => {
      const body = JSON.stringify(patchOf(change));
      return writtenOf(await call({ method: 'PATCH', path: `${PATH}/${pathPartOf(id)}`, body }), endpointOf, secretOf);
    },
  };
};

export const paypalEndpointsApi: EndpointsApi = {
  provider: 'paypal',
  // Documented, and not among those that a webhook can be subscribed to.
  formerTypes: [
    'CHECKOUT.ORDER.DECLINED',
    'CHECKOUT.ORDER.SAVED',
    'CHECKOUT.ORDER.VOIDED',
    'PAYMENT.REFUND.CANCELLED',
    'PAYMENT.REFUND.COMPLETED',
    'VAULT.CREDIT-CARD.CREATED',
    'VAULT.CREDIT-CARD.DELETED',
    'VAULT.CREDIT-CARD.UPDATED',
  ],
  open: (input) =>
    openEach(paypalEventsApi, PAYPAL_API_URLS, input, (source, apiUrl, credential) => ({
      ...source,
      formerTypes: paypalEndpointsApi.formerTypes,
      endpoints: endpointsOf(createAuthorizedCall(input, apiUrl, secretPartOf(credential))),
    })),
};
