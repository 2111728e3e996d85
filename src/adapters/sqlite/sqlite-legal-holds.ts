/** Legal holds on SQLite: retention looks at them before it removes anything. */
import { entryForHold, entryForRemovedHold } from '../../audit/hold-entries.ts';
import type { LegalHolds } from '../../core/ports/legal-holds.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';

export const createSqliteLegalHolds = (executor: SqliteExecutor): LegalHolds => ({
  list: () => executor.run('legalHoldList', undefined),
  add: (hold) => executor.run('legalHoldAdd', { hold, draft: entryForHold(hold) }),
  remove: (removal) => executor.run('legalHoldRemove', { id: removal.id, draft: entryForRemovedHold(removal) }),
});
