/** What was learnt of silence, on SQLite. */
import type { SilenceRecords } from '../../core/ports/silence-records.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';

export const createSqliteSilenceRecords = (executor: SqliteExecutor): SilenceRecords => ({
  get: () => executor.run('silenceGet', {}),
  put: (text, revision) => executor.run('silencePut', { text, revision }),
});
