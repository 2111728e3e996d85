/**
 * What went wrong, grouped, with the money that hangs on it. *At risk* is a payment with a webhook that was given up, or that
 * has waited for longer than `LIMITS.atRiskAfterMs`. It is a bound: at most this much.
 */
import { causeOf } from '../core/cause.ts';
import { LIMITS } from '../core/limits.ts';
import { CAUSED, checkTimes } from '../core/match-webhook.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { WebhookFilter, WebhookStore } from '../core/ports/webhook-store.ts';
import type { BriefWebhook, EpochMs, Mode } from '../core/webhook.ts';
import type { PaymentStore } from '../payments/payment-store.ts';
import { type AtRisk, createAtRisk } from './at-risk.ts';

export interface ListCausesDeps {
  readonly store: Pick<WebhookStore, 'listBrief'>;
  readonly payments: Pick<PaymentStore, 'amountsOf'>;
  readonly clock: Pick<Clock, 'now'>;
}

export interface CausesQuery extends Pick<WebhookFilter, 'provider' | 'account' | 'since' | 'until'> {
  /** Of webhooks and payments; undefined for webhooks of all modes, and money of live payments. */
  readonly mode?: Mode | undefined;
}

export interface CauseGroup extends AtRisk {
  /** As in a filter; `waiting` for what no attempt has been made of. */
  readonly cause: string;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

export interface CausesReport {
  /** The most webhooks first. */
  readonly groups: readonly CauseGroup[];
  /** Of all together: a payment that two causes hold up counts once. */
  readonly total: AtRisk;
  /** Nothing older was looked at; null when everything was. */
  readonly scannedUntil: EpochMs | null;
}

interface Held {
  readonly webhook: BriefWebhook;
  readonly cause: string;
}

const WAITING = 'waiting';

const webhooksOf = (held: readonly Held[]): readonly BriefWebhook[] => held.map(({ webhook }) => webhook);

export const createListCauses =
  (deps: ListCausesDeps) =>
  async (query: CausesQuery): Promise<CausesReport> => {
    checkTimes(query);
    const stuckSince = deps.clock.now() - LIMITS.atRiskAfterMs;
    const failed = await walk(deps, { ...query, status: CAUSED, limit: LIMITS.listLimitMax });
    const until = Math.min(query.until ?? stuckSince, stuckSince);
    const isPast = query.since !== undefined && query.since >= until;
    const filter = { ...query, until, status: 'received', limit: LIMITS.listLimitMax } as const;
    const waiting = isPast ? NOTHING : await walk(deps, { ...filter, lookAtMax: LIMITS.causesLookedAtMax });
    const held = [...failed.webhooks, ...waiting.webhooks]
      .filter(
        ({ status, effects, receivedAt }) =>
          status === 'dead_lettered' || (effects.round.startedAt ?? receivedAt) < stuckSince,
      )
      .map((webhook): Held => ({ webhook, cause: causeOf(webhook)?.cause ?? WAITING }));
    const atRisk = await createAtRisk(deps.payments)(webhooksOf(held), query.mode ?? 'live');
    const groups = [...Map.groupBy(held, ({ cause }) => cause)].map(([cause, ofCause]): CauseGroup => {
      const times = ofCause.map(({ webhook }) => webhook.receivedAt);
      const [firstAt, lastAt] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
      return { cause, ...atRisk(webhooksOf(ofCause)), firstAt, lastAt };
    });
    const ends = [failed.scannedUntil, waiting.scannedUntil].filter((end) => end !== null);
    return {
      groups: groups.sort((a, b) => b.webhooks - a.webhooks || b.lastAt - a.lastAt),
      total: atRisk(webhooksOf(held)),
      scannedUntil: ends.length === 0 ? null : Math.max(...ends),
    };
  };

interface Walked {
  readonly webhooks: readonly BriefWebhook[];
  readonly scannedUntil: EpochMs | null;
}

const NOTHING: Walked = { webhooks: [], scannedUntil: null };

/** Pages until there are no more, or `causesLookedAtMax` webhooks are held. */
const walk = async ({ store }: ListCausesDeps, filter: WebhookFilter): Promise<Walked> => {
  const webhooks: BriefWebhook[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.listBrief({ ...filter, after });
    webhooks.push(...page.items);
    if (page.next === null || page.scannedUntil !== null) return { webhooks, scannedUntil: page.scannedUntil };
    if (webhooks.length >= LIMITS.causesLookedAtMax) {
      return { webhooks, scannedUntil: webhooks.at(-1)?.receivedAt ?? null };
    }
    after = page.next;
  }
};
