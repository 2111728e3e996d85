import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LIMITS } from '../core/limits.ts';
import { createMemoryReturn } from './return-memory.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('many answers are followed by one collection, and the next ones by another', () => {
  const asked: unknown[] = [];
  const collect = (options?: unknown) => void asked.push(options);
  const answered = createMemoryReturn(collect as NodeJS.GCFunction);

  for (let answer = 0; answer < 100; answer += 1) answered();
  expect(asked).toEqual([]);
  vi.advanceTimersByTime(LIMITS.consoleReturnsMemoryMs);
  expect(asked).toEqual([{ type: 'major', flavor: 'last-resort' }]);
  vi.advanceTimersByTime(10 * LIMITS.consoleReturnsMemoryMs);
  expect(asked).toHaveLength(1);

  answered();
  vi.advanceTimersByTime(LIMITS.consoleReturnsMemoryMs);
  expect(asked).toHaveLength(2);
});

test('a Node that was started without its collector at hand keeps what it has', () => {
  createMemoryReturn(undefined)();

  expect(vi.getTimerCount()).toBe(0);
});
