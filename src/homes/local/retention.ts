/** Removes what has had its time, in small batches beside everything else that the server does. */
import { setTimeout as pause } from 'node:timers/promises';
import type { SqliteExecutor } from '../../adapters/sqlite/sqlite-executor.ts';
import type {
  RetentionInput,
  RetentionMark,
  RetentionPage,
  SubjectMark,
} from '../../adapters/sqlite/sqlite-retention-operations.ts';
import {
  type AuditDigest,
  HASH_CHARS,
  hashOfText,
  trailStartBytes,
  type UnsignedTrailStart,
} from '../../audit/audit.ts';
import { checkDigest } from '../../audit/check-digest.ts';
import type { DigestSigner } from '../../audit/digest-signer.ts';
import { asPayhookError, PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { createSteadyClock } from './steady-clock.ts';

export interface RetentionDeps {
  readonly executor: SqliteExecutor;
  readonly signer: DigestSigner;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long webhooks, payments and what is known of subjects are kept; the trail for at least `LIMITS.auditKeptMsMin`. */
  readonly keptMs: number;
  /** Called between two batches. Ends the round when it answers false. */
  readonly rest: () => Promise<boolean>;
}

export interface Removed {
  readonly webhooks: number;
  readonly payments: number;
  readonly subjects: number;
  readonly auditEntries: number;
}

/** Goes once over everything. Cut off anywhere, what was removed was removed whole, and the next round goes on. */
export const createApplyRetention = (deps: RetentionDeps) => async (): Promise<Removed> => {
  const { executor } = deps;
  // Webhooks first: payments stay for as long as one of theirs does, and entries for as long as their webhook.
  const webhooks = await removeAll(deps, (input: RetentionInput<RetentionMark>) =>
    executor.run('retentionWebhooks', input),
  );
  const payments = await removeAll(deps, (input: RetentionInput<RetentionMark>) =>
    executor.run('retentionPayments', input),
  );
  const subjects = await removeAll(deps, (input: RetentionInput<SubjectMark>) =>
    executor.run('retentionSubjects', input),
  );
  const auditEntries = await cutTrail(deps);
  const removed = { webhooks, payments, subjects, auditEntries };
  for (const [kind, count] of Object.entries(removed)) {
    if (count > 0) deps.logger.info('retention.applied', { kind, count });
  }
  return removed;
};

const removeAll = async <Mark>(
  { clock, keptMs, rest }: RetentionDeps,
  removePage: (input: RetentionInput<Mark>) => Promise<RetentionPage<Mark>>,
): Promise<number> => {
  let removed = 0;
  let after: Mark | undefined;
  do {
    const page = await removePage({ now: clock.now(), keptMs, after });
    removed += page.removed;
    after = page.next;
  } while (after !== undefined && (await rest()));
  return removed;
};

/** One digest at a time, and none that is not as it was signed: what is wrong must be found and not removed. */
const cutTrail = async (deps: RetentionDeps): Promise<number> => {
  const { executor, signer, clock, keptMs, rest } = deps;
  let removed = 0;
  do {
    const now = clock.now();
    const closedBefore = now - Math.max(keptMs, LIMITS.auditKeptMsMin);
    const digest = await executor.run('trailRemovable', { closedBefore });
    if (digest === undefined) break;
    await expectSigned(deps, digest);
    const unsigned: UnsignedTrailStart = {
      digestNumber: digest.number,
      digestHash: digest.hash,
      lastPosition: digest.lastPosition,
      removedAt: now,
    };
    const signature = await signer.sign(trailStartBytes(unsigned));
    const start = { ...unsigned, keyId: signer.keyId, signature };
    if (!(await executor.run('trailCut', { start, closedBefore }))) break;
    removed += digest.entryHashes.length / HASH_CHARS;
  } while (await rest());
  return removed;
};

const expectSigned = async ({ executor, signer }: RetentionDeps, digest: AuditDigest): Promise<void> => {
  const start = await executor.run('trailStart', undefined);
  const previous =
    start === undefined
      ? undefined
      : { number: start.digestNumber, hash: start.digestHash, lastPosition: start.lastPosition };
  const found = await checkDigest(signer, digest, previous);
  const limit = digest.lastPosition - digest.firstPosition + 1;
  const entries = await executor.run('auditRead', { afterPosition: digest.firstPosition - 1, limit });
  const areListed = entries.map(({ text }) => hashOfText(text)).join('') === digest.entryHashes;
  if (found === undefined && areListed) return;
  throw new PayhookError(
    'audit_unavailable',
    `digest ${digest.number} has had its time, but it or its entries are not as they were signed, so nothing more of the trail is removed: run payhook audit verify`,
  );
};

export interface Retention {
  stop(): Promise<void>;
}

/** Runs a round each hour, the first an hour after the start; none for a day after the machine's clock has jumped ahead. */
export const startRetention = (
  deps: Omit<RetentionDeps, 'rest'> & {
    readonly isReceivingBusy: () => boolean;
    /** When something was written down last before this start; null where nothing was. */
    readonly lastKnownAt: Promise<EpochMs | null>;
  },
): Retention => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const rest = async (): Promise<boolean> => {
    const restMs = deps.isReceivingBusy() ? LIMITS.retentionBusyRestMs : LIMITS.retentionRestMs;
    // Aborted, it ends at once.
    await pause(restMs, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  };
  const apply = createApplyRetention({ ...deps, rest });
  let underway: Promise<void> | undefined;
  const steady = deps.lastKnownAt.then((lastKnownAt) => createSteadyClock(deps.clock, lastKnownAt));
  // Told by the round that waits for it.
  steady.catch(() => undefined);
  const round = async (): Promise<void> => {
    try {
      const isSteady = await steady;
      if (!isSteady()) {
        deps.logger.warn('retention.waits', { reason: 'clock_jumped' });
        return;
      }
      await apply();
    } catch (thrown) {
      const { code, message } = asPayhookError(thrown);
      deps.logger.error('retention.not_applied', { code, message });
    }
  };
  const timer = setInterval(() => {
    underway ??= round().finally(() => {
      underway = undefined;
    });
  }, LIMITS.retentionRoundMs);
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await underway;
    },
  };
};
