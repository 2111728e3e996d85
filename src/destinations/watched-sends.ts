/** Sending to one destination, with what is to be known of it besides: how many, and what it failed of last. */
import { createLastMinute } from '../core/last-minute.ts';
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
  /** Screened, as it is stored. */
  readonly lastError: { readonly at: EpochMs; readonly error: string } | null;
}

export interface WatchedSends {
  readonly sendClaims: SendClaims;
  state(): SendsState;
}

export const watchSends = (sendClaims: SendClaims, clock: Clock): WatchedSends => {
  let state: Omit<SendsState, 'deliveredLastMinute'> = { underway: 0, delivered: 0, failed: 0, lastError: null };
  const lastMinute = createLastMinute(clock);
  return {
    async sendClaims(claims, signal) {
      state = { ...state, underway: state.underway + 1 };
      try {
        const sent = await sendClaims(claims, signal);
        for (const settlement of sent.settlements) {
          if (settlement.outcome === 'delivered') {
            state = { ...state, delivered: state.delivered + 1 };
            lastMinute.add(1);
          } else if (settlement.outcome !== 'put_back') {
            state = { ...state, failed: state.failed + 1, lastError: { at: clock.now(), error: settlement.error } };
          }
        }
        return sent;
      } finally {
        state = { ...state, underway: state.underway - 1 };
      }
    },
    state: () => ({ ...state, deliveredLastMinute: lastMinute.count() }),
  };
};
