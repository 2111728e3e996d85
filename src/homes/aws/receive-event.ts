/**
 * Stage 1 on AWS: one API Gateway event, one answer. What becomes of a delivery is decided, answered, audited and reported
 * by `answer-delivery.ts`, as on one machine; this file adds what Lambda adds: nothing left running when the answer leaves.
 */

import assert from 'node:assert/strict';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { Sender } from '../../core/shares.ts';
import type { AnswerDelivery, DeliveryContext, ReadDelivery } from '../../receive/answer-delivery.ts';
import type { TurnedAway } from '../../receive/turned-away.ts';
import {
  deliveryOf,
  type ProxyEvent,
  proxyResultOf,
  requestFactsOf,
  senderOf,
  traceIdOf,
} from './api-gateway-delivery.ts';

export interface ReceiveEventDeps {
  readonly deliveries: AnswerDelivery;
  readonly turnedAway: Pick<TurnedAway, 'flush'>;
  readonly providerNames: ReadonlySet<string>;
  readonly publishedAddresses: ReadonlySet<string>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The trace header of the current invocation. */
  readonly traceHeader: () => string | undefined;
  /** Resolves when every alert that was raised has left: what is under way after the answer is frozen with the function. */
  readonly drainAlerts: () => Promise<void>;
}

/** What Lambda says of one invocation. */
export interface Invocation {
  readonly awsRequestId: string;
  readonly getRemainingTimeInMillis: () => number;
}

/** Counted deliveries that were turned away are written by the next one after this long: a function has no timer of its own. */
const FLUSH_EVERY_MS = 5_000;

export const createReceiveEvent = (deps: ReceiveEventDeps) => {
  let flushedAt = deps.clock.now();

  const flushTurnedAway = async (): Promise<void> => {
    if (deps.clock.now() - flushedAt < FLUSH_EVERY_MS) return;
    flushedAt = deps.clock.now();
    try {
      await deps.turnedAway.flush();
    } catch (thrown) {
      const { code, message } = asPayhookError(thrown);
      deps.logger.error('audit.not_written', { code, message });
    }
  };

  return async (event: ProxyEvent, invocation: Invocation): Promise<APIGatewayProxyResult> => {
    const sender = senderOf(event, deps.publishedAddresses);
    const delivery = deliveryOf(event, sender);
    const body: ReadDelivery =
      delivery.body.length > LIMITS.bodyBytesMax
        ? { outcome: 'refused', reason: 'body_too_large' }
        : { outcome: 'read', delivery };
    const answer = await deps.deliveries.answer(
      requestFactsOf(event, delivery, deps.providerNames),
      async () => body,
      contextOf(deps, event, sender, invocation),
    );
    assert(answer !== null, 'nobody else answers for a function');
    await flushTurnedAway();
    await deps.drainAlerts();
    return proxyResultOf(answer);
  };
};

const contextOf = (
  deps: ReceiveEventDeps,
  event: ProxyEvent,
  sender: Sender,
  invocation: Invocation,
): DeliveryContext => {
  const name = event.pathParameters?.provider ?? '';
  const requestId = event.requestContext.requestId ?? invocation.awsRequestId;
  return {
    requestId,
    traceId: traceIdOf(deps.traceHeader()) ?? requestId,
    sender,
    provider: deps.providerNames.has(name) ? name : 'unknown',
    seconds: deps.clock.stopwatch(),
    remainingMs: () => invocation.getRemainingTimeInMillis() - LIMITS.functionReserveMs,
  };
};
