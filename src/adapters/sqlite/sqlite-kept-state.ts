/** What the check of the audit trail looks at on SQLite. A server may write meanwhile. */
import type { AuditedWebhooks, KeptState } from '../../audit/audited-webhooks.ts';
import type { AuditProblem } from '../../audit/problem.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { CheckCursor, CheckedPage } from './sqlite-check-operations.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';

export const createSqliteAuditedWebhooks = (executor: SqliteExecutor): AuditedWebhooks => ({
  ofChains: (chainIds) => executor.run('checkWebhooks', chainIds),
  wasRemoved: (chainId, endHash) => executor.run('checkRemoved', { chainId, endHash }),
  // Each that was removed is known.
  mayBeGone: () => false,
});

export const createSqliteKeptState = (executor: SqliteExecutor, clock: Clock): KeptState => ({
  async problems(limit) {
    const problems: AuditProblem[] = [];
    let cursor: CheckCursor | undefined = { step: 0, after: 0 };
    while (cursor !== undefined && problems.length < limit) {
      const page: CheckedPage = await executor.run('checkKept', { cursor, limit, now: clock.now() });
      problems.push(...page.problems);
      cursor = page.next;
    }
    return problems.slice(0, limit);
  },
});
