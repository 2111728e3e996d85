/** What people and machines ask a running server: is it alive, is it ready, how is it doing. */

import type { PrometheusMetrics } from '../../adapters/prometheus/prometheus-metrics.ts';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { QueueDepth } from '../../core/ports/queue.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { DestinationDepth } from '../../destinations/destination-queue.ts';
import type { OperationsAnswer } from './send-answer.ts';

export interface OperationsDeps {
  readonly metrics: PrometheusMetrics;
  readonly queue: QueueDepth;
  /** What waits for each destination. */
  readonly destinationDepths: () => Promise<readonly DestinationDepth[]>;
  readonly clock: Clock;
  /** A small durable write: throws when the disk refuses it. */
  readonly probeWrite: () => Promise<void>;
  readonly isStopping: () => boolean;
}

const json = (httpStatus: number, value: Record<string, string>): OperationsAnswer => ({
  httpStatus,
  contentType: 'application/json',
  text: `${JSON.stringify(value)}\n`,
});

/** Answers `/health` (the process runs), `/ready` (it can take deliveries) and `/metrics`; undefined for other paths. */
export const createAnswerOperations = (deps: OperationsDeps) => {
  let probedAt: EpochMs = Number.NEGATIVE_INFINITY;
  let probe: Promise<OperationsAnswer> = Promise.resolve(json(503, { status: 'starting' }));

  const probeOnce = async (): Promise<OperationsAnswer> => {
    try {
      await deps.probeWrite();
      return json(200, { status: 'ready' });
    } catch (thrown) {
      return json(503, { status: 'not_ready', reason: asPayhookError(thrown).code });
    }
  };

  const ready = (): Promise<OperationsAnswer> => {
    if (deps.isStopping()) return Promise.resolve(json(503, { status: 'stopping' }));
    const now = deps.clock.now();
    if (Math.abs(now - probedAt) > LIMITS.probeAgeMsMax) {
      probedAt = now;
      probe = probeOnce();
    }
    return probe;
  };

  const metrics = async (): Promise<OperationsAnswer> => {
    const [depth, destinations] = await Promise.all([deps.queue.depth(), deps.destinationDepths()]);
    const text = await deps.metrics.render(depth, destinations, deps.clock.now());
    return { httpStatus: 200, contentType: deps.metrics.contentType, text };
  };

  return (path: string): Promise<OperationsAnswer> | undefined => {
    switch (path) {
      case '/health':
        return Promise.resolve(json(200, { status: 'alive' }));
      case '/ready':
        return ready();
      case '/metrics':
        return metrics();
      default:
        return undefined;
    }
  };
};
