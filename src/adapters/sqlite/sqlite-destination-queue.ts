/** What waits for destinations, on SQLite. */
import type { Clock } from '../../core/ports/clock.ts';
import type { DestinationQueues } from '../../destinations/destination-queue.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';

/** Some thirty milliseconds of the database thread: deliveries that arrive meanwhile wait no longer than that. */
const HASTENED_TOGETHER_MAX = 5000;

export const createSqliteDestinationQueue = (executor: SqliteExecutor, clock: Clock): DestinationQueues => ({
  put: (entries, at) => executor.run('destinationPut', { entries, at }),
  ofWebhook: ({ webhookId, timestamp }) => executor.run('destinationOfWebhook', { webhookId, timestamp }),
  depth: (destinations) => executor.run('destinationDepth', destinations),
  claim: (destination, limit, leaseMs) =>
    executor.run('destinationClaim', { destination, limit, now: clock.now(), leaseMs }),
  settle: (settlements, at) => executor.run('destinationSettle', { settlements, at }),
  async hasten(destination) {
    const now = clock.now();
    let hastened: number;
    do {
      hastened = await executor.run('destinationHasten', { destination, limit: HASTENED_TOGETHER_MAX, now });
    } while (hastened === HASTENED_TOGETHER_MAX);
  },
});
