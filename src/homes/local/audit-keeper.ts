/** Keeps the audit trail of a running server whole: what the home itself did, counted deliveries that were turned away, signed digests. */
import { type AuditDraft, HOME_CHAIN } from '../../audit/audit.ts';
import { createCloseDigests } from '../../audit/digests.ts';
import { asPayhookError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { TurnedAway } from '../../receive/turned-away.ts';
import type { LocalHome } from './home.ts';

/** How often counted deliveries that were turned away are written and runs of audit entries are closed. */
const INTERVAL_MS = 5_000;

export interface AuditKeeper {
  /** Throws what the audit log throws: a home that cannot audit its start does not start. */
  homeStarted(): Promise<void>;
  /**
   * Writes everything that is still to be written, then ends. A disk that refuses it is logged and nothing more: a
   * server that cannot write must still be able to stop.
   */
  stop(reason: string): Promise<void>;
}

export const startAuditKeeper = (home: LocalHome, turnedAway: TurnedAway, logger: Logger): AuditKeeper => {
  const { auditLog, signer, anchor, clock } = home;
  const closeDigests = createCloseDigests({ auditLog, signer, anchor, clock, logger });

  const keep = async (...drafts: AuditDraft[]): Promise<void> => {
    try {
      await turnedAway.flush();
      if (drafts.length > 0) await auditLog.append(drafts);
      await closeDigests();
    } catch (thrown) {
      const { code, message } = asPayhookError(thrown);
      logger.error('audit.not_written', { code, message });
    }
  };

  const entry = (event: 'HOME_STARTED' | 'HOME_STOPPED', reason: string | null): AuditDraft => ({
    chainId: HOME_CHAIN,
    at: clock.now(),
    actor: { type: 'component', id: 'server' },
    event,
    outcome: 'success',
    reason,
    origin: { sourceAddress: null, requestId: null, traceId: null },
    resource: { type: 'home', id: 'local' },
    change: null,
    count: 1,
  });

  // A round that takes longer than the interval is not followed by a crowd of others.
  let underway: Promise<void> | undefined;
  const timer = setInterval(() => {
    underway ??= keep().finally(() => {
      underway = undefined;
    });
  }, INTERVAL_MS);
  let hasStarted = false;
  return {
    async homeStarted() {
      await auditLog.append([entry('HOME_STARTED', null)]);
      hasStarted = true;
    },
    async stop(reason) {
      clearInterval(timer);
      await underway;
      await keep(...(hasStarted ? [entry('HOME_STOPPED', reason)] : []));
    },
  };
};
