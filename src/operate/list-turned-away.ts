/** Deliveries that were not taken, as the trail says it: rejected as not genuine, or refused before that was looked at. */
import { type AuditEntry, type AuditEvent, TURNED_AWAY_CHAIN } from '../audit/audit.ts';
import type { Page } from '../core/page.ts';
import { type AuditQuery, createListAuditEntries, type ListAuditEntriesDeps } from './list-audit-entries.ts';

export const TURNED_AWAY_OUTCOMES = ['rejected', 'refused'] as const;
type TurnedAwayOutcome = (typeof TURNED_AWAY_OUTCOMES)[number];

export interface TurnedAwayQuery extends Pick<AuditQuery, 'since' | 'until' | 'after' | 'limit'> {
  readonly outcome?: TurnedAwayOutcome | undefined;
  readonly provider?: string | undefined;
}

const EVENTS: Readonly<Record<TurnedAwayOutcome, readonly AuditEvent[]>> = {
  rejected: ['REJECTED_SIGNATURE', 'REJECTED_REPLAY'],
  refused: ['REFUSED_AT_EDGE', 'REJECTED_AT_EDGE'],
};

/** Newest first: a walk along their own chain. What an operator accepted of it later is for those who may read the trail. */
export const createListTurnedAway = (deps: ListAuditEntriesDeps) => {
  const list = createListAuditEntries(deps);
  return ({ outcome, provider, ...page }: TurnedAwayQuery): Promise<Page<AuditEntry>> =>
    list({
      ...page,
      chain: TURNED_AWAY_CHAIN,
      event: outcome === undefined ? TURNED_AWAY_OUTCOMES.flatMap((each) => EVENTS[each]) : EVENTS[outcome],
      actor: provider === undefined ? undefined : `provider:${provider}`,
    });
};
