import { expect, test } from 'vitest';
import type { DestinationClaim, Settlement } from './destination-queue.ts';
import { watchSends } from './watched-sends.ts';

const CLAIM = {} as DestinationClaim;
const clock = { now: () => 7, stopwatch: () => () => 0 };
const { signal } = new AbortController();

test('counts what was delivered and failed, and keeps the last error; what was put back is neither', async () => {
  const settlements: readonly Settlement[] = [
    { claim: CLAIM, outcome: 'delivered' },
    { claim: CLAIM, outcome: 'failed', error: 'answered 503', dueAt: 1 },
    { claim: CLAIM, outcome: 'put_back', dueAt: 1 },
    { claim: CLAIM, outcome: 'given_up', error: 'answered 410' },
  ];
  const { promise, resolve } = Promise.withResolvers<void>();
  const watched = watchSends(async () => {
    await promise;
    return { settlements, isBack: false };
  }, clock);
  const sending = watched.sendClaims([CLAIM], signal);
  expect(watched.state()).toEqual({
    underway: 1,
    delivered: 0,
    failed: 0,
    deliveredLastMinute: 0,
    deliveredLastDay: 0,
    callMsP99: null,
    lastError: null,
  });
  resolve();
  await sending;

  expect(watched.state()).toEqual({
    underway: 0,
    delivered: 1,
    failed: 2,
    deliveredLastMinute: 1,
    deliveredLastDay: 1,
    callMsP99: 0,
    lastError: { at: 7, error: 'answered 410' },
  });
});

test('a call that throws has ended', async () => {
  const watched = watchSends(async () => {
    throw new Error('broken');
  }, clock);

  await expect(watched.sendClaims([CLAIM], signal)).rejects.toThrow('broken');
  expect(watched.state().underway).toBe(0);
});

test('says within which time 99 in 100 of the newest thousand calls ended', async () => {
  let seconds = 0;
  let took = 0;
  const watched = watchSends(
    async () => {
      seconds += took;
      return { settlements: [], isBack: false };
    },
    {
      now: () => 7,
      stopwatch: () => {
        const startedAt = seconds;
        return () => seconds - startedAt;
      },
    },
  );
  const call = async (ms: number, times: number): Promise<void> => {
    took = ms / 1000;
    for (let time = 0; time < times; time += 1) await watched.sendClaims([CLAIM], signal);
  };
  await call(9000, 5);
  await call(10, 989);
  await call(250, 10);
  expect(watched.state().callMsP99).toBe(250);

  await call(10, 996);
  expect(watched.state().callMsP99).toBe(10);
});
