/**
 * The execution environments of one function: reused when idle, made when all are busy, never more than allowed. Two
 * limits: reserved concurrency refuses like Lambda does, the limit of this machine makes invocations wait.
 */
import type { Environment, EnvironmentResult, InvokeResult } from './lambda-host-environment.ts';
import type { Invocation } from './runtime-api.ts';

export type PoolResult =
  | (InvokeResult & { readonly initMs: number | null })
  | { readonly outcome: 'throttled' }
  | { readonly outcome: 'init_failed'; readonly errorType: string; readonly message: string };

export interface EnvironmentPool extends AsyncDisposable {
  run(invocation: Invocation): Promise<PoolResult>;
  /** How many there are now. */
  size(): number;
}

export interface PoolInput {
  readonly create: () => Promise<EnvironmentResult>;
  readonly reservedConcurrency: number | null;
  /** Each is a process: what two cores can bear. */
  readonly environmentsMax: number;
}

export const createEnvironmentPool = ({ create, reservedConcurrency, environmentsMax }: PoolInput): EnvironmentPool => {
  const idle: Environment[] = [];
  const all = new Set<Environment>();
  const waiting: ((isGranted: boolean) => void)[] = [];
  let running = 0;
  let places = 0;
  let isClosed = false;

  /** Resolves with a place among the `environmentsMax`, false when none came free in time. */
  const takePlace = async (deadlineAt: number): Promise<boolean> => {
    if (places < environmentsMax) {
      places += 1;
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    waiting.push(resolve);
    const timer = setTimeout(() => {
      const at = waiting.indexOf(resolve);
      if (at >= 0) waiting.splice(at, 1);
      resolve(false);
    }, deadlineAt - Date.now());
    const isGranted = await promise;
    clearTimeout(timer);
    return isGranted;
  };

  const givePlace = (): void => {
    const next = waiting.shift();
    if (next === undefined) places -= 1;
    else next(true);
  };

  const giveBack = async (environment: Environment): Promise<void> => {
    await environment.whenIdle();
    if (environment.isAlive() && !isClosed) idle.push(environment);
    else all.delete(environment);
    givePlace();
  };

  const runInPlace = async (invocation: Invocation): Promise<PoolResult> => {
    let environment = idle.pop();
    let initMs: number | null = null;
    while (environment !== undefined && !environment.isAlive()) {
      all.delete(environment);
      environment = idle.pop();
    }
    if (environment === undefined) {
      const created = await create();
      if (created.outcome === 'init_failed') {
        givePlace();
        return created;
      }
      environment = created.environment;
      initMs = environment.initMs;
      all.add(environment);
      // Closed in the meantime: the invocation ends like one whose process was killed.
      if (isClosed) await environment[Symbol.asyncDispose]();
    }
    const result = await environment.invoke(invocation);
    void giveBack(environment);
    return { ...result, initMs };
  };

  return {
    run: async (invocation) => {
      if (reservedConcurrency !== null && running >= reservedConcurrency) return { outcome: 'throttled' };
      running += 1;
      try {
        if (!(await takePlace(invocation.deadlineAt))) return { outcome: 'timed_out', initMs: null };
        return await runInPlace(invocation);
      } finally {
        running -= 1;
      }
    },
    size: () => all.size,
    [Symbol.asyncDispose]: async () => {
      isClosed = true;
      for (const grant of waiting.splice(0)) grant(false);
      await Promise.all([...all].map((environment) => environment[Symbol.asyncDispose]()));
      all.clear();
    },
  };
};
