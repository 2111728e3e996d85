/**
 * Stage 1 on AWS: one API Gateway event, one answer. The rules, the answers, the log line and the audit entry are the
 * core's; this file adds what Lambda adds: a deadline of our own, and nothing left running when the answer leaves.
 */
import type { APIGatewayProxyResult } from 'aws-lambda';
import { asPayhookError, PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Delivery } from '../../core/ports/provider.ts';
import { type Answer, answerOf, answerOfError, answerOfRefusal } from '../../receive/answer.ts';
import { refusalOf } from '../../receive/edge-rules.ts';
import type { ReceiveInput, ReceiveOutcome } from '../../receive/receive.ts';
import type { RefusalReason, TurnedAway } from '../../receive/rejections.ts';
import {
  auditTurnedAway,
  type DeliveryContext,
  type ReportDeps,
  reportBroken,
  reportReceived,
  reportRefused,
} from '../../receive/report-delivery.ts';
import {
  deliveryOf,
  type ProxyEvent,
  proxyResultOf,
  publicUrlOf,
  requestFactsOf,
  traceIdOf,
} from './api-gateway-delivery.ts';

export interface ReceiveEventDeps extends ReportDeps {
  /** `receive` for an API that is called under this address: what Square signs. */
  readonly receiveAt: (publicUrl: string | null) => (input: ReceiveInput) => Promise<ReceiveOutcome>;
  readonly rejections: TurnedAway;
  readonly providerNames: ReadonlySet<string>;
  readonly clock: Clock;
  /** Seconds of a clock that never jumps. */
  readonly stopwatchSeconds: () => number;
  /** The trace header of the present invocation. */
  readonly traceHeader: () => string | undefined;
  /** Resolves when every alert that was raised has left: what is under way after the answer is frozen with the function. */
  readonly drainAlerts: () => Promise<void>;
  /** @default 8000 */
  readonly deliveryMsMax?: number;
}

/**
 * How long a delivery may take before it is answered 503: providers wait 5 to 30 seconds (Square 10), and API Gateway
 * gives up after 29. Whatever was stored by then is a duplicate when the provider comes again.
 */
const DELIVERY_MS_MAX = 8_000;
/** Counted rejections are written by the next delivery after this long: a function has no timer of its own. */
const FLUSH_EVERY_MS = 5_000;

export const createReceiveEvent = (deps: ReceiveEventDeps) => {
  let flushedAt = deps.clock.now();

  const answer = async (event: ProxyEvent, context: DeliveryContext, startedAt: number): Promise<Answer> => {
    const delivery = deliveryOf(event);
    const seconds = (): number => deps.stopwatchSeconds() - startedAt;
    const refusal =
      refusalOf(requestFactsOf(event, delivery, deps.providerNames)) ??
      (delivery.body.length > LIMITS.bodyBytesMax ? 'body_too_large' : undefined);
    if (refusal !== undefined) return refuse(deps, context, refusal, seconds);

    let outcome: ReceiveOutcome;
    try {
      outcome = await withinDeadline(
        deps.receiveAt(publicUrlOf(event))(inputOf(deps, event, delivery, context)),
        deps.deliveryMsMax ?? DELIVERY_MS_MAX,
      );
    } catch (thrown) {
      const error = asPayhookError(thrown);
      reportBroken(deps, context, error, seconds());
      return answerOfError(error.code);
    }
    if (outcome.outcome === 'rejected') await auditTurnedAway(deps, context, outcome.reason, true);
    const answered = answerOf(outcome);
    reportReceived(deps, context, outcome, answered, { bodyBytes: delivery.body.length, seconds: seconds() });
    return answered;
  };

  const flushRejections = async (): Promise<void> => {
    if (deps.clock.now() - flushedAt < FLUSH_EVERY_MS) return;
    flushedAt = deps.clock.now();
    try {
      await deps.rejections.flush();
    } catch (thrown) {
      const { code, message } = asPayhookError(thrown);
      deps.logger.error('audit.not_written', { code, message });
    }
  };

  return async (
    event: ProxyEvent,
    { awsRequestId }: { readonly awsRequestId: string },
  ): Promise<APIGatewayProxyResult> => {
    const startedAt = deps.stopwatchSeconds();
    const name = event.pathParameters?.provider ?? '';
    const context: DeliveryContext = {
      requestId: event.requestContext.requestId ?? awsRequestId,
      sourceAddress: event.requestContext.identity?.sourceIp ?? '',
      provider: deps.providerNames.has(name) ? name : 'unknown',
    };
    const answered = await answer(event, context, startedAt);
    await flushRejections();
    await deps.drainAlerts();
    return proxyResultOf(answered);
  };
};

const inputOf = (
  deps: ReceiveEventDeps,
  event: ProxyEvent,
  delivery: Delivery,
  context: DeliveryContext,
): ReceiveInput => ({
  providerName: event.pathParameters?.provider ?? '',
  delivery,
  receivedAt: deps.clock.now(),
  traceId: traceIdOf(deps.traceHeader()) ?? context.requestId,
});

const refuse = async (
  deps: ReceiveEventDeps,
  context: DeliveryContext,
  refusal: RefusalReason,
  seconds: () => number,
): Promise<Answer> => {
  await auditTurnedAway(deps, context, refusal, false);
  const answered = answerOfRefusal(refusal);
  reportRefused(deps, context, refusal, answered, seconds());
  return answered;
};

const withinDeadline = async (receiving: Promise<ReceiveOutcome>, msMax: number): Promise<ReceiveOutcome> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new PayhookError('store_unavailable', `the delivery was not stored within ${msMax} ms`));
  }, msMax);
  try {
    return await Promise.race([receiving, tooLate]);
  } finally {
    clearTimeout(timer);
  }
};
