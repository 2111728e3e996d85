import { afterEach, expect, test, vi } from 'vitest';
import { createMemoryLogger } from '../../adapters/memory/memory-recorders.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import type { LocalHome } from './home.ts';
import { startJobLoop } from './job-loop.ts';

afterEach(() => vi.useRealTimers());

const jobOf = (id: string, requestedAt: number) => ({ id, requestedAt, state: 'running', carrier: null, parts: 0 });

const DAMAGED = { id: 'damaged', why: 'somebody else wrote it' };

test.each(['broken', 'busy'] as const)('a job whose step is %s holds up no other one', async (how) => {
  vi.useFakeTimers();
  const logger = createMemoryLogger();
  const clock = { now: Date.now, stopwatch: () => () => 0 };
  const asked: string[] = [];
  const jobs: Pick<JobStore, 'list' | 'get'> = {
    list: async () => ({ items: [jobOf('younger', 2), jobOf('older', 1)], damaged: [DAMAGED] }) as never,
    async get(id) {
      asked.push(id);
      if (id === 'younger') return { ...jobOf(id, 2), state: 'paused', stateReason: null } as never;
      if (how === 'broken') throw new Error('its record is damaged');
      return { ...jobOf(id, 1), carrier: { id: 'somebody', until: Date.now() + 1000 } } as never;
    },
  };
  const loop = startJobLoop({ home: { jobs } as unknown as LocalHome, clock, logger });

  await vi.advanceTimersByTimeAsync(100);
  const stopped = loop.stop();
  await vi.advanceTimersByTimeAsync(100);
  await stopped;

  expect(asked.slice(0, 2)).toEqual(['older', 'younger']);
  expect(logger.lines.filter(({ event }) => event === 'job.unreadable')).toHaveLength(1);
  expect(logger.lines.filter(({ event }) => event === 'job.step_failed')).toHaveLength(how === 'broken' ? 1 : 0);
});
