/**
 * Deliveries that providers send again: counted by second, provider and attempt. Memory is bounded by the horizon of the
 * schedules, whatever the load.
 */
import { RETRY_JITTER, type SendingProvider } from './assumptions.ts';
import type { Draws } from './seeded-draws.ts';

/** Retries that belong to one second are spread over so many others at most. */
const SPREAD_MAX = 60;

/** Deliveries of one provider at one attempt, 0 being the first. */
export interface Cohort {
  readonly provider: number;
  readonly attempt: number;
  readonly count: number;
}

export class ProviderRetries {
  waiting = 0;
  /** Given up by their provider: lost, unless somebody lists events by hand. */
  givenUp = 0;
  private readonly calendar = new Map<number, Map<number, number>>();
  private readonly providers: readonly SendingProvider[];
  private readonly draws: Draws;

  constructor(providers: readonly SendingProvider[], draws: Draws) {
    this.providers = providers;
    this.draws = draws;
  }

  /** Seconds from the first attempt to this one, without the jitter. */
  secondsUntil({ provider, attempt }: Pick<Cohort, 'provider' | 'attempt'>): number {
    return this.providers[provider]!.retryAfterSeconds.slice(0, attempt).reduce((sum, seconds) => sum + seconds, 0);
  }

  failed(now: number, { provider, attempt, count }: Cohort): void {
    const after = this.providers[provider]!.retryAfterSeconds[attempt];
    if (after === undefined) {
      this.givenUp += count;
      return;
    }
    this.waiting += count;
    const slots = Math.max(1, Math.min(SPREAD_MAX, Math.floor(2 * RETRY_JITTER * after)));
    const first = after * (1 - RETRY_JITTER);
    const step = (2 * RETRY_JITTER * after) / slots;
    let left = count;
    for (let slot = 0; slot < slots && left > 0; slot += 1) {
      const here = this.draws.binomial(left, 1 / (slots - slot));
      left -= here;
      if (here > 0)
        this.add(
          now + Math.max(1, Math.round(first + (slot + this.draws.fraction()) * step)),
          provider,
          attempt + 1,
          here,
        );
    }
  }

  due(now: number): Cohort[] {
    const cells = this.calendar.get(now);
    if (cells === undefined) return [];
    this.calendar.delete(now);
    return [...cells].map(([cell, count]) => {
      this.waiting -= count;
      return { provider: cell % this.providers.length, attempt: Math.floor(cell / this.providers.length), count };
    });
  }

  private add(at: number, provider: number, attempt: number, count: number): void {
    let cells = this.calendar.get(at);
    if (cells === undefined) {
      cells = new Map();
      this.calendar.set(at, cells);
    }
    const cell = attempt * this.providers.length + provider;
    cells.set(cell, (cells.get(cell) ?? 0) + count);
  }
}
