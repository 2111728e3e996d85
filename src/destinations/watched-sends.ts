/** Sending to one destination, with what is to be known of it besides: how many, and what it failed of last. */
import { createLastDay, createLastMinute } from '../core/counted-lately.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { SendClaims } from './send-claims.ts';

export interface SendsState {
  /** Calls of the destination that have not ended. */
  readonly underway: number;
  /** Events since the start. */
  readonly delivered: number;
  readonly failed: number;
  readonly deliveredLastMinute: number;
  /** Since the start at the most. */
  readonly deliveredLastDay: number;
  /** Of the newest calls 99 in 100 took no longer; null before the first has ended. */
  readonly callMsP99: number | null;
  /** Screened, as it is stored. */
  readonly lastError: { readonly at: EpochMs; readonly error: string } | null;
}

export interface WatchedSends {
  readonly sendClaims: SendClaims;
  state(): SendsState;
}

/** Calls whose time is remembered. */
const CALLS_MAX = 1000;

/** The newest durations, of which a share is asked for. */
const createDurations = () => {
  const newest = new Float64Array(CALLS_MAX);
  let count = 0;
  return {
    add(ms: number): void {
      newest[count % CALLS_MAX] = ms;
      count += 1;
    },
    p99(): number | null {
      const sorted = newest.slice(0, Math.min(count, CALLS_MAX)).sort();
      return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? null;
    },
  };
};

export const watchSends = (sendClaims: SendClaims, clock: Clock): WatchedSends => {
  type Kept = Pick<SendsState, 'underway' | 'delivered' | 'failed' | 'lastError'>;
  let state: Kept = { underway: 0, delivered: 0, failed: 0, lastError: null };
  const [lastMinute, lastDay] = [createLastMinute(clock), createLastDay(clock)];
  const durations = createDurations();
  return {
    async sendClaims(claims, signal) {
      state = { ...state, underway: state.underway + 1 };
      const seconds = clock.stopwatch();
      try {
        const sent = await sendClaims(claims, signal);
        for (const settlement of sent.settlements) {
          if (settlement.outcome === 'delivered') {
            state = { ...state, delivered: state.delivered + 1 };
            lastMinute.add(1);
            lastDay.add(1);
          } else if (settlement.outcome !== 'put_back') {
            state = { ...state, failed: state.failed + 1, lastError: { at: clock.now(), error: settlement.error } };
          }
        }
        return sent;
      } finally {
        durations.add(Math.round(seconds() * 1000));
        state = { ...state, underway: state.underway - 1 };
      }
    },
    state: () => ({
      ...state,
      deliveredLastMinute: lastMinute.count(),
      deliveredLastDay: lastDay.count(),
      callMsP99: durations.p99(),
    }),
  };
};
