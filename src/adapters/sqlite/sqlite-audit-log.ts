/** The audit log on SQLite. Entries of stored webhooks are written by the webhook operations, in their transaction. */
import type { AuditLog } from '../../audit/audit-log.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';

export const createSqliteAuditLog = (executor: SqliteExecutor): AuditLog => ({
  append: (drafts) => executor.run('auditAppend', drafts),
  read: (afterPosition, limit) => executor.run('auditRead', { afterPosition, limit }),
  run: (afterPosition, limit) => executor.run('auditRun', { afterPosition, limit }),
  chain: (chainId, limit, beforePosition) => executor.run('auditChain', { chainId, limit, beforePosition }),
  latest: (limit, beforePosition = Number.MAX_SAFE_INTEGER) => executor.run('auditLatest', { limit, beforePosition }),
  digests: (afterNumber, limit) => executor.run('auditDigests', { afterNumber, limit }),
  lastDigest: () => executor.run('auditLastDigest', undefined),
  start: () => executor.run('trailStart', undefined),
  appendDigest: (digest) => executor.run('auditAppendDigest', digest),
  heads: (afterPosition, limit) => executor.run('auditHeads', { afterPosition, limit }),
});
