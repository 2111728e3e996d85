/**
 * Tells of deliveries that were turned away without letting an attacker fill the disk: the first ones of a minute get an
 * audit entry and a log line each, the rest is counted and told as one of both per provider and reason. None goes
 * unaccounted, and no sender can use up what others are told by.
 */
import { type AuditDraft, type AuditEvent, TURNED_AWAY_CHAIN } from '../audit/audit.ts';
import type { AuditAppend } from '../audit/audit-log.ts';
import type { ErrorCode } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { RejectionReason, UnavailableReason } from '../core/ports/provider.ts';
import { createShares, type Sender } from '../core/shares.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { EpochMs } from '../core/webhook.ts';

/** Why a delivery is refused at the edge, before anything of it is verified. */
export type RefusalReason =
  | 'rate_exceeded'
  | 'address_rate_exceeded'
  | 'connections_exceeded'
  | 'body_too_large'
  | 'headers_too_large'
  | 'content_type_not_supported'
  | 'expectation_not_supported'
  | 'path_not_understood'
  | 'request_malformed'
  | 'request_timed_out'
  | 'method_not_allowed'
  | 'provider_unknown'
  | 'overloaded';

export interface TurnedAwayDelivery {
  /** As in the URL when the provider is known, else `unknown`: a sender must not choose what we count. */
  readonly provider: string;
  /** A code out of a closed list: of why it was refused, rejected or unavailable. */
  readonly reason: RejectionReason | RefusalReason | UnavailableReason | ErrorCode;
  /**
   * `refused` at the edge, before anything was verified; `rejected` as not genuine; `unavailable` when that could not be
   * found out or a machine of ours broke: it comes again, and has no audit entry.
   */
  readonly outcome: 'refused' | 'rejected' | 'unavailable';
  readonly sender: Sender;
  readonly requestId: string;
}

export interface TurnedAway {
  /**
   * Resolves when the delivery is durably audited, or counted when what may be told one by one in this minute is used
   * up; says which of the two, so that it is logged alike. A counted one is told by the next `flush`; a process that is
   * killed before loses at most the count since the last flush.
   */
  record(delivery: TurnedAwayDelivery): Promise<'told' | 'counted'>;
  /** Writes what was counted, to the trail and to the log. Called every few seconds and on stop. */
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
    sourceAddress: count === 1 ? delivery.sender.address : null,
    requestId: count === 1 ? delivery.requestId : null,
    traceId: null,
  },
  resource: { type: 'delivery', id: delivery.provider },
  change: null,
  count,
});

interface Counted {
  readonly delivery: TurnedAwayDelivery;
  readonly count: number;
}

export interface TurnedAwayDeps {
  readonly auditLog: AuditAppend;
  readonly clock: Clock;
  readonly logger: Logger;
}

export const createTurnedAway = (deps: TurnedAwayDeps): TurnedAway => {
  const mayTell = createTellingLimit();
  let counted = new Map<string, Counted>();

  const count = (delivery: TurnedAwayDelivery): void => {
    const group = `${delivery.provider} ${delivery.outcome} ${delivery.reason}`;
    // The groups come from closed lists, so the bound is never reached; it keeps a mistake from growing without end.
    const key = counted.has(group) || counted.size < LIMITS.turnedAwayGroupsMax ? group : 'other';
    const known = counted.get(key);
    counted.set(key, { delivery, count: (known?.count ?? 0) + 1 });
  };

  return {
    async record(delivery) {
      const at = deps.clock.now();
      if (!mayTell(delivery, at)) {
        count(delivery);
        return 'counted';
      }
      if (delivery.outcome !== 'unavailable') await deps.auditLog.append([draftOf(delivery, at, 1)]);
      return 'told';
    },
    async flush() {
      if (counted.size === 0) return;
      const flushing = [...counted.values()];
      counted = new Map();
      const at = deps.clock.now();
      for (const group of flushing) logCounted(deps.logger, group);
      const drafts = flushing
        .filter(({ delivery }) => delivery.outcome !== 'unavailable')
        .map((group) => draftOf(group.delivery, at, group.count));
      if (drafts.length > 0) await deps.auditLog.append(drafts);
    },
  };
};

/**
 * Who may be told by itself in a minute: so many in all, a share of them from one sender for one reason, and of limited
 * senders together a share for one reason, so that a crowd with one trick leaves room for others.
 */
const createTellingLimit = () => {
  const { turnedAwayToldPerMinuteMax: max, turnedAwayToldOfStrangersMax: ofStrangersMax } = LIMITS;
  const ofSender = createShares({ max, ofStrangersMax, ofFreeMax: LIMITS.shareOfFreeMax });
  const ofReason = createShares({ max, ofStrangersMax, ofFreeMax: LIMITS.turnedAwayToldOfReasonMax });
  let minute = 0;
  return ({ sender, provider, reason }: TurnedAwayDelivery, at: EpochMs): boolean => {
    const thisMinute = Math.floor(at / MINUTE_MS);
    if (thisMinute !== minute) {
      minute = thisMinute;
      ofSender.clear();
      ofReason.clear();
    }
    const group = `${provider} ${reason}`;
    const senderOfGroup = { ...sender, address: `${sender.address} ${group}` };
    if (!ofSender.take(senderOfGroup)) return false;
    if (ofReason.take({ ...sender, address: group })) return true;
    ofSender.give(senderOfGroup);
    return false;
  };
};

const logCounted = (logger: Logger, { delivery, count }: Counted): void => {
  const { provider, outcome, reason } = delivery;
  logger.warn(`delivery.${outcome}`, { provider, outcome, reason, count });
};
