/** Turns what the AWS SDK throws into our errors: one sentence that says what happened and what to do. */
import { type ErrorCode, PayhookError } from '../../core/errors.ts';

/** Names under which the SDK says that the caller is not (or no longer) somebody. */
const CREDENTIALS = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'AuthFailure',
  'TokenRefreshRequired',
  'CredentialsProviderError',
]);
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationErrorException',
  'KMSAccessDeniedException',
  'KmsAccessDenied',
  'KMS.AccessDeniedException',
]);
const MISSING = new Set([
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'NotFoundException',
  'NotFound',
  'NoSuchBucket',
]);

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** Whether the error is the SDK's error of this name. The SDK tells its errors apart by name only. */
export const isAwsError = (error: unknown, ...names: readonly string[]): boolean => names.includes(nameOf(error));

/**
 * `unavailable` is the code for a service that cannot answer now; `what` names the thing in the middle of a sentence,
 * for example `table table-PaymentWebhooks-dev`. The SDK's own message is kept as the cause only: it can quote input.
 */
export const awsError = (error: unknown, unavailable: ErrorCode, what: string): PayhookError => {
  if (error instanceof PayhookError) return error;
  return new PayhookError(unavailable, `${what} ${sentenceOf(nameOf(error), deniedAction(error))}`, { cause: error });
};

/** `dynamodb:Query`: nothing else of the message, which can quote input. */
const deniedAction = (error: unknown): string | null =>
  /\bis not authorized to perform:? ([a-z][a-z0-9-]{0,30}:[A-Za-z0-9]{1,60})\b/.exec(
    error instanceof Error ? error.message : '',
  )?.[1] ?? null;

const sentenceOf = (name: string, action: string | null): string => {
  if (CREDENTIALS.has(name)) {
    return `cannot be used with these AWS credentials (${name}): they are missing, expired or not valid here; sign in again (for example aws sso login) and try again`;
  }
  if (DENIED.has(name)) {
    return `may not be used by this principal (${name}): give its role ${action ?? 'the permission'}, or use the role that docs/deploy.md names`;
  }
  if (MISSING.has(name)) {
    return `is not there (${name}): deploy the stack first, and check environment suffix, account and region`;
  }
  return `did not answer as it should (${name}): try again later`;
};
