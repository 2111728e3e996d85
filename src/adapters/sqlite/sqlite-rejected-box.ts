/** The rejected box on SQLite. Time comes in here, so that the SQL has no clock. */
import type { Clock } from '../../core/ports/clock.ts';
import type { RejectedBox } from '../../core/ports/rejected-box.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';

export const createSqliteRejectedBox = (executor: SqliteExecutor, clock: Clock): RejectedBox => ({
  // The bytes are asked for here: what is sealed later is sealed now.
  keep: ({ payload: { keyId, bytes }, ...rest }) =>
    executor.run('rejectedKeep', { ...rest, payload: { keyId, bytes } }),
  get: (id) => executor.run('rejectedGet', { id, now: clock.now() }),
  list: (filter) => executor.run('rejectedList', { filter, now: clock.now() }),
  markAccepted: (id, accepted) => executor.run('rejectedMarkAccepted', { id, ...accepted }),
});
