/**
 * The executions of one function, call by call: a call takes a warm one that is free, else starts a cold one, else is
 * throttled. Nothing waits: API Gateway asks once.
 */
import { EarliestFirst } from './earliest-first.ts';

export interface ExecutionLimits {
  /** Reserved concurrency, which also caps. */
  readonly executionsMax: number;
  /** Warm from the start. */
  readonly provisioned: number;
}

/** Seconds that a call takes in a warm execution, and in one that has to start first. */
export interface CallSeconds {
  warm(): number;
  cold(): number;
}

export type CallOutcome =
  | { readonly kind: 'warm' | 'cold'; readonly seconds: number }
  | { readonly kind: 'throttled'; readonly seconds: 0 };

export class Executions {
  readonly limits: ExecutionLimits;
  warmedUp: number;
  private readonly busyUntil = new EarliestFirst();

  constructor(limits: ExecutionLimits) {
    this.limits = limits;
    this.warmedUp = Math.min(limits.provisioned, limits.executionsMax);
  }

  /** Calls have to come in the order of their time. */
  call(at: number, { warm, cold }: CallSeconds): CallOutcome {
    const busy = this.busyAt(at);
    if (busy >= this.limits.executionsMax) return { kind: 'throttled', seconds: 0 };
    const isWarm = busy < this.warmedUp;
    if (!isWarm) this.warmedUp += 1;
    const seconds = isWarm ? warm() : cold();
    this.busyUntil.add(at + seconds);
    return { kind: isWarm ? 'warm' : 'cold', seconds };
  }

  busyAt(at: number): number {
    this.busyUntil.removeUntil(at);
    return this.busyUntil.size;
  }
}
