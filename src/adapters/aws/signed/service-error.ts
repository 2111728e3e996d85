/** What a service says is wrong, as an error that adapters tell by its name, and whether trying again may help. */
import type { HttpAnswer } from './exchange.ts';

/** An error of a service. Whatever else it says, such as the item of a failed condition, is a property. */
export class ServiceError extends Error {
  readonly status: number;

  constructor(name: string, message: string, status: number, details: Readonly<Record<string, unknown>>) {
    super(message);
    Object.assign(this, details);
    this.name = name;
    this.status = status;
  }
}

/** Names under which services say "too much, for now", as the AWS SDKs know them. */
const THROTTLED: ReadonlySet<string> = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);
const TRANSIENT: ReadonlySet<string> = new Set(['TimeoutError', 'RequestTimeout', 'RequestTimeoutException']);
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([500, 502, 503, 504]);
const TOO_MANY_REQUESTS = 429;
/** Codes of Node for a connection that could not be made or broke. */
const NETWORK: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** Said of a signature whose time is too far from the service's, and of much else. */
const MAYBE_SKEWED: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'AuthFailure',
  'InvalidSignatureException',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

export const isThrottled = (error: unknown): boolean =>
  error instanceof ServiceError && (error.status === TOO_MANY_REQUESTS || THROTTLED.has(error.name));

/** The call may be repeated: the trouble passes, and every call of ours bears being carried out twice. */
export const isTransient = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if (error instanceof ServiceError) return TRANSIENT_STATUSES.has(error.status) || TRANSIENT.has(error.name);
  return TRANSIENT.has(error.name) || ('code' in error && NETWORK.has(String(error.code)));
};

export const isMaybeSkewed = (error: unknown): boolean => error instanceof ServiceError && MAYBE_SKEWED.has(error.name);

const fieldsOf = (body: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // Not the service's own words: something between it and us answered. The status says what there is to say.
    return {};
  }
};

/** `com.amazonaws.sqs#QueueDoesNotExist` and `InvalidSignatureException:http://…` without what is around the name. */
const bareName = (text: string): string => (text.split('#').at(-1) ?? text).split(/[:,]/)[0] ?? text;

const firstText = (...values: readonly unknown[]): string | undefined =>
  values.find((value): value is string => typeof value === 'string' && value !== '');

/** The error that an answer other than 200 tells. */
export const serviceErrorOf = ({ status, headers, body }: HttpAnswer): ServiceError => {
  const { __type: type, code, message, Message: otherMessage, ...details } = fieldsOf(body);
  const name = bareName(firstText(type, code, headers['x-amzn-errortype']) ?? `HttpStatus${status}`);
  return new ServiceError(name, firstText(message, otherMessage) ?? 'no message', status, details);
};
