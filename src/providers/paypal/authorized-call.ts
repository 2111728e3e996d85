/** Requests to PayPal's API: each with a token, which is got with the credential and kept for as long as it is valid. */
import type { ApiAnswer, ApiRequest } from '../../core/ports/call-api.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { type OpenEventsInput, objectOfAnswer } from '../events-api.ts';
import { wholeTextOf } from '../read-fields.ts';

/** A token is not used in its last minute, and what is said to be valid for weeks is asked for again within a day. */
const TOKEN_MARGIN_MS = MINUTE_MS;
const TOKEN_MS_MAX = DAY_MS;

interface Token {
  readonly outcome: 'token';
  readonly token: string;
}

export interface PaypalRequest extends Pick<ApiRequest, 'method' | 'body'> {
  /** With its query; of the host that is asked. */
  readonly path: string;
}

/** Where there is no token, the answer is that of the request for one. Never throws. */
export type AuthorizedCall = (request: PaypalRequest) => Promise<ApiAnswer>;

const createTokens = ({ call, clock }: OpenEventsInput, apiUrl: string, credential: string) => {
  let known: { readonly token: string; readonly until: EpochMs } | undefined;
  return {
    forget: (): void => {
      known = undefined;
    },
    async get(): Promise<Token | ApiAnswer> {
      if (known !== undefined && clock.now() < known.until) return { outcome: 'token', token: known.token };
      const answer = await call({
        method: 'POST',
        url: `${apiUrl}/v1/oauth2/token`,
        headers: {
          authorization: `Basic ${Buffer.from(credential).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=client_credentials',
      });
      if (answer.outcome !== 'answered') return answer;
      if (answer.status !== 200) return notOfTheRequest(answer);
      const { access_token: value, expires_in: seconds } = objectOfAnswer(answer.body) ?? {};
      const token = wholeTextOf(value);
      if (token === null || !/^[\x21-\x7e]+$/.test(token))
        return { outcome: 'failed', reason: 'answer_not_understood' };
      const ms = typeof seconds === 'number' ? seconds * SECOND_MS : 0;
      known = { token, until: clock.now() + Math.min(ms, TOKEN_MS_MAX) - TOKEN_MARGIN_MS };
      return { outcome: 'token', token };
    },
  };
};

/** What these mean of a request, such as that there is no such object, they do not mean of one for a token. */
const notOfTheRequest = (answer: Extract<ApiAnswer, { outcome: 'answered' }>): ApiAnswer =>
  answer.status === 400 || answer.status === 404 ? { outcome: 'failed', reason: `http_${answer.status}` } : answer;

/** `credential` is the client id, a colon and the client secret. */
export const createAuthorizedCall = (input: OpenEventsInput, apiUrl: string, credential: string): AuthorizedCall => {
  const tokens = createTokens(input, apiUrl, credential);
  const send = async (request: PaypalRequest, isAgain: boolean): Promise<ApiAnswer> => {
    const got = await tokens.get();
    if (got.outcome !== 'token') return got;
    const { method, path, body } = request;
    const answer = await input.call({
      method,
      url: `${apiUrl}${path}`,
      headers: {
        authorization: `Bearer ${got.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    // A token may be taken back before its time.
    if (answer.outcome !== 'answered' || answer.status !== 401 || isAgain) return answer;
    tokens.forget();
    return send(request, true);
  };
  return (request) => send(request, false);
};
