/** What is written about a delivery: one log line, one count, and an audit entry when it is refused. */
import { performance } from 'node:perf_hooks';
import type { Answer } from '../core/answer.ts';
import { asPayhookError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { DeliveryOutcome, Metrics } from '../core/ports/metrics.ts';
import type { ReceiveOutcome } from '../core/receive.ts';
import type { Rejection, Rejections } from '../core/rejections.ts';

export interface ReportDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly rejections: Rejections;
}

export interface DeliveryContext {
  readonly requestId: string;
  readonly startedAt: number;
  readonly sourceAddress: string;
  /** Known providers by name; anything else is `unknown`, so that a sender cannot invent labels. */
  readonly provider: string;
}

export const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;
export const milliseconds = (seconds: number): number => Math.round(seconds * 10_000) / 10;

const metricOutcome = (outcome: ReceiveOutcome): DeliveryOutcome =>
  outcome.kind === 'provider_unknown' ? 'refused' : outcome.kind;

/** The one line and the one count of a delivery that `receive` answered. */
export const reportReceived = (
  deps: ReportDeps,
  context: DeliveryContext,
  outcome: ReceiveOutcome,
  answer: Answer,
  bodyBytes: number,
): void => {
  const seconds = secondsSince(context.startedAt);
  const fields = {
    provider: context.provider,
    outcome: outcome.kind,
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
    outcome.kind === 'rejected' ? outcome.reason : undefined,
  );
  if (outcome.kind === 'accepted' || outcome.kind === 'duplicate') {
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
  const reason = outcome.kind === 'rejected' || outcome.kind === 'unavailable' ? outcome.reason : outcome.kind;
  deps.logger.warn('delivery.refused', { ...fields, reason });
};

/** Audits a refusal. A store that cannot take the entry must not turn a 401 into something else: it is logged instead. */
export const auditRejection = async (
  deps: ReportDeps,
  context: Pick<DeliveryContext, 'provider' | 'sourceAddress' | 'requestId'>,
  reason: Rejection['reason'],
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
