/** Destinations of the local home over a memory queue: loops with their circuits, and a clock that tests move. */
import { createMemoryDestinationQueue } from '../../src/adapters/memory/memory-destination-queue.ts';
import { createMemoryAlerts, createMemoryLogger } from '../../src/adapters/memory/memory-recorders.ts';
import { type Circuit, createCircuit } from '../../src/core/circuit.ts';
import type { Metrics } from '../../src/core/ports/metrics.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import type { Destination } from '../../src/destinations/destination.ts';
import type { DestinationEntry, DestinationQueue } from '../../src/destinations/destination-queue.ts';
import type { LoadedMessage } from '../../src/destinations/load-message.ts';
import { createSendClaims } from '../../src/destinations/send-claims.ts';
import { type DestinationLoop, startDestinationLoop } from '../../src/homes/local/destination-loop.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestRandomness } from '../support/randomness.ts';

export const GIVE_UP_AFTER_MS = 72 * HOUR_MS;
const DEADLINE_MS = 110_000;

export type CountedMetrics = Pick<Metrics, 'destination'> & { readonly counted: string[] };

export const createCountedMetrics = (): CountedMetrics => {
  const counted: string[] = [];
  return { counted, destination: (name, outcome) => void counted.push(`${name} ${outcome}`) };
};

export const entryOf = (destination: string, index: number): DestinationEntry => ({
  webhookId: `stripe:evt_${index}`,
  timestamp: 1_795_000_000_000,
  destination,
  eventId: `stripe:evt_${index}`,
  provider: 'stripe',
  traceId: `trace-${index}`,
  news: 'news',
});

export const messageFor = async ({ eventId }: DestinationEntry): Promise<LoadedMessage> => ({
  outcome: 'loaded',
  message: { id: eventId, type: 'payment.succeeded', occurredAt: null, body: '{}' },
});

/** Waits until the condition holds; fails the test when it never does. */
export const until = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

export interface SendingOptions {
  readonly concurrencyMax?: number;
  readonly queue?: (queue: DestinationQueue) => DestinationQueue;
  readonly loadMessage?: (entry: DestinationEntry) => Promise<LoadedMessage>;
}

export const createSending = (options: SendingOptions = {}) => {
  const clock = createTestClock();
  const memory = createMemoryDestinationQueue(clock);
  const queue = options.queue?.(memory) ?? memory;
  const alerts = createMemoryAlerts();
  const logger = createMemoryLogger();
  const metrics = createCountedMetrics();
  const randomness = createTestRandomness();
  const loops: DestinationLoop[] = [];

  const start = (destination: Destination): { readonly loop: DestinationLoop; readonly circuit: Circuit } => {
    const { concurrencyMax = 8, loadMessage = messageFor } = options;
    const circuit = createCircuit({ concurrencyMax, requestsPerSecondMax: null, clock, randomness });
    const retryPolicy = { attemptsMax: 10, backoffBaseMs: 1000, backoffCapMs: HOUR_MS };
    const sendClaims = createSendClaims({
      destination,
      circuit,
      loadMessage,
      clock,
      randomness,
      retryPolicy,
      giveUpAfterMs: GIVE_UP_AFTER_MS,
      alerts,
      logger,
      metrics,
    });
    const loop = startDestinationLoop({
      queue,
      destination,
      sendClaims,
      circuit,
      clock,
      logger,
      leaseMs: 40_000,
      idleMs: 5,
    });
    loops.push(loop);
    return { loop, circuit };
  };

  return {
    clock,
    queue: memory,
    alerts,
    logger,
    metrics,
    start,
    /** Entries `stripe:evt_1` to `stripe:evt_{count}`, each a millisecond younger than the one before. */
    async fill(destination: string, count: number): Promise<readonly string[]> {
      const entries = Array.from({ length: count }, (_, index) => entryOf(destination, index + 1));
      for (const [index, entry] of entries.entries()) await memory.put([entry], clock.now() - count + index);
      return entries.map(({ eventId }) => eventId);
    },
    stateOf: async (destination: string, index: number) =>
      (await memory.ofWebhook(entryOf(destination, index))).find((status) => status.destination === destination),
    waiting: async (destination: string): Promise<number> => (await memory.depth([destination]))[0]?.waiting ?? 0,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await Promise.all(loops.map((loop) => loop.stop(1000)));
    },
  };
};
