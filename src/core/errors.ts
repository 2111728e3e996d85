/**
 * Machines that break: one error class, one table of codes. Expected outcomes (duplicate, bad signature, lost claim)
 * are returned values and never come through here.
 */

/** `exitCode` is what a command ends with; `isRetryable` says whether trying again later can help. */
const ERROR_CODES = {
  store_unavailable: { exitCode: 1, isRetryable: true },
  store_full: { exitCode: 1, isRetryable: true },
  store_damaged: { exitCode: 1, isRetryable: false },
  store_busy: { exitCode: 1, isRetryable: true },
  store_closed: { exitCode: 1, isRetryable: true },
  queue_unavailable: { exitCode: 1, isRetryable: true },
  /** The process of the handlers is not there, or has no time: no webhook can help that. */
  handlers_unavailable: { exitCode: 1, isRetryable: true },
  secrets_unavailable: { exitCode: 1, isRetryable: true },
  data_key_unavailable: { exitCode: 1, isRetryable: true },
  data_key_unknown: { exitCode: 1, isRetryable: false },
  seal_broken: { exitCode: 1, isRetryable: false },
  /** What handlers of several webhooks ran in went down: nobody knows whose fault it was. */
  handlers_ended: { exitCode: 1, isRetryable: true },
  audit_unavailable: { exitCode: 1, isRetryable: true },
  configuration_invalid: { exitCode: 2, isRetryable: false },
  usage_wrong: { exitCode: 2, isRetryable: false },
  /** Whoever asks is not who they say, or may not. */
  not_allowed: { exitCode: 1, isRetryable: false },
  server_unreachable: { exitCode: 1, isRetryable: true },
  not_found: { exitCode: 1, isRetryable: false },
  internal: { exitCode: 1, isRetryable: true },
} as const satisfies Record<string, { exitCode: number; isRetryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * A broken machine. The message says what happened, the value, what is allowed and what to do; it holds no secret and
 * no payload, so it may be logged and shown to an operator. It is never sent to a provider.
 */
export class PayhookError extends Error {
  readonly code: ErrorCode;
  readonly isRetryable: boolean;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'PayhookError';
    this.code = code;
    this.isRetryable = ERROR_CODES[code].isRetryable;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exitCode;
  }
}

/** For what is stored in a form that this release does not know yet; `what` is a noun in the singular. */
export const newerThanKnown = (what: string, version: unknown, known: number): PayhookError =>
  new PayhookError(
    'store_damaged',
    `${what} has version ${version}, written by a newer Payhook; this one knows up to ${known}: update Payhook`,
  );

/** Wraps what is not ours once, keeping it as `cause`. Returns a `PayhookError` unchanged. */
export const asPayhookError = (error: unknown): PayhookError =>
  error instanceof PayhookError
    ? error
    : new PayhookError('internal', error instanceof Error ? error.message : String(error), { cause: error });

/** For the `default` of a switch over a closed union: a case that is missing does not compile. */
export const assertNever = (value: never): never => {
  throw new TypeError(`unexpected value ${String(value)}`);
};
