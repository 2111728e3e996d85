import { expect, test } from 'vitest';
import { createCountedReceiving } from './counted-receiving.ts';

test('counts what became of the deliveries of the last minute, and forgets the ones before', () => {
  let seconds = 0;
  const counted = createCountedReceiving({ now: () => 0, stopwatch: () => () => seconds });
  const accepted = { outcome: 'accepted', secretId: 'stripe#1', events: [] } as const;
  counted.count(accepted);
  counted.count({ ...accepted, outcome: 'duplicate' });
  seconds = 30;
  counted.count(accepted);
  counted.count({ outcome: 'rejected', reason: 'signature_mismatch' });

  expect(counted.lastMinute()).toEqual({ accepted: 2, duplicates: 1, turnedAway: 1 });
  seconds = 60.5;
  expect(counted.lastMinute()).toEqual({ accepted: 1, duplicates: 0, turnedAway: 1 });
  counted.count(accepted);
  expect(counted.lastMinute().accepted).toBe(2);
  seconds = 500;
  expect(counted.lastMinute()).toEqual({ accepted: 0, duplicates: 0, turnedAway: 0 });
});

test('counts the last hour by what became of each, and the hour before once there was one', () => {
  let seconds = 0;
  const counted = createCountedReceiving({ now: () => 0, stopwatch: () => () => seconds });
  counted.count({ outcome: 'rejected', reason: 'signature_mismatch' });
  counted.count({ outcome: 'too_large', sealedBytes: 0 });
  const first = { accepted: 0, duplicates: 0, turnedAway: 2, rejected: 1 };
  const none = { accepted: 0, duplicates: 0, turnedAway: 0, rejected: 0 };

  expect([counted.lastHour(), counted.hourBefore()]).toEqual([first, null]);
  seconds = 3599;
  expect(counted.lastHour()).toEqual(first);
  seconds = 7199;
  expect([counted.lastHour(), counted.hourBefore()]).toEqual([none, null]);
  counted.count({ outcome: 'accepted', secretId: 'stripe#1', events: [] });
  seconds = 10_700;
  expect([counted.lastHour(), counted.hourBefore()]).toEqual([{ ...none, accepted: 1 }, none]);
  seconds = 10_801;
  expect([counted.lastHour(), counted.hourBefore()]).toEqual([none, { ...none, accepted: 1 }]);
});
