/**
 * What is written about a delivery, in both homes alike: one count, and one log line unless it is one of too many that were
 * turned away (`turned-away.ts`).
 */
import type { PayhookError } from '../core/errors.ts';
import type { LogFields, Logger } from '../core/ports/logger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Delivery, DeliveryHeaders, RejectionReason } from '../core/ports/provider.ts';
import { milliseconds } from '../core/time.ts';
import type { Answer } from './answer.ts';
import type { ReceiveOutcome } from './receive.ts';
import type { RefusalReason } from './turned-away.ts';

export interface ReportDeps {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'delivery' | 'cardDataFound' | 'duplicateDiffers'>;
}

/** What every line about a delivery says of it. */
export interface DeliveryFacts {
  readonly requestId: string;
  readonly sourceAddress: string;
  /** Known providers by name; anything else is `unknown`, so that a sender cannot invent labels. */
  readonly provider: string;
  /** Since its first byte. */
  readonly seconds: number;
}

/** `counted`: the log line is one of too many like it, and left to the count of them. */
export type Telling = 'told' | 'counted';

const fieldsOf = (facts: DeliveryFacts, { httpStatus }: Answer): LogFields => ({
  provider: facts.provider,
  http_status: httpStatus,
  duration_ms: milliseconds(facts.seconds),
  source_address: facts.sourceAddress,
  request_id: facts.requestId,
});

/** Of a delivery that `receive` came to an outcome for. */
export const reportReceived = (
  { logger, metrics }: ReportDeps,
  facts: DeliveryFacts,
  outcome: ReceiveOutcome,
  answer: Answer,
  { body, headers }: Delivery,
  telling: Telling,
): void => {
  const { provider, seconds } = facts;
  const fields = { ...fieldsOf(facts, answer), outcome: outcome.outcome, body_bytes: body.length };
  const warn = (event: string, more: LogFields): void => {
    if (telling === 'told') logger.warn(event, { ...fields, ...more });
  };
  switch (outcome.outcome) {
    case 'accepted':
    case 'duplicate': {
      const [first] = outcome.events;
      const masked = outcome.events.reduce((sum, event) => sum + event.cardDataCount, 0);
      metrics.delivery(provider, outcome.outcome, seconds);
      if (masked > 0) metrics.cardDataFound(provider, masked);
      const different = outcome.events.filter(({ isDifferent }) => isDifferent === true).length;
      for (let count = 0; count < different; count += 1) metrics.duplicateDiffers(provider);
      logger.info('delivery.received', {
        ...fields,
        webhook_id: first?.webhookId ?? '',
        event_type: first?.eventType ?? '',
        status: first?.status ?? '',
        secret_id: outcome.secretId,
        ...(outcome.events.length > 1 ? { count: outcome.events.length } : {}),
        ...(different > 0 ? { reason: 'duplicate_differs' } : {}),
      });
      return;
    }
    case 'rejected':
      metrics.delivery(provider, 'rejected', seconds, outcome.reason);
      warn('delivery.rejected', { reason: outcome.reason, ...encodingHint(outcome.reason, headers) });
      return;
    case 'unavailable':
      metrics.delivery(provider, 'unavailable', seconds);
      warn('delivery.unavailable', { reason: outcome.reason });
      return;
    case 'too_large':
      metrics.delivery(provider, 'too_large', seconds);
      warn('delivery.refused', { reason: 'too_large' });
      return;
    case 'provider_unknown':
      metrics.delivery(provider, 'refused', seconds);
      warn('delivery.refused', { reason: 'provider_unknown' });
      return;
    default:
      outcome satisfies never;
  }
};

/** The likeliest mistake of a proxy that packs or unpacks bodies: what was signed is not what came. */
const encodingHint = (reason: RejectionReason, headers: DeliveryHeaders): LogFields => {
  if (reason !== 'signature_mismatch') return {};
  const coding = headers.get('content-encoding')?.join(', ').trim().toLowerCase() ?? '';
  if (coding === '' || coding === 'identity') return {};
  const known = CONTENT_CODINGS.find((one) => one === coding) ?? 'something else';
  return {
    message: `the body came with Content-Encoding ${known}: the signature is checked over the bytes as they came, so send the body as it was signed`,
  };
};

/** What a sender writes there is not logged; these are the names that mean something. */
const CONTENT_CODINGS = ['gzip', 'deflate', 'br', 'zstd', 'compress'];

/** Of a delivery that was refused before anything of it was verified. */
export const reportRefused = (
  { logger, metrics }: ReportDeps,
  facts: DeliveryFacts,
  reason: RefusalReason,
  answer: Answer,
  telling: Telling,
): void => {
  metrics.delivery(facts.provider, answer.httpStatus === 413 ? 'too_large' : 'refused', facts.seconds);
  if (telling === 'told') logger.warn('delivery.refused', { ...fieldsOf(facts, answer), outcome: 'refused', reason });
};

/** Of a delivery during which a machine of ours broke, or that took too long. */
export const reportUnavailable = (
  { logger, metrics }: ReportDeps,
  facts: DeliveryFacts,
  { code, message }: PayhookError,
  answer: Answer,
  telling: Telling,
): void => {
  metrics.delivery(facts.provider, 'unavailable', facts.seconds);
  if (telling === 'told')
    logger.error('delivery.unavailable', { ...fieldsOf(facts, answer), outcome: 'unavailable', reason: code, message });
};
