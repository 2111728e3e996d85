/** What people and machines ask a running server: is it alive, is it ready, how is it doing. */

import type { PrometheusMetrics } from '../../adapters/prometheus/prometheus-metrics.ts';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { QueueDepth, WorkDepth } from '../../core/ports/queue.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { DestinationDepth } from '../../destinations/destination-queue.ts';
import type { OperationsAnswer } from './send-answer.ts';

export interface ProbesDeps {
  /** A small durable write: throws when the disk refuses it. */
  readonly probeWrite: () => Promise<void>;
  readonly isStopping: () => boolean;
  /** What is not as it should be though the server is ready, as a sentence; null when there is nothing. */
  readonly warning: () => string | null;
}

export interface Probes {
  /** `/health` (the process runs) and `/ready` (it can take deliveries), out of memory; undefined for other paths. */
  answer(path: string): OperationsAnswer | undefined;
  /** Tries a write, unless the one before still goes on; resolves with it. */
  probe(): Promise<void>;
}

const json = (httpStatus: number, value: Record<string, string>): OperationsAnswer => ({
  httpStatus,
  contentType: 'application/json',
  text: `${JSON.stringify(value)}\n`,
});

const notReady = (reason: string): OperationsAnswer => json(503, { status: 'not_ready', reason });

/** Whoever runs it calls `probe` every `LIMITS.probeEveryMs`. */
export const createProbes = ({ probeWrite, isStopping, warning }: ProbesDeps): Probes => {
  /** Why the last write failed; null when it did not. */
  let reason: string | null = 'starting';
  let underway: Promise<void> | undefined;
  let missed = 0;

  const probeOnce = async (): Promise<void> => {
    try {
      await probeWrite();
      reason = null;
    } catch (thrown) {
      reason = asPayhookError(thrown).code;
    }
    underway = undefined;
    missed = 0;
  };

  const ready = (): OperationsAnswer => {
    if (isStopping()) return json(503, { status: 'stopping' });
    if (reason !== null) return notReady(reason);
    if (missed >= LIMITS.probesMissedMax) return notReady('store_unavailable');
    const wrong = warning();
    return json(200, wrong === null ? { status: 'ready' } : { status: 'ready', warning: wrong });
  };

  return {
    answer(path) {
      if (path === '/health') return json(200, { status: 'alive' });
      return path === '/ready' ? ready() : undefined;
    },
    probe() {
      if (underway !== undefined) missed += 1;
      underway ??= probeOnce();
      return underway;
    },
  };
};

export interface RenderMetricsDeps {
  readonly metrics: PrometheusMetrics;
  readonly queue: QueueDepth;
  /** What waits for each destination. */
  readonly destinationDepths: () => Promise<readonly DestinationDepth[]>;
  readonly clock: Clock;
}

type Depths = readonly [WorkDepth, readonly DestinationDepth[]];

/** The text of `/metrics`. What waits is counted at most every `LIMITS.depthAgeMsMax`, whoever asks, and once for all who ask at once. */
export const createRenderMetrics = (deps: RenderMetricsDeps) => {
  let countedAt: EpochMs = Number.NEGATIVE_INFINITY;
  let counting: Promise<Depths> | undefined;

  const depths = (now: EpochMs): Promise<Depths> => {
    if (counting === undefined || Math.abs(now - countedAt) >= LIMITS.depthAgeMsMax) {
      countedAt = now;
      counting = Promise.all([deps.queue.depth(), deps.destinationDepths()]);
      counting.catch(() => {
        counting = undefined;
      });
    }
    return counting;
  };

  return async (): Promise<OperationsAnswer> => {
    const now = deps.clock.now();
    const [depth, destinations] = await depths(now);
    const text = await deps.metrics.render(depth, destinations, now);
    return { httpStatus: 200, contentType: deps.metrics.contentType, text };
  };
};
