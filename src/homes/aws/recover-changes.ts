/**
 * Brings changes into the trail that the change feed gave up on, through the code of the audit logger. Their entries come
 * late: an entry that says so stands before them, and a check of the trail takes late entries only behind such a one.
 */
import type { StreamFailures } from '../../adapters/aws/audit/s3-stream-failures.ts';
import { type AuditDraft, type LinkedEntry, RECOVERY_CHAIN } from '../../audit/audit.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Actor } from '../../core/webhook.ts';
import { readChanges, summaryOfUnexplained } from './read-changes.ts';

export interface RecoverChangesDeps {
  readonly failures: StreamFailures;
  readonly auditLog: {
    readonly append: (drafts: readonly AuditDraft[]) => Promise<void>;
    readonly appendLinked: (entries: readonly LinkedEntry[]) => Promise<void>;
  };
  readonly clock: Clock;
  readonly operator: Actor;
}

/** What became of one object of the bucket. */
export type RecoveredObject =
  /** Its entries are in the trail and the object is gone; of a dry run: they would be. */
  | {
      readonly outcome: 'recovered';
      readonly key: string;
      readonly entries: number;
      /** A sentence for each change that Payhook did not make. */
      readonly unexplained: readonly string[];
    }
  /** Left as it is, nothing of it in the trail. `reason` quotes nothing. */
  | { readonly outcome: 'kept'; readonly key: string; readonly reason: string };

/**
 * Returns `recover({ isDryRun })`: one object after the other, in the order of their keys. An object goes when all of it is in the
 * trail. One that is cut off in between is brought again by the next run, which does no harm: an entry may stand twice.
 */
export const createRecoverChanges = (deps: RecoverChangesDeps) =>
  async function* recover({ isDryRun }: { readonly isDryRun: boolean }): AsyncGenerator<RecoveredObject> {
    for await (const failure of deps.failures.all()) {
      const { key } = failure;
      if (failure.outcome === 'unreadable') {
        yield { outcome: 'kept', key, reason: failure.reason };
        continue;
      }
      const { entries, unexplained, unreadable } = readChanges(failure.records);
      if (unreadable !== undefined) {
        const reason = `record ${unreadable.index + 1} of ${failure.records.length}: ${unreadable.reason}`;
        yield { outcome: 'kept', key, reason };
        continue;
      }
      if (!isDryRun) {
        const count = entries.length + unexplained.length;
        if (count > 0) await deps.auditLog.append([recoveryOf(deps, count)]);
        await deps.auditLog.appendLinked(entries);
        await deps.auditLog.append(unexplained.map(({ draft }) => draft));
        await deps.failures.remove(key);
      }
      yield { outcome: 'recovered', key, entries: entries.length, unexplained: unexplained.map(summaryOfUnexplained) };
    }
  };

const recoveryOf = ({ clock, operator }: RecoverChangesDeps, count: number): AuditDraft => ({
  chainId: RECOVERY_CHAIN,
  at: clock.now(),
  actor: operator,
  event: 'CHANGES_RECOVERED',
  outcome: 'success',
  reason: null,
  origin: { sourceAddress: null, requestId: null, traceId: null },
  resource: { type: 'home', id: 'change-feed' },
  change: null,
  count,
});
