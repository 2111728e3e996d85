/** The webhook store on SQLite: insert, audit entry and queue entry are one transaction. */
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';

export const createSqliteWebhookStore = (executor: SqliteExecutor): WebhookStore => ({
  insert: (insertion) => executor.run('webhookInsert', insertion),
  get: ({ webhookId, timestamp }) => executor.run('webhookGet', { webhookId, timestamp }),
  find: (webhookId) => executor.run('webhookFind', webhookId),
  change: ({ webhookId, timestamp }, revision, change, claim) =>
    executor.run('webhookChange', { key: { webhookId, timestamp }, revision, change, claim }),
  list: (filter) => executor.run('webhookList', filter),
  listBrief: (filter) => executor.run('webhookListBrief', filter),
});
