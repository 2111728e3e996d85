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
import type { Money } from '../payments/money.ts';
import type { PaymentAmounts, PaymentStore } from '../payments/payment-store.ts';

export interface ListCausesDeps {
  readonly store: Pick<WebhookStore, 'listBrief'>;
  readonly payments: Pick<PaymentStore, 'amountsOf'>;
  readonly clock: Pick<Clock, 'now'>;
}

export interface CausesQuery extends Pick<WebhookFilter, 'provider' | 'account' | 'since' | 'until'> {
  /** Of webhooks and payments; undefined for webhooks of all modes, and money of live payments. */
  readonly mode?: Mode | undefined;
}

/** Each payment counts once; amounts of different currencies are never added up. */
export interface AtRisk {
  readonly webhooks: number;
  readonly payments: number;
  /** What was captured, else what was asked for: one sum for each currency and exponent. */
  readonly money: readonly Money[];
  /** Webhooks that lead to no payment, and payments without an amount. */
  readonly withoutAmount: number;
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
    const payments = await paymentsOf(deps, held, query.mode ?? 'live');
    const groups = [...Map.groupBy(held, ({ cause }) => cause)].map(([cause, ofCause]): CauseGroup => {
      const times = ofCause.map(({ webhook }) => webhook.receivedAt);
      const [firstAt, lastAt] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
      return { cause, ...atRisk(ofCause, payments), firstAt, lastAt };
    });
    const ends = [failed.scannedUntil, waiting.scannedUntil].filter((end) => end !== null);
    return {
      groups: groups.sort((a, b) => b.webhooks - a.webhooks || b.lastAt - a.lastAt),
      total: atRisk(held, payments),
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

/** The payments of each webhook, by its key. */
type PaymentsOf = ReadonlyMap<BriefWebhook, readonly PaymentAmounts[]>;

const paymentsOf = async (deps: ListCausesDeps, held: readonly Held[], mode: Mode): Promise<PaymentsOf> => {
  const ids = [...new Set(held.flatMap(({ webhook }) => idsOf(webhook)))];
  const each = await deps.payments.amountsOf(ids);
  const found = new Map(ids.map((id, index) => [id, each[index] ?? []]));
  const isOf = (webhook: BriefWebhook, payment: PaymentAmounts): boolean =>
    payment.mode === mode && payment.provider === webhook.provider && payment.account === webhook.account;
  return new Map(
    held.map(({ webhook }) => [
      webhook,
      idsOf(webhook).flatMap((id) => (found.get(id) ?? []).filter((payment) => isOf(webhook, payment))),
    ]),
  );
};

const idsOf = ({ effects }: BriefWebhook): readonly string[] =>
  effects.events.flatMap(({ paymentId }) => paymentId ?? []);

const keyOf = ({ provider, account, paymentId }: PaymentAmounts): string =>
  JSON.stringify([provider, account, paymentId]);

const atRisk = (held: readonly Held[], paymentsOfWebhook: PaymentsOf): AtRisk => {
  const payments = new Map<string, PaymentAmounts>();
  let withoutAmount = 0;
  for (const { webhook } of held) {
    const ofWebhook = paymentsOfWebhook.get(webhook) ?? [];
    if (idsOf(webhook).length === 0) withoutAmount += 1;
    for (const payment of ofWebhook) payments.set(keyOf(payment), payment);
  }
  const sums = new Map<string, Money>();
  for (const payment of payments.values()) {
    const { captured } = payment;
    const amount = captured !== null && captured.minor !== 0n ? captured : payment.amount;
    if (amount === null) {
      withoutAmount += 1;
      continue;
    }
    const key = `${amount.currency} ${amount.exponent}`;
    sums.set(key, { ...amount, minor: (sums.get(key)?.minor ?? 0n) + amount.minor });
  }
  const money = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
  return { webhooks: held.length, payments: payments.size, money, withoutAmount };
};
