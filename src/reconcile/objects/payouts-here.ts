/** What was told here of payouts: no payment has them, so it stands in their webhooks. */
import { LIMITS } from '../../core/limits.ts';
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import type { Seal } from '../../core/seal.ts';
import type { EpochMs, Mode, WebhookSummary } from '../../core/webhook.ts';
import type { PaymentMapping } from '../../payments/map-webhook.ts';
import type { PayoutEvent } from '../../payments/subject-event.ts';
import { eventsIn } from '../compare-meaning.ts';

export interface PayoutsHereDeps {
  readonly store: Pick<WebhookStore, 'get' | 'list'>;
  readonly seal: Pick<Seal, 'open'>;
  readonly mapping: PaymentMapping;
}

export interface PayoutsAsked {
  readonly provider: string;
  readonly mode: Mode;
  /** Nothing that was received before tells of what is compared. */
  readonly since: EpochMs;
}

/** The newest that is known of a payout; undefined when no webhook told of it. Throws what the ports throw. */
export type PayoutHere = (payoutId: string) => Promise<PayoutEvent | undefined>;

/** The family of an event type: payouts are told by types that begin alike. */
const familyOf = (eventType: string): string => `${eventType.split('.')[0]}.*`;

const newestOf = async (
  { store }: PayoutsHereDeps,
  { provider, mode, since }: PayoutsAsked,
  eventType: string,
): Promise<ReadonlyMap<string, WebhookSummary>> => {
  const newest = new Map<string, WebhookSummary>();
  const filter = { provider, mode, since, eventType: familyOf(eventType), limit: LIMITS.listLimitMax };
  let after: string | undefined;
  for (let page = 0; page < LIMITS.reconcilePagesMax; page += 1) {
    const { items, next } = await store.list({ ...filter, after });
    for (const webhook of items) {
      const known = webhook.objectId === null ? undefined : newest.get(webhook.objectId);
      if (webhook.objectId === null || (known !== undefined && known.timestamp >= webhook.timestamp)) continue;
      newest.set(webhook.objectId, webhook);
    }
    if (next === null) break;
    after = next;
  }
  return newest;
};

/** Goes through the webhooks of payouts once, when the first payout is asked for. */
export const createPayoutHere = (deps: PayoutsHereDeps, asked: PayoutsAsked, eventType: string): PayoutHere => {
  let newest: Promise<ReadonlyMap<string, WebhookSummary>> | undefined;
  return async (payoutId) => {
    newest ??= newestOf(deps, asked, eventType);
    const summary = (await newest).get(payoutId);
    const webhook = summary === undefined ? undefined : await deps.store.get(summary);
    if (webhook === undefined) return undefined;
    const events = eventsIn(deps.mapping, webhook, await deps.seal.open(webhook.payload, webhook));
    return typeof events === 'string' ? undefined : events.find((event) => 'payoutId' in event);
  };
};
