/**
 * The list of events that a provider's API has: each `providers/<name>/events-api.ts` says how it is asked. Pure but for
 * `call`, which comes in.
 */
import { LIMITS } from '../core/limits.ts';
import type { ApiAnswer, CallApi } from '../core/ports/call-api.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventSource, FindOutcome, ListOutcome, Refusal } from '../core/ports/provider-events.ts';
import { isDeeper, isJsonObject, type JsonObject, type JsonValue } from '../core/read-json.ts';
import { hasMoreTokens } from './json-tokens.ts';

export interface OpenEventsInput {
  /** As the variable has them. */
  readonly credentials: readonly string[];
  /** Accounts beside the credential's own, where there is such a thing. */
  readonly accounts: readonly string[];
  /** Also events that carry no data, where they are a list of their own. @default false */
  readonly areThinListed?: boolean;
  /** Instead of the provider's own address; without a slash at its end. */
  readonly apiUrl: string | undefined;
  readonly call: CallApi;
  readonly clock: Clock;
}

export interface EventsApi {
  readonly provider: string;
  /** The environment variable with the credentials, a comma list: `PAYHOOK_STRIPE_API_CREDENTIALS`. */
  readonly credentialVariable: string;
  /** Says what is wrong with a credential as an end of the sentence "value 2 of 3 …", or null. Never contains it. */
  checkCredential(value: string): string | null;
  /** `live` or `test`; null where it does not say. */
  modeOfCredential(value: string): 'live' | 'test';
  /** Whether it names an account that may be asked for beside the credential's own. */
  isAccount(value: string): boolean;
  open(input: OpenEventsInput): readonly EventSource[];
}

/** A number that JavaScript would write in another way, or round. */
const NUMBER_TO_KEEP = /(?:"\s*:|[[,])\s*-?(?:\d{16}|\d+[.eE])/;

/** Node 24 has both (ECMAScript, JSON.parse source text access); TypeScript's declarations do not. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWith = JSON.parse as (text: string, reviver?: Reviver) => JsonValue;
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

/** Those alone: whoever reads an answer wants numbers to be numbers, whatever stands in a text beside them. */
const keepNumber: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && String(value) !== source ? rawJSON(source) : value;

/** Nobody's objects are so deep; what is much deeper can be read and not be written again. */
const ANSWER_DEPTH_MAX = 1000;

/** The object that an answer is; null for anything else. Numbers are written as they came when it is written again. */
export const objectOfAnswer = (body: Uint8Array): JsonObject | null => {
  if (isDeeper(body, ANSWER_DEPTH_MAX) || hasMoreTokens(body, LIMITS.apiAnswerTokensMax)) return null;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  try {
    const value = NUMBER_TO_KEEP.test(text) ? parseWith(text, keepNumber) : parseWith(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
};

/** The objects of a list in an answer; null when there is no list, or something else in it. An absent list may be an empty one. */
export const objectsListed = (value: JsonValue | undefined): readonly JsonObject[] | null =>
  Array.isArray(value) && value.every(isJsonObject) ? value : null;

export const listedEvent = (event: JsonObject) => ({ body: Buffer.from(JSON.stringify(event)) });

export const NOT_UNDERSTOOD: Refusal = { outcome: 'unavailable', reason: 'answer_not_understood' };

/** An answer of 200 that says what went wrong: a list that is absent in it is not an empty one. */
const saysError = ({ errors, error, name, message }: JsonObject): boolean =>
  (Array.isArray(errors) ? errors.length > 0 : errors !== undefined) ||
  error !== undefined ||
  (name !== undefined && message !== undefined);

/** What an answer other than 200 means, at every provider alike. */
export const refusalOf = (answer: ApiAnswer): Refusal => {
  if (answer.outcome === 'failed') return { outcome: 'unavailable', reason: answer.reason };
  const { status, retryAfterMs } = answer;
  if (status === 429) return { outcome: 'rate_limited', retryAfterMs };
  if (status === 401 || status === 403) return { outcome: 'credential_refused', reason: `http_${status}` };
  // A provider that is down for maintenance may say for how long.
  if (status === 503 && retryAfterMs !== null) return { outcome: 'rate_limited', retryAfterMs };
  return { outcome: 'unavailable', reason: `http_${status}` };
};

/**
 * What a list has answered: the page that `pageOf` reads, or why there is none. `hasCursor`: what may be wrong with a request
 * of ours is the cursor, which a provider forgets after a while.
 */
export const listOutcomeOf = (
  answer: ApiAnswer,
  hasCursor: boolean,
  pageOf: (answer: JsonObject) => ListOutcome,
): ListOutcome => {
  if (answer.outcome !== 'answered') return refusalOf(answer);
  if (hasCursor && (answer.status === 400 || answer.status === 404)) return { outcome: 'cursor_refused' };
  if (answer.status !== 200) return refusalOf(answer);
  const object = objectOfAnswer(answer.body);
  const listed = object === null || saysError(object) ? NOT_UNDERSTOOD : pageOf(object);
  const { answeredAt } = answer;
  return listed.outcome === 'page' && answeredAt !== undefined ? { ...listed, answeredAt } : listed;
};

/** What the request for one event has answered; `completed` adds what its deliveries have beside it. */
export const findOutcomeOf = (
  answer: ApiAnswer,
  completed: (event: JsonObject) => JsonObject = (event) => event,
): FindOutcome => {
  if (answer.outcome === 'answered' && answer.status === 404) return { outcome: 'not_found' };
  if (answer.outcome !== 'answered' || answer.status !== 200) return refusalOf(answer);
  const object = objectOfAnswer(answer.body);
  return object === null ? NOT_UNDERSTOOD : { outcome: 'found', event: listedEvent(completed(object)) };
};

/** What tells what is opened with one credential from the others. */
export interface CredentialSource {
  readonly provider: string;
  readonly id: string;
  readonly mode: 'live' | 'test';
  readonly credentialId: string;
}

/** One for each credential, asked at the address that is set, or at the provider's own of the credential's mode. */
export const openEach = <Source>(
  { provider, modeOfCredential }: Pick<EventsApi, 'provider' | 'modeOfCredential'>,
  apiUrls: Readonly<Record<'live' | 'test', string>>,
  input: OpenEventsInput,
  sourceOf: (source: CredentialSource, apiUrl: string, credential: string) => Source,
): readonly Source[] =>
  input.credentials.map((credential, index) => {
    const mode = modeOfCredential(credential);
    const source = { provider, id: `${provider}:${mode}`, mode, credentialId: `${provider}-api#${index + 1}` };
    return sourceOf(source, input.apiUrl ?? apiUrls[mode], credential);
  });
