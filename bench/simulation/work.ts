/** The work queue in cohorts: what is ready, what rests as a delayed message, and who takes it. */
import { LIMITS } from '../../src/core/limits.ts';
import { SECOND_MS } from '../../src/core/time.ts';
import type { Draws } from './seeded-draws.ts';

/** Webhooks that were acknowledged in the same minute and have failed equally often. */
export interface Batch {
  readonly sentAt: number;
  readonly failures: number;
  readonly count: number;
}

const CAP_SECONDS = LIMITS.backoffCapMs / SECOND_MS;
const BASE_SECONDS = LIMITS.backoffBaseMs / SECOND_MS;
/** The longest rest of a handler's circuit between two probes (`core/circuit.ts`). */
const CIRCUIT_REST_SECONDS = 60;
/** Messages of one second that rest equally long are spread over so many others at most. */
const SPREAD_MAX = 30;
const AGE_STEP_SECONDS = 60;
const FAILURES_COUNTED = 12;

export class Work {
  ready = 0;
  resting = 0;
  /** First in, first out: SQS promises less, and is close to it. Taken batches are dropped from the front now and then. */
  private queue: Batch[] = [];
  private front = 0;
  private readonly rests = new Map<number, Map<number, number>>();
  private readonly draws: Draws;

  constructor(draws: Draws) {
    this.draws = draws;
  }

  add(batch: Batch): void {
    if (batch.count <= 0) return;
    this.queue.push(batch);
    this.ready += batch.count;
  }

  take(count: number): Batch[] {
    const taken: Batch[] = [];
    let left = Math.min(count, this.ready);
    this.ready -= left;
    while (left > 0) {
      const first = this.queue[this.front]!;
      const here = Math.min(left, first.count);
      taken.push({ ...first, count: here });
      if (here === first.count) this.front += 1;
      else this.queue[this.front] = { ...first, count: first.count - here };
      left -= here;
    }
    if (this.front > 1000 && this.front * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.front);
      this.front = 0;
    }
    return taken;
  }

  /** After a failure: full jitter below the doubled step, and no earlier than the handler's circuit lets one through. */
  rest(now: number, { sentAt, failures, count }: Batch): void {
    const ceiling = Math.max(CIRCUIT_REST_SECONDS, Math.min(CAP_SECONDS, BASE_SECONDS * 2 ** failures));
    const slots = Math.min(SPREAD_MAX, ceiling);
    // Cohorts of a minute keep the calendar small; their second is only needed for those that never rest.
    const age = Math.floor(sentAt / AGE_STEP_SECONDS);
    this.resting += count;
    let left = count;
    for (let slot = 0; slot < slots && left > 0; slot += 1) {
      const here = this.draws.binomial(left, 1 / (slots - slot));
      left -= here;
      const at = now + Math.max(1, Math.ceil(((slot + this.draws.fraction()) * ceiling) / slots));
      if (here > 0) this.addRest(at, age * FAILURES_COUNTED + Math.min(FAILURES_COUNTED - 1, failures + 1), here);
    }
  }

  /** What has rested long enough is ready again. */
  wake(now: number): void {
    const cells = this.rests.get(now);
    if (cells === undefined) return;
    this.rests.delete(now);
    for (const [cell, count] of cells) {
      this.resting -= count;
      const sentAt = Math.floor(cell / FAILURES_COUNTED) * AGE_STEP_SECONDS;
      this.add({ sentAt, failures: cell % FAILURES_COUNTED, count });
    }
  }

  private addRest(at: number, cell: number, count: number): void {
    let cells = this.rests.get(at);
    if (cells === undefined) {
      cells = new Map();
      this.rests.set(at, cells);
    }
    cells.set(cell, (cells.get(cell) ?? 0) + count);
  }
}
