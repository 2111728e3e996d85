/**
 * A second of the receiver: call by call while something changes, and by Erlang's formula while a load is steady. A test
 * holds the second against the first.
 */
import { TIMES } from './assumptions.ts';
import { erlangB } from './closed-forms.ts';
import type { TokenBucket } from './edge.ts';
import { Executions } from './executions.ts';
import type { Draws } from './seeded-draws.ts';
import type { StackSettings } from './stack-settings.ts';

export interface ReceivedSecond {
  /** Refused by the stage, 429. */
  readonly throttledByStage: number;
  /** No execution was free, 5xx. */
  readonly throttledByLambda: number;
  readonly taken: number;
  readonly cold: number;
}

export class Receiver {
  private readonly executions: Executions;
  private readonly draws: Draws;

  constructor(settings: StackSettings, draws: Draws) {
    this.executions = new Executions({ executionsMax: settings.receiversMax, provisioned: settings.provisioned });
    this.draws = draws;
  }

  callByCall(second: number, requests: number, bucket: TokenBucket, warmSeconds: number): ReceivedSecond {
    const { draws } = this;
    const times = {
      warm: () => draws.exponential(warmSeconds),
      cold: () => TIMES.receiverColdSeconds + draws.exponential(warmSeconds),
    };
    let [throttledByStage, throttledByLambda, taken, cold] = [0, 0, 0, 0];
    const arrivals = Float64Array.from({ length: requests }, () => second + draws.fraction()).sort();
    for (const at of arrivals) {
      if (bucket.take(at, 1) === 0) {
        throttledByStage += 1;
        continue;
      }
      const outcome = this.executions.call(at, times);
      if (outcome.kind === 'throttled') throttledByLambda += 1;
      else taken += 1;
      if (outcome.kind === 'cold') cold += 1;
    }
    return { throttledByStage, throttledByLambda, taken, cold };
  }

  steady(second: number, requests: number, bucket: TokenBucket, warmSeconds: number): ReceivedSecond {
    const passed = bucket.takeSpread(second, requests);
    const blocked = erlangB(passed * warmSeconds, this.executions.limits.executionsMax);
    const throttledByLambda = this.draws.binomial(passed, blocked);
    return { throttledByStage: requests - passed, throttledByLambda, taken: passed - throttledByLambda, cold: 0 };
  }
}
