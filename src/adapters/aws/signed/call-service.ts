/**
 * Calls of AWS services that speak JSON, signed here: what a function needs for its first answer, without the SDK, whose
 * modules take longer to load than everything else that a cold start does. Keeps to what the SDK does with the options of
 * `clients.ts`: so many tries with full jitter, time-outs, and a clock that is wrong is put right by the service's.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Randomness } from '../../../core/ports/randomness.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { ATTEMPTS_MAX, CALL_MS_MAX, REQUEST_TIMEOUT_MS } from '../clients.ts';
import type { Exchange, HttpAnswer, HttpRequest } from './exchange.ts';
import { isMaybeSkewed, isThrottled, isTransient, serviceErrorOf } from './service-error.ts';
import { createSigner } from './signature.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Null for keys that belong to a person; a function's always come with one. */
  readonly sessionToken: string | null;
}

/** A service as requests address it. */
export interface AwsService {
  /** In the scope of signatures and in its host name. */
  readonly name: 'dynamodb' | 'sqs' | 'kms' | 'secretsmanager';
  /** What stands before the operation in the header that names it. */
  readonly target: string;
  readonly jsonVersion: '1.0' | '1.1';
}

export interface CallServiceDeps {
  readonly exchange: Exchange;
  readonly region: string;
  readonly credentials: AwsCredentials;
  readonly endpointOf: (service: AwsService) => URL;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
  /** @default ATTEMPTS_MAX */
  readonly attemptsMax?: number;
  /** @default REQUEST_TIMEOUT_MS */
  readonly requestMsMax?: number;
  /** All tries and the waits between them. @default CALL_MS_MAX */
  readonly callMsMax?: number;
}

/** Returns the text of the answer. Throws `ServiceError`, and what `Exchange` throws, once there is no try left. */
export type CallService = (service: AwsService, operation: string, body: string) => Promise<string>;

/** Before the second try waits up to this long, before the third twice that; more where the service is short of capacity. */
const BACKOFF_MS = 100;
const THROTTLED_BACKOFF_MS = 500;
/** Services take signatures up to 5 minutes old. A clock that is off by less is not what a refusal is about. */
const SKEW_MS_MIN = 4 * 60 * SECOND_MS;

export const createCallService = (deps: CallServiceDeps): CallService => {
  const { exchange, clock, randomness } = deps;
  const { attemptsMax = ATTEMPTS_MAX, requestMsMax = REQUEST_TIMEOUT_MS, callMsMax = CALL_MS_MAX } = deps;
  const sign = createSigner({ region: deps.region, ...deps.credentials });
  /** What to add to our clock to have the service's. */
  let skewMs = 0;

  const tryOnce = async (service: AwsService, operation: string, body: string, msMax: number): Promise<string> => {
    const signedAt = clock.now() + skewMs;
    const answer = await exchange({ ...signedRequest(deps, sign, service, { operation, body, signedAt }), msMax });
    if (answer.status === 200) return answer.body;
    const error = serviceErrorOf(answer);
    const offMs = dateOf(answer) - signedAt;
    if (!isMaybeSkewed(error) || !(Math.abs(offMs) > SKEW_MS_MIN)) throw error;
    skewMs += offMs;
    throw new ClockSkewed('the clock was wrong', { cause: error });
  };

  return async (service, operation, body) => {
    const seconds = clock.stopwatch();
    const msLeft = (): number => callMsMax - seconds() * SECOND_MS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await tryOnce(service, operation, body, Math.min(requestMsMax, msLeft()));
      } catch (thrown) {
        const error = thrown instanceof ClockSkewed ? thrown.cause : thrown;
        const waitMs = waitMsBefore(attempt, thrown, randomness.fraction());
        if (waitMs === null || attempt >= attemptsMax || waitMs >= msLeft()) throw error;
        await pause(waitMs);
      }
    }
  };
};

/** The service refused because of our clock, which was put right. */
class ClockSkewed extends Error {}

/** Null when another try would not help. */
const waitMsBefore = (attempt: number, thrown: unknown, fraction: number): number | null => {
  if (thrown instanceof ClockSkewed) return 0;
  if (isThrottled(thrown)) return fraction * THROTTLED_BACKOFF_MS * 2 ** (attempt - 1);
  return isTransient(thrown) ? fraction * BACKOFF_MS * 2 ** (attempt - 1) : null;
};

/** The service's clock, in whole seconds; NaN when it does not say. */
const dateOf = ({ headers }: HttpAnswer): number => Date.parse(headers.date ?? '');

const signedRequest = (
  { credentials, endpointOf }: CallServiceDeps,
  sign: ReturnType<typeof createSigner>,
  service: AwsService,
  { operation, body, signedAt }: { readonly operation: string; readonly body: string; readonly signedAt: number },
): Pick<HttpRequest, 'url' | 'headers' | 'body'> => {
  const url = endpointOf(service);
  const { sessionToken } = credentials;
  const headers: Record<string, string> = {
    host: url.host,
    'content-type': `application/x-amz-json-${service.jsonVersion}`,
    'content-length': String(Buffer.byteLength(body)),
    'x-amz-target': `${service.target}.${operation}`,
    'x-amz-date': new Date(signedAt).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    ...(sessionToken === null ? {} : { 'x-amz-security-token': sessionToken }),
  };
  headers.authorization = sign({ service: service.name, headers, body });
  return { url, headers, body };
};
