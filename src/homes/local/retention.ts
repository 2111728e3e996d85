/** Removes what has had its time, in small batches beside everything else that the server does. */
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
import { SECOND_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { createMakeRoom } from './make-room.ts';
import type { ReceivingLoad } from './receiving-load.ts';
import { createSteadyClock } from './steady-clock.ts';

export interface RetentionDeps {
  readonly executor: SqliteExecutor;
  readonly signer: DigestSigner;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long webhooks, payments and what is known of subjects are kept; the trail for at least `LIMITS.auditKeptMsMin`. */
  readonly keptMs: number;
  /** Called between two batches, with how long the last one took. Ends the round when it answers false. */
  readonly rest: (tookMs: number) => Promise<boolean>;
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
  let tookMs: () => number;
  do {
    tookMs = startTiming(clock);
    const page = await removePage({ now: clock.now(), keptMs, after });
    removed += page.removed;
    after = page.next;
  } while (after !== undefined && (await rest(tookMs())));
  return removed;
};

const startTiming = (clock: Clock): (() => number) => {
  const seconds = clock.stopwatch();
  return () => seconds() * SECOND_MS;
};

/**
 * One digest at a time, and none that is not as it was signed: what is wrong must be found and not removed. The trail begins
 * behind it then, and its entries go in batches; those of a round that was cut off go first in the next one.
 */
const cutTrail = async (deps: RetentionDeps): Promise<number> => {
  const { executor, signer, clock, keptMs, rest } = deps;
  let removed = 0;
  let tookMs: () => number;
  do {
    const trimmed = await trimTrail(deps);
    removed += trimmed.removed;
    if (!trimmed.isAll) break;
    tookMs = startTiming(clock);
    const now = clock.now();
    const closedBefore = now - Math.max(keptMs, LIMITS.auditKeptMsMin);
    const digest = await executor.run('trailRemovable', { closedBefore });
    if (digest === undefined) break;
    if (!(await expectSigned(deps, digest))) break;
    const unsigned: UnsignedTrailStart = {
      digestNumber: digest.number,
      digestHash: digest.hash,
      lastPosition: digest.lastPosition,
      removedAt: now,
    };
    const signature = await signer.sign(trailStartBytes(unsigned));
    const start = { ...unsigned, keyId: signer.keyId, signature };
    if (!(await executor.run('trailCut', { start, closedBefore }))) break;
  } while (await rest(tookMs()));
  return removed;
};

const trimTrail = async ({
  executor,
  clock,
  rest,
}: RetentionDeps): Promise<{ readonly removed: number; readonly isAll: boolean }> => {
  let removed = 0;
  for (;;) {
    const tookMs = startTiming(clock);
    const trimmed = await executor.run('trailTrim', undefined);
    removed += trimmed;
    if (trimmed === 0) return { removed, isAll: true };
    if (!(await rest(tookMs()))) return { removed, isAll: false };
  }
};

/** False when the round ends meanwhile. */
const expectSigned = async (
  { executor, signer, clock, rest }: RetentionDeps,
  digest: AuditDigest,
): Promise<boolean> => {
  const start = await executor.run('trailStart', undefined);
  const previous =
    start === undefined
      ? undefined
      : { number: start.digestNumber, hash: start.digestHash, lastPosition: start.lastPosition };
  const found = await checkDigest(signer, digest, previous);
  let areListed = true;
  for (let position = digest.firstPosition; areListed && position <= digest.lastPosition; ) {
    const tookMs = startTiming(clock);
    const limit = Math.min(LIMITS.trailBatchMax, digest.lastPosition - position + 1);
    const entries = await executor.run('auditRead', { afterPosition: position - 1, limit });
    const from = (position - digest.firstPosition) * HASH_CHARS;
    const listed = digest.entryHashes.slice(from, from + limit * HASH_CHARS);
    areListed = entries.map(({ text }) => hashOfText(text)).join('') === listed;
    position += limit;
    if (!(await rest(tookMs()))) return false;
  }
  if (found === undefined && areListed) return true;
  throw new PayhookError(
    'audit_unavailable',
    `digest ${digest.number} has had its time, but it or its entries are not as they were signed, so nothing more of the trail is removed: run payhook audit verify`,
  );
};

export interface Retention {
  stop(): Promise<void>;
}

export interface StartRetentionDeps extends Omit<RetentionDeps, 'rest'> {
  readonly load: Pick<ReceivingLoad, 'isBusy' | 'isReceiving'>;
  /** When something was written down last before this start; null where nothing was. */
  readonly lastKnownAt: Promise<EpochMs | null>;
  /** Between two rounds, and before the first. @default LIMITS.retentionRoundMs */
  readonly roundMs?: number;
}

/** Runs a round each hour, the first an hour after the start; none for a day after the machine's clock has jumped ahead. */
export const startRetention = (deps: StartRetentionDeps): Retention => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const makeRoom = createMakeRoom(deps.load, signal);
  const rest = async (tookMs: number): Promise<boolean> => {
    await makeRoom(tookMs, LIMITS.retentionRestMs);
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
  }, deps.roundMs ?? LIMITS.retentionRoundMs);
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await underway;
    },
  };
};
