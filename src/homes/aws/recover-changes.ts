/**
 * Brings changes into the trail that the change feed gave up on, through the code of the audit logger. Their entries come
 * late: an entry that says so stands before them, and a check of the trail takes late entries only behind such a one.
 */
import type { StreamFailure, StreamFailures } from '../../adapters/aws/audit/s3-stream-failures.ts';
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
  /** Something of it cannot be read, and only that is left in the object; `reason` quotes nothing of it. */
  | {
      readonly outcome: 'kept';
      readonly key: string;
      readonly reason: string;
      /** Of what could be read, as above. */
      readonly entries: number;
      readonly unexplained: readonly string[];
    };

/**
 * Returns `recover({ isDryRun })`: one object after the other, in the order of their keys. What is in the trail is no longer in
 * the bucket. An object that is cut off in between is brought again by the next run, which does no harm: an entry may stand
 * twice.
 */
export const createRecoverChanges = (deps: RecoverChangesDeps) =>
  async function* recover({ isDryRun }: { readonly isDryRun: boolean }): AsyncGenerator<RecoveredObject> {
    for await (const failure of deps.failures.all()) {
      yield failure.outcome === 'unreadable'
        ? { outcome: 'kept', key: failure.key, reason: failure.reason, entries: 0, unexplained: [] }
        : await recoverObject(deps, failure, isDryRun);
    }
  };

const recoverObject = async (
  deps: RecoverChangesDeps,
  failure: Extract<StreamFailure, { outcome: 'read' }>,
  isDryRun: boolean,
): Promise<RecoveredObject> => {
  const { key, records } = failure;
  // One that cannot be read says nothing about its neighbours.
  const each = records.map((record) => ({ record, ...readChanges([record]) }));
  const entries = each.flatMap((one) => one.entries);
  const unexplained = each.flatMap((one) => one.unexplained);
  const unreadable = each.filter((one) => one.unreadable !== undefined);
  const count = entries.length + unexplained.length;
  if (!isDryRun) {
    if (count > 0) await deps.auditLog.append([recoveryOf(deps, count)]);
    await deps.auditLog.appendLinked(entries);
    await deps.auditLog.append(unexplained.map(({ draft }) => draft));
    const left = unreadable.map(({ record }) => record);
    if (left.length === 0) await deps.failures.remove(key);
    else if (left.length < records.length) await deps.failures.keepOnly(failure, left);
  }
  const brought = { key, entries: entries.length, unexplained: unexplained.map(summaryOfUnexplained) };
  const [first] = unreadable;
  if (first === undefined) return { outcome: 'recovered', ...brought };
  const reason = `${unreadable.length} of ${records.length} records cannot be read: ${first.unreadable?.reason}`;
  return { outcome: 'kept', reason, ...brought };
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
