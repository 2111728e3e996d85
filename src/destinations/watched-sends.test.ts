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
  expect(watched.state()).toEqual({ underway: 1, delivered: 0, failed: 0, deliveredLastMinute: 0, lastError: null });
  resolve();
  await sending;

  expect(watched.state()).toEqual({
    underway: 0,
    delivered: 1,
    failed: 2,
    deliveredLastMinute: 1,
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
