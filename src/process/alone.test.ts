import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '../core/limits.ts';
import { createAloneLane } from './alone.ts';

describe('the lane of those that run alone', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('has room for one, and lets the others in one after the other, in the order in which they came', async () => {
    const lane = createAloneLane(4);
    const order: number[] = [];
    for (const number of [1, 2, 3]) void lane.enter().then(() => order.push(number));
    await vi.advanceTimersByTimeAsync(0);
    const entered = [[...order]];
    for (let times = 0; times < 2; times += 1) {
      lane.leave();
      await vi.advanceTimersByTimeAsync(0);
      entered.push([...order]);
    }

    expect(entered).toEqual([[1], [1, 2], [1, 2, 3]]);
  });

  test('sends away who comes when enough wait, and who has waited for too long', async () => {
    const lane = createAloneLane(4);
    await lane.enter();
    const waiting = Array.from({ length: 4 }, () => lane.enter());

    expect(await lane.enter()).toBe(false);
    await vi.advanceTimersByTimeAsync(LIMITS.aloneTurnMsMax);
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => false));

    lane.leave();
    expect(await lane.enter()).toBe(true);
  });
});
