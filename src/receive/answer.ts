/** What the sender is told: the table of answers in README.md, the same in both homes. */
import { assertNever } from '../core/errors.ts';
import type { ReceiveOutcome } from './receive.ts';
import type { RefusalReason } from './turned-away.ts';

export interface Answer {
  readonly httpStatus: 200 | 400 | 401 | 404 | 405 | 413 | 429 | 503;
  readonly body: Readonly<Record<string, string | readonly string[]>>;
  /** Seconds for the `Retry-After` header; null when it does not apply. */
  readonly retryAfterSeconds: number | null;
}

/** Long enough for a restart or a certificate server to come back; providers have their own plan anyway. */
const UNAVAILABLE_RETRY_AFTER_SECONDS = 5;

const refusal = (httpStatus: Answer['httpStatus'], error: string, retryAfterSeconds: number | null = null): Answer => ({
  httpStatus,
  body: { error },
  retryAfterSeconds,
});

const REJECTED = refusal(401, 'signature_verification_failed');

/** The sender never learns which check failed: one code for every rejected delivery. */
export const answerOf = (outcome: ReceiveOutcome): Answer => {
  switch (outcome.outcome) {
    case 'accepted':
    case 'duplicate': {
      const ids = outcome.events.map((event) => event.webhookId);
      const webhookId = ids[0] ?? '';
      const body =
        ids.length > 1
          ? { status: outcome.outcome, webhookId, webhookIds: ids }
          : { status: outcome.outcome, webhookId };
      return { httpStatus: 200, body, retryAfterSeconds: null };
    }
    case 'rejected':
      return REJECTED;
    case 'unavailable':
      return refusal(503, outcome.reason, UNAVAILABLE_RETRY_AFTER_SECONDS);
    case 'too_large':
      return refusal(413, 'payload_too_large');
    case 'provider_unknown':
      return refusal(404, 'provider_unknown');
    default:
      return assertNever(outcome);
  }
};

/** A machine of ours broke; the delivery is welcome again. The code is told, the message is not. */
export const answerOfError = (code: string): Answer => refusal(503, code, UNAVAILABLE_RETRY_AFTER_SECONDS);

/** For what ends by itself soon: a connection that is closed, a peak. */
const REFUSED_RETRY_AFTER_SECONDS: Readonly<Partial<Record<RefusalReason, number>>> = {
  connections_exceeded: UNAVAILABLE_RETRY_AFTER_SECONDS,
  overloaded: UNAVAILABLE_RETRY_AFTER_SECONDS,
};

const EDGE_STATUS: Readonly<Record<RefusalReason, Answer['httpStatus']>> = {
  rate_exceeded: 429,
  connections_exceeded: 429,
  expectation_not_supported: 400,
  address_rate_exceeded: 429,
  body_too_large: 413,
  headers_too_large: 400,
  content_type_not_supported: 400,
  path_not_understood: 400,
  request_malformed: 400,
  request_timed_out: 400,
  method_not_allowed: 405,
  provider_unknown: 404,
  overloaded: 503,
};

/** What whoever sent it was answered, by the code that the trail has of it; null for one that this release does not know. */
export const statusOfTurnedAway = (event: string, reason: string | null): Answer['httpStatus'] | null => {
  if (event === 'REJECTED_SIGNATURE' || event === 'REJECTED_REPLAY') return REJECTED.httpStatus;
  const isKnown = reason !== null && Object.hasOwn(EDGE_STATUS, reason);
  return isKnown ? EDGE_STATUS[reason as RefusalReason] : null;
};

export const answerOfRefusal = (reason: RefusalReason, retryAfterSeconds?: number): Answer =>
  refusal(EDGE_STATUS[reason], reason, retryAfterSeconds ?? REFUSED_RETRY_AFTER_SECONDS[reason] ?? null);
