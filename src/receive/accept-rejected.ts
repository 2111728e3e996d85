/**
 * Takes a delivery out of the rejected box into the store, once it verifies: by the same `receive` that it failed at, as of
 * the time at which it came. What does not verify cannot be accepted, by nobody (I2).
 */
import { type AuditDraft, TURNED_AWAY_CHAIN } from '../audit/audit.ts';
import type { AuditAppend } from '../audit/audit-log.ts';
import { toldBefore } from '../audit/told-before.ts';
import type { Clock } from '../core/ports/clock.ts';
import { type RejectedBox, type RejectedDelivery, rejectedKey } from '../core/ports/rejected-box.ts';
import type { Actor } from '../core/webhook.ts';
import { createReceive, type ReceiveDeps, type ReceiveOutcome } from './receive.ts';
import { unpackDelivery } from './rejected-payload.ts';

export interface AcceptRejectedDeps extends ReceiveDeps {
  readonly box: RejectedBox;
  readonly auditLog: AuditAppend;
  readonly clock: Clock;
}

export type AcceptOutcome =
  | ReceiveOutcome
  /** Card data was masked in what is kept, so the bytes are no longer those that were signed. */
  | { readonly outcome: 'masked' };

/** What a delivery became that is stored now, or was before. */
export const webhookIdsOf = (outcome: AcceptOutcome): readonly string[] =>
  'events' in outcome ? outcome.events.map(({ webhookId }) => webhookId) : [];

/** Twice is once: the second time it is a duplicate. The entry is written before the webhook is stored, so none lacks its own; and one more where none was. */
export const createAcceptRejected =
  (deps: AcceptRejectedDeps) =>
  async (rejected: RejectedDelivery, operator: Actor, reason: string): Promise<AcceptOutcome> => {
    if (rejected.cardDataCount > 0) return { outcome: 'masked' };
    const { provider: providerName, rejectedAt, traceId } = rejected;
    const delivery = unpackDelivery(await deps.seal.open(rejected.payload, rejectedKey(rejected)));
    const configured = deps.providers.get(providerName);
    const secrets = await deps.secrets.secretsOf(providerName);
    if (configured === undefined || secrets.length === 0) return { outcome: 'provider_unknown' };
    const { provider, settings } = configured;
    const publicUrl = provider.configuredUrl?.(settings) ?? delivery.publicUrl;
    const verification = await provider.verify({
      delivery: { ...delivery, publicUrl },
      secrets,
      settings,
      now: rejectedAt,
      certificates: deps.certificates,
    });
    if (verification.outcome !== 'verified') return verification;

    const draft = draftOf(rejected, operator, reason);
    const outcome = await toldBefore(deps, draft, () => {
      const receive = createReceive({ ...deps, clock: { ...deps.clock, now: () => rejectedAt } });
      return receive({ providerName, delivery, receivedAt: rejectedAt, traceId });
    });
    const at = deps.clock.now();
    if (outcome.outcome === 'accepted' || outcome.outcome === 'duplicate') {
      await deps.box.markAccepted(rejected.id, { at, webhookIds: webhookIdsOf(outcome) });
    } else await deps.auditLog.append([{ ...draft, at, outcome: 'failure', reason: outcome.outcome, change: null }]);
    return outcome;
  };

const draftOf = (rejected: RejectedDelivery, actor: Actor, reason: string): Omit<AuditDraft, 'at' | 'outcome'> => ({
  chainId: TURNED_AWAY_CHAIN,
  actor,
  event: 'REJECTED_ACCEPTED',
  reason,
  origin: { sourceAddress: rejected.sourceAddress, requestId: null, traceId: rejected.traceId },
  resource: { type: 'delivery', id: rejected.id },
  change: { from: rejected.reason, to: 'accepted' },
  count: 1,
});
