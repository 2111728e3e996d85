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
import { type AtRisk, createPaymentsOf, createRiskSum, type RiskSum } from './at-risk.ts';
import { timeOrNull } from './webhook-json.ts';

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
  /** As in a filter; `waiting` for what no attempt has failed of since it was received, replayed or redriven. */
  readonly cause: string;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

/** Of the webhooks: how many were given up and how many wait, and when the oldest of both came; null when there is none. */
export interface StuckTotal extends AtRisk {
  readonly deadLettered: number;
  readonly waiting: number;
  readonly oldestAt: EpochMs | null;
}

export interface CausesReport {
  /** The most webhooks first. */
  readonly groups: readonly CauseGroup[];
  /** Of all together: a payment that two causes hold up counts once. */
  readonly total: StuckTotal;
  /** Nothing older was looked at; null when everything was. */
  readonly scannedUntil: EpochMs | null;
}

/** A group while it grows. */
interface Growing {
  readonly sum: RiskSum;
  firstAt: EpochMs;
  lastAt: EpochMs;
}

const WAITING = 'waiting';

/** `atOnceMax`: webhooks that are read at a time. */
export const createListCauses =
  (deps: ListCausesDeps, atOnceMax: number = LIMITS.listLimitMax) =>
  async (query: CausesQuery): Promise<CausesReport> => {
    checkTimes(query);
    const stuckSince = deps.clock.now() - LIMITS.atRiskAfterMs;
    const isAtRisk = ({ status, effects, receivedAt }: BriefWebhook): boolean =>
      status === 'dead_lettered' || (effects.round.startedAt ?? receivedAt) < stuckSince;
    const paymentsOf = createPaymentsOf(deps.payments);
    const growing = new Map<string, Growing>();
    const total = createRiskSum();
    let [deadLettered, oldestAt] = [0, Infinity];

    const add = async (page: readonly BriefWebhook[]): Promise<void> => {
      const held = page.filter(isAtRisk);
      const payments = await paymentsOf(held, query.mode ?? 'live');
      for (const [index, webhook] of held.entries()) {
        const ofWebhook = payments[index] ?? null;
        groupOf(growing, webhook).sum.add(ofWebhook);
        if (webhook.status === 'dead_lettered') deadLettered += 1;
        oldestAt = Math.min(oldestAt, webhook.receivedAt);
        total.add(ofWebhook);
      }
    };

    const failed = await walk(deps, { ...query, status: CAUSED, limit: atOnceMax }, add);
    const until = Math.min(query.until ?? stuckSince, stuckSince);
    const isPast = query.since !== undefined && query.since >= until;
    const filter = { ...query, until, status: 'received', limit: atOnceMax } as const;
    const waiting = isPast ? null : await walk(deps, { ...filter, lookAtMax: LIMITS.causesLookedAtMax }, add);
    const groups = [...growing].map(
      ([cause, { sum, firstAt, lastAt }]): CauseGroup => ({ cause, ...sum.total(), firstAt, lastAt }),
    );
    const ends = [failed, waiting].filter((end) => end !== null);
    return {
      groups: groups.sort((a, b) => b.webhooks - a.webhooks || b.lastAt - a.lastAt),
      total: stuckTotal(total.total(), deadLettered, oldestAt),
      scannedUntil: ends.length === 0 ? null : Math.max(...ends),
    };
  };

const stuckTotal = (total: AtRisk, deadLettered: number, oldestAt: number): StuckTotal => ({
  ...total,
  deadLettered,
  waiting: total.webhooks - deadLettered,
  oldestAt: total.webhooks === 0 ? null : oldestAt,
});

/** As JSON, beside the causes. Stable. */
export const stuckJson = ({ webhooks, payments, money, withoutAmount, ...stuck }: StuckTotal) => ({
  webhooks,
  payments,
  money: money.map(({ minor, ...unit }) => ({ ...unit, minor: String(minor) })),
  withoutAmount,
  ...stuck,
  oldestAt: timeOrNull(stuck.oldestAt),
});

/** The group of this webhook, with its time. */
const groupOf = (growing: Map<string, Growing>, webhook: BriefWebhook): Growing => {
  const cause = causeOf(webhook)?.cause ?? WAITING;
  const { receivedAt } = webhook;
  const known = growing.get(cause);
  if (known === undefined) {
    const begun = { sum: createRiskSum(), firstAt: receivedAt, lastAt: receivedAt };
    growing.set(cause, begun);
    return begun;
  }
  known.firstAt = Math.min(known.firstAt, receivedAt);
  known.lastAt = Math.max(known.lastAt, receivedAt);
  return known;
};

/** Hands on page after page until there are no more, or `causesLookedAtMax` webhooks were. Returns how far it looked; null for all. */
const walk = async (
  { store }: ListCausesDeps,
  filter: WebhookFilter,
  add: (page: readonly BriefWebhook[]) => Promise<void>,
): Promise<EpochMs | null> => {
  let lookedAt = 0;
  for (let after: string | undefined; ; ) {
    const { items, next, scannedUntil } = await store.listBrief({ ...filter, after });
    await add(items);
    lookedAt += items.length;
    if (next === null || scannedUntil !== null) return scannedUntil;
    if (lookedAt >= LIMITS.causesLookedAtMax) return items.at(-1)?.receivedAt ?? null;
    after = next;
  }
};
