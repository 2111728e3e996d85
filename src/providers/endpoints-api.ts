/** The endpoints that a provider's API keeps: each `providers/<name>/endpoints-api.ts` says how they are listed and written. */
import type { ApiAnswer } from '../core/ports/call-api.ts';
import type {
  EndpointRefusal,
  EndpointSource,
  EndpointsOutcome,
  RegisteredEndpoint,
  WrittenEndpoint,
} from '../core/ports/provider-endpoints.ts';
import type { JsonObject } from '../core/read-json.ts';
import { NOT_UNDERSTOOD, type OpenEventsInput, objectOfAnswer, refusalOf } from './events-api.ts';

export interface EndpointsApi {
  readonly provider: string;
  /** `EndpointSource.formerTypes`. */
  readonly formerTypes: readonly string[];
  /** Where the provider says the API version in its events: out of the payload of one. */
  readonly apiVersionIn?: (event: JsonObject) => string | null;
  open(input: OpenEventsInput): readonly EndpointSource[];
}

/** More are kept by nobody: Stripe and PayPal allow sixteen and ten. */
export const ENDPOINT_PAGES_MAX = 10;

/** What an answer without a result means, of a request that writes. */
const endpointRefusal = (answer: ApiAnswer): EndpointRefusal => {
  if (answer.outcome === 'answered' && [400, 404, 409, 422].includes(answer.status))
    return { outcome: 'refused', reason: `http_${answer.status}` };
  return refusalOf(answer);
};

/** The endpoint that an answer has; `read` gives null for what is none. */
export const writtenOf = (
  answer: ApiAnswer,
  read: (endpoint: JsonObject) => RegisteredEndpoint | null,
  secretOf: (endpoint: JsonObject) => string | null,
): WrittenEndpoint => {
  if (answer.outcome !== 'answered' || (answer.status !== 200 && answer.status !== 201)) return endpointRefusal(answer);
  const object = objectOfAnswer(answer.body);
  const endpoint = object === null ? null : read(object);
  return object === null || endpoint === null
    ? NOT_UNDERSTOOD
    : { outcome: 'written', endpoint, secret: secretOf(object) };
};

/** One page of a list: endpoints, and what leads to the next. */
export interface EndpointsPage {
  readonly endpoints: readonly (RegisteredEndpoint | null)[];
  readonly next: string | null;
}

/** Page after page. `pageOf` gives null for what is no list. */
export const allEndpoints = async (
  get: (cursor: string | null) => Promise<ApiAnswer>,
  pageOf: (answer: JsonObject) => EndpointsPage | null,
): Promise<EndpointsOutcome> => {
  const endpoints: RegisteredEndpoint[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < ENDPOINT_PAGES_MAX; page += 1) {
    const answer = await get(cursor);
    if (answer.outcome !== 'answered' || answer.status !== 200) return refusalOf(answer);
    const object = objectOfAnswer(answer.body);
    const listed = object === null ? null : pageOf(object);
    if (listed === null) return NOT_UNDERSTOOD;
    for (const endpoint of listed.endpoints) {
      if (endpoint === null) return NOT_UNDERSTOOD;
      endpoints.push(endpoint);
    }
    if (listed.next === null) return { outcome: 'endpoints', endpoints };
    cursor = listed.next;
  }
  return { outcome: 'unavailable', reason: 'too_many_endpoints' };
};
