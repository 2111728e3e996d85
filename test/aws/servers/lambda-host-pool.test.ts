/** Environments of one function: reused, never shared by two invocations, and bounded in two ways. */
import { describe, expect, test } from 'vitest';
import type { Environment, EnvironmentResult, InvokeResult } from './lambda-host-environment.ts';
import { createEnvironmentPool } from './lambda-host-pool.ts';
import type { Invocation } from './runtime-api.ts';

/** Environments that answer, and become idle, when the test says so. */
const createFakes = () => {
  const made: { readonly answer: (result: InvokeResult) => void; readonly becomeIdle: () => void }[] = [];
  let underWay = 0;
  const create = async (): Promise<EnvironmentResult> => {
    let answer = Promise.withResolvers<InvokeResult>();
    let idle = Promise.withResolvers<void>();
    let isAlive = true;
    made.push({ answer: (result) => answer.resolve(result), becomeIdle: () => idle.resolve() });
    const environment: Environment = {
      initMs: 1,
      invoke: async () => {
        underWay += 1;
        answer = Promise.withResolvers();
        idle = Promise.withResolvers();
        const result = await answer.promise;
        underWay -= 1;
        return result;
      },
      whenIdle: () => idle.promise,
      isAlive: () => isAlive,
      usage: () => ({ cpuMs: 0, residentBytes: 0 }),
      [Symbol.asyncDispose]: async () => {
        isAlive = false;
        answer.resolve({ outcome: 'exited', status: 'SIGKILL' });
        idle.resolve();
      },
    };
    return { outcome: 'ready', environment };
  };
  return { made, create, underWay: () => underWay };
};

const ANSWER: InvokeResult = { outcome: 'answered', body: Buffer.from('{}') };
const invocation = (msMax = 60_000): Invocation => ({
  requestId: 'r',
  deadlineAt: Date.now() + msMax,
  functionArn: 'arn',
  traceHeader: '',
  payload: Buffer.from('{}'),
});
/** Lets everything run that waits for nothing but other promises. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the environments of a function', () => {
  test('an environment is used again only when it has answered and asked for more', async () => {
    const fakes = createFakes();
    const pool = createEnvironmentPool({ create: fakes.create, reservedConcurrency: null, environmentsMax: 2 });

    const first = pool.run(invocation());
    await settle();
    fakes.made[0]?.answer(ANSWER);
    expect(await first).toMatchObject({ outcome: 'answered', initMs: 1 });
    const second = pool.run(invocation());
    await settle();
    expect(fakes.made).toHaveLength(2);
    fakes.made[0]?.becomeIdle();
    fakes.made[1]?.answer(ANSWER);
    await second;
    const third = pool.run(invocation());
    await settle();
    fakes.made[0]?.answer(ANSWER);

    expect(await third).toMatchObject({ outcome: 'answered', initMs: null });
    expect(pool.size()).toBe(2);
  });

  test('what is over the reserved concurrency is refused', async () => {
    const fakes = createFakes();
    const pool = createEnvironmentPool({ create: fakes.create, reservedConcurrency: 1, environmentsMax: 5 });

    const first = pool.run(invocation());
    await settle();

    expect(await pool.run(invocation())).toEqual({ outcome: 'throttled' });
    fakes.made[0]?.answer(ANSWER);
    expect(await first).toMatchObject({ outcome: 'answered' });
  });

  test('what is over the limit of this machine waits for a place, at most until its deadline', async () => {
    const fakes = createFakes();
    const pool = createEnvironmentPool({ create: fakes.create, reservedConcurrency: null, environmentsMax: 1 });

    const first = pool.run(invocation());
    const waiting = pool.run(invocation());
    const tooLate = pool.run(invocation(20));
    expect(await tooLate).toEqual({ outcome: 'timed_out', initMs: null });
    expect([fakes.made.length, fakes.underWay()]).toEqual([1, 1]);
    fakes.made[0]?.answer(ANSWER);
    fakes.made[0]?.becomeIdle();
    await first;
    await settle();
    fakes.made[0]?.answer(ANSWER);

    expect(await waiting).toMatchObject({ outcome: 'answered', initMs: null });
  });

  test('a function that cannot start gives its place back', async () => {
    const create = async (): Promise<EnvironmentResult> => ({
      outcome: 'init_failed',
      errorType: 'Error',
      message: 'x',
    });
    const pool = createEnvironmentPool({ create, reservedConcurrency: null, environmentsMax: 1 });

    expect(await pool.run(invocation())).toMatchObject({ outcome: 'init_failed' });
    expect(await pool.run(invocation())).toMatchObject({ outcome: 'init_failed' });
    expect(pool.size()).toBe(0);
  });

  test('closing ends what is under way and what waits', async () => {
    const fakes = createFakes();
    const pool = createEnvironmentPool({ create: fakes.create, reservedConcurrency: null, environmentsMax: 1 });

    const running = pool.run(invocation());
    const waiting = pool.run(invocation());
    await settle();
    await pool[Symbol.asyncDispose]();

    expect([(await running).outcome, (await waiting).outcome]).toEqual(['exited', 'timed_out']);
    expect(pool.size()).toBe(0);
  });
});
