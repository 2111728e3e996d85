import { expect, test } from 'vitest';
import { createLastDay, createLastMinute } from './counted-lately.ts';

test.each([
  ['minute', createLastMinute, 60, 1],
  ['day', createLastDay, 86_400, 600],
] as const)('counts what was in the last %s, and forgets it after', (_, create, spanSeconds, slotSeconds) => {
  let seconds = 0;
  const lately = create({ stopwatch: () => () => seconds });
  lately.add(2);
  seconds += slotSeconds;
  lately.add(3);
  const counts = [lately.count()];
  for (const at of [spanSeconds - 1, spanSeconds, spanSeconds + slotSeconds, 5 * spanSeconds]) {
    seconds = at;
    counts.push(lately.count());
  }
  lately.add(7);

  expect([...counts, lately.count()]).toEqual([5, 5, 3, 0, 0, 7]);
});
