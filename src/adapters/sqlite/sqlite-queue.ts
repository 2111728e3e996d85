/** The queue on SQLite. Time comes in here, so that the SQL has no clock. */
import type { Clock } from '../../core/ports/clock.ts';
import type { Queue } from '../../core/ports/queue.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';

export const createSqliteQueue = (executor: SqliteExecutor, clock: Clock): Queue => ({
  enqueue: (entry, delayMs = 0) => {
    const now = clock.now();
    return executor.run('queueEnqueue', { entry, dueAt: now + delayMs, enqueuedAt: now });
  },
  claim: (limit, leaseMs) => executor.run('queueClaim', { limit, now: clock.now(), leaseMs }),
  complete: (claim) => executor.run('queueComplete', claim),
  deadLetter: (claim) => executor.run('queueComplete', claim),
  retryIn: (claim, delayMs) => executor.run('queueReschedule', { claim, dueAt: clock.now() + delayMs }),
  putBack: (claim, delayMs) => executor.run('queuePutBack', { claim, dueAt: clock.now() + delayMs }),
  depth: () => executor.run('queueDepth', { now: clock.now() }),
});
