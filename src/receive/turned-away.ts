/**
 * Audits deliveries that were turned away without letting an attacker fill the disk: the first ones of a minute get an
 * entry each, the rest is counted and written as one entry per minute, provider and reason. None goes unaccounted.
 */
import { type AuditDraft, type AuditEvent, TURNED_AWAY_CHAIN } from '../audit/audit.ts';
import type { AuditAppend } from '../audit/audit-log.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { RejectionReason } from '../core/ports/provider.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { EpochMs } from '../core/webhook.ts';

/** Why a delivery is refused at the edge, before anything of it is verified. */
export type RefusalReason =
  | 'rate_exceeded'
  | 'address_rate_exceeded'
  | 'body_too_large'
  | 'headers_too_large'
  | 'content_type_not_supported'
  | 'path_not_understood'
  | 'request_malformed'
  | 'request_timed_out'
  | 'method_not_allowed'
  | 'provider_unknown'
  | 'overloaded';

export interface TurnedAwayDelivery {
  /** As in the URL when the provider is known, else `unknown`: a sender must not choose what we count. */
  readonly provider: string;
  readonly reason: RejectionReason | RefusalReason;
  /** `refused` at the edge, before anything was verified; `rejected` as not genuine. */
  readonly outcome: 'refused' | 'rejected';
  readonly sourceAddress: string | null;
  readonly requestId: string;
}

export interface TurnedAway {
  /**
   * Resolves when the delivery is durably audited, or counted when this minute's single entries are used up. A counted
   * one is written by the next `flush`; a process that is killed before loses at most the count since the last flush.
   */
  record(delivery: TurnedAwayDelivery): Promise<void>;
  /** Writes what was counted. Called every few seconds and on stop. */
  flush(): Promise<void>;
}

const REPLAY_REASONS: ReadonlySet<string> = new Set([
  'timestamp_too_old',
  'timestamp_too_new',
  'transmission_conflict',
]);

const eventOf = (delivery: TurnedAwayDelivery): AuditEvent => {
  if (delivery.outcome === 'refused') return 'REFUSED_AT_EDGE';
  return REPLAY_REASONS.has(delivery.reason) ? 'REJECTED_REPLAY' : 'REJECTED_SIGNATURE';
};

const draftOf = (delivery: TurnedAwayDelivery, at: EpochMs, count: number): AuditDraft => ({
  chainId: TURNED_AWAY_CHAIN,
  at,
  actor: { type: 'provider', id: delivery.provider },
  event: eventOf(delivery),
  outcome: 'failure',
  reason: delivery.reason,
  origin: {
    sourceAddress: count === 1 ? delivery.sourceAddress : null,
    requestId: count === 1 ? delivery.requestId : null,
    traceId: null,
  },
  resource: { type: 'delivery', id: delivery.provider },
  change: null,
  count,
});

export const createTurnedAway = (deps: { readonly auditLog: AuditAppend; readonly clock: Clock }): TurnedAway => {
  let minute = 0;
  let singles = 0;
  let counted = new Map<string, { delivery: TurnedAwayDelivery; count: number }>();

  const count = (delivery: TurnedAwayDelivery): void => {
    const group = `${delivery.provider} ${delivery.reason}`;
    // The groups come from closed lists, so the bound is never reached; it keeps a mistake from growing without end.
    const key = counted.has(group) || counted.size < LIMITS.turnedAwayGroupsMax ? group : 'other';
    const known = counted.get(key);
    counted.set(key, { delivery, count: (known?.count ?? 0) + 1 });
  };

  return {
    async record(delivery) {
      const at = deps.clock.now();
      const thisMinute = Math.floor(at / MINUTE_MS);
      if (thisMinute !== minute) {
        minute = thisMinute;
        singles = 0;
      }
      if (singles >= LIMITS.turnedAwayAuditedPerMinuteMax) {
        count(delivery);
        return;
      }
      singles += 1;
      await deps.auditLog.append([draftOf(delivery, at, 1)]);
    },
    async flush() {
      if (counted.size === 0) return;
      const flushing = counted;
      counted = new Map();
      const at = deps.clock.now();
      await deps.auditLog.append([...flushing.values()].map((group) => draftOf(group.delivery, at, group.count)));
    },
  };
};
