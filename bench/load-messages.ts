/** What the benchmark and its load generator say to each other. */
import type { BodySize } from './deliveries.ts';
import type { Latencies } from './statistics.ts';

export type LoadRequest =
  /** Makes and signs this many deliveries and keeps them in memory; those of an earlier `prepare` are dropped. */
  { readonly kind: 'prepare'; readonly count: number; readonly size: BodySize } | ({ readonly kind: 'run' } & LoadRun);

export interface LoadRun {
  readonly port: number;
  readonly connections: number;
  /** Index of the first prepared delivery; the run ends early when there are no more. */
  readonly from: number;
  readonly durationMs: number;
  /**
   * Null sends as fast as answers come: each connection its next request after the answer. A number sends at that rate
   * whatever the server does, and counts latency from the instant at which the request was due.
   */
  readonly ratePerSecond: number | null;
}

export interface LoadResult extends Latencies {
  readonly sent: number;
  /** Answers 200 that say `accepted`. */
  readonly accepted: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** From the first request to the last answer. */
  readonly elapsedMs: number;
  /** CPU of the load generator: what it took away from the server. */
  readonly cpuMicrosPerRequest: number;
  /** Milliseconds that the generator itself was late with sending while a connection was free, 99th percentile; rate runs only. */
  readonly sendLatenessP99Ms: number;
  /** Latencies without what the generator itself was late; rate runs only. */
  readonly ofServer: Latencies;
}

export type LoadReply =
  | { readonly kind: 'prepared'; readonly bodyBytesMean: number }
  | { readonly kind: 'ran'; readonly result: LoadResult }
  | { readonly kind: 'failed'; readonly message: string };
