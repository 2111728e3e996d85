/** What is written about a delivery, in both homes alike: one log line, one count, and an audit entry when it is refused. */

import { asPayhookError, type PayhookError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { DeliveryOutcome, Metrics } from '../core/ports/metrics.ts';
import { milliseconds } from '../core/time.ts';
import type { Answer } from './answer.ts';
import type { ReceiveOutcome } from './receive.ts';
import type { RefusalReason, TurnedAway, TurnedAwayDelivery } from './rejections.ts';

export interface ReportDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly rejections: Pick<TurnedAway, 'record'>;
}

export interface DeliveryContext {
  readonly requestId: string;
  readonly sourceAddress: string;
  /** Known providers by name; anything else is `unknown`, so that a sender cannot invent labels. */
  readonly provider: string;
}

const metricOutcome = (outcome: ReceiveOutcome): DeliveryOutcome =>
  outcome.outcome === 'provider_unknown' ? 'refused' : outcome.outcome;

/** The one line and the one count of a delivery that `receive` answered. `seconds` since its first byte. */
export const reportReceived = (
  deps: ReportDeps,
  context: DeliveryContext,
  outcome: ReceiveOutcome,
  answer: Answer,
  { bodyBytes, seconds }: { readonly bodyBytes: number; readonly seconds: number },
): void => {
  const fields = {
    provider: context.provider,
    outcome: outcome.outcome,
    http_status: answer.httpStatus,
    body_bytes: bodyBytes,
    duration_ms: milliseconds(seconds),
    source_address: context.sourceAddress,
    request_id: context.requestId,
  };
  deps.metrics.delivery(
    context.provider,
    metricOutcome(outcome),
    seconds,
    outcome.outcome === 'rejected' ? outcome.reason : undefined,
  );
  if (outcome.outcome === 'accepted' || outcome.outcome === 'duplicate') {
    const [first] = outcome.events;
    const masked = outcome.events.reduce((sum, event) => sum + event.cardDataCount, 0);
    if (masked > 0) deps.metrics.cardDataFound(context.provider, masked);
    deps.logger.info('delivery.received', {
      ...fields,
      webhook_id: first?.webhookId ?? '',
      event_type: first?.eventType ?? '',
      status: first?.status ?? '',
      secret_id: outcome.secretId,
      ...(outcome.events.length > 1 ? { count: outcome.events.length } : {}),
    });
    return;
  }
  const reason = outcome.outcome === 'rejected' || outcome.outcome === 'unavailable' ? outcome.reason : outcome.outcome;
  deps.logger.warn('delivery.refused', { ...fields, reason });
};

/** The one line and the one count of a delivery during which a machine of ours broke. */
export const reportBroken = (
  deps: Pick<ReportDeps, 'logger' | 'metrics'>,
  context: Pick<DeliveryContext, 'provider' | 'requestId'>,
  error: PayhookError,
  seconds: number,
): void => {
  deps.metrics.delivery(context.provider, 'unavailable', seconds);
  deps.logger.error('delivery.refused', {
    provider: context.provider,
    outcome: 'unavailable',
    reason: error.code,
    message: error.message,
    http_status: 503,
    duration_ms: milliseconds(seconds),
    request_id: context.requestId,
  });
};

/** The one line and the one count of a delivery that the edge refused before anything was verified. */
export const reportRefused = (
  deps: Pick<ReportDeps, 'logger' | 'metrics'>,
  context: DeliveryContext,
  refusal: RefusalReason,
  answer: Answer,
  seconds: number,
): void => {
  deps.metrics.delivery(context.provider, answer.httpStatus === 413 ? 'too_large' : 'refused', seconds);
  deps.logger.warn('delivery.refused', {
    provider: context.provider,
    outcome: 'refused',
    reason: refusal,
    http_status: answer.httpStatus,
    duration_ms: milliseconds(seconds),
    source_address: context.sourceAddress,
    request_id: context.requestId,
  });
};

/** Audits a refusal. A store that cannot take the entry must not turn a 401 into something else: it is logged instead. */
export const auditTurnedAway = async (
  deps: Pick<ReportDeps, 'logger' | 'rejections'>,
  context: DeliveryContext,
  reason: TurnedAwayDelivery['reason'],
  isVerification: boolean,
): Promise<void> => {
  const { provider, sourceAddress, requestId } = context;
  try {
    await deps.rejections.record({ provider, reason, isVerification, sourceAddress, requestId });
  } catch (thrown) {
    const { code, message } = asPayhookError(thrown);
    deps.logger.error('audit.not_written', { code, message, reason, request_id: requestId });
  }
};
