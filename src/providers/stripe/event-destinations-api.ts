/**
 * Stripe's event destinations, which webhook endpoints are a kind of: those that were made there, with thin events or with whole
 * ones, are in no list of `/v1`. https://docs.stripe.com/api/v2/core/event_destinations; fields and parameters as the
 * published client has them (stripe/stripe-node, src/resources/V2/Core/EventDestinations.ts)
 */
import type { ApiAnswer, CallApi } from '../../core/ports/call-api.ts';
import type {
  EndpointChange,
  EndpointsOutcome,
  RegisteredEndpoint,
  WrittenEndpoint,
} from '../../core/ports/provider-endpoints.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { allEndpoints, writtenOf } from '../endpoints-api.ts';
import { objectsListed } from '../events-api.ts';
import { pathPartOf } from '../path-part.ts';
import { objectOf, wholeTextOf } from '../read-fields.ts';
import { API_VERSION, nextPathIn } from './thin-events-api.ts';

const PATH = '/v2/core/event_destinations';

/** Without it a destination comes without its URL. */
const WITH_URL = new URLSearchParams({ 'include[0]': 'webhook_endpoint.url' });

/** Null for what is not understood; undefined for what delivers to no URL, as a bus of AWS. */
const destinationOf = (destination: JsonObject): RegisteredEndpoint | null | undefined => {
  const {
    id,
    type,
    status,
    enabled_events: types,
    event_payload: payload,
    snapshot_api_version: version,
  } = destination;
  if (type !== 'webhook_endpoint') return undefined;
  const [idText, urlText] = [wholeTextOf(id), wholeTextOf(objectOf(destination.webhook_endpoint).url)];
  if (idText === null || urlText === null || !Array.isArray(types)) return null;
  return {
    id: idText,
    url: urlText,
    isEnabled: status === 'enabled',
    eventTypes: types.filter((one) => typeof one === 'string'),
    apiVersion: wholeTextOf(version),
    ...(payload === 'thin' ? { isThin: true } : {}),
  };
};

export interface EventDestinations {
  list(): Promise<EndpointsOutcome>;
  update(id: string, change: EndpointChange): Promise<WrittenEndpoint>;
}

/** Ids of destinations begin so where they were made there. */
export const isOfDestination = (id: string): boolean => id.startsWith('ed_');

export const eventDestinationsOf = (call: CallApi, apiUrl: string, key: string): EventDestinations => {
  const headers = { authorization: `Bearer ${key}`, 'stripe-version': API_VERSION };
  const get = (path: string): Promise<ApiAnswer> => call({ method: 'GET', url: `${apiUrl}${path}`, headers });
  const post = (path: string, body: object): Promise<ApiAnswer> =>
    call({
      method: 'POST',
      url: `${apiUrl}${path}`,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const written = (answer: ApiAnswer): WrittenEndpoint =>
    writtenOf(
      answer,
      (destination) => destinationOf(destination) ?? null,
      () => null,
    );
  return {
    list: () =>
      allEndpoints(
        (next) => get(next ?? `${PATH}?${WITH_URL}`),
        (answer) => {
          const endpoints = objectsListed(answer.data)?.map(destinationOf);
          const next = nextPathIn(answer, PATH);
          if (endpoints === undefined || next === undefined) return null;
          return { endpoints: endpoints.filter((endpoint) => endpoint !== undefined), next };
        },
      ),
    async update(id, { url, eventTypes, isEnabled }) {
      const path = `${PATH}/${pathPartOf(id)}`;
      const fields = {
        ...(eventTypes === undefined ? {} : { enabled_events: eventTypes }),
        ...(url === undefined ? {} : { webhook_endpoint: { url } }),
      };
      const steps: readonly (readonly [string, object])[] = [
        ...(Object.keys(fields).length === 0 ? [] : [[path, fields] as const]),
        ...(isEnabled === undefined ? [] : [[`${path}/${isEnabled ? 'enable' : 'disable'}`, {}] as const]),
      ];
      for (const [at, body] of steps) {
        const answer = await post(at, body);
        if (answer.outcome !== 'answered' || answer.status !== 200) return written(answer);
      }
      // What enables it answers without the URL.
      return written(await get(`${path}?${WITH_URL}`));
    },
  };
};
