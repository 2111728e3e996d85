/** How much money hangs on webhooks. It is a bound: at most this much. The same for causes and for jobs. */
import type { BriefWebhook, Mode } from '../core/webhook.ts';
import type { Money } from '../payments/money.ts';
import type { PaymentAmounts, PaymentStore } from '../payments/payment-store.ts';

/** As much of a webhook as leads to its payments. */
export type OfPayments = Pick<BriefWebhook, 'provider' | 'account' | 'effects'>;

/** Each payment counts once; amounts of different currencies are never added up. */
export interface AtRisk {
  readonly webhooks: number;
  readonly payments: number;
  /** What was captured, else what was asked for: one sum for each currency and exponent. */
  readonly money: readonly Money[];
  /** Webhooks that lead to no payment, and payments without an amount. */
  readonly withoutAmount: number;
}

/** Looks up the payments of all `webhooks` at once; what it returns adds up any of them. */
export const createAtRisk =
  (payments: Pick<PaymentStore, 'amountsOf'>) =>
  async <Of extends OfPayments>(webhooks: readonly Of[], mode: Mode): Promise<(some: readonly Of[]) => AtRisk> => {
    const ofEach = await paymentsOf(payments, webhooks, mode);
    return (some) => atRisk(some, ofEach);
  };

/** The payments of each webhook. */
type PaymentsOf = ReadonlyMap<OfPayments, readonly PaymentAmounts[]>;

const paymentsOf = async (
  payments: Pick<PaymentStore, 'amountsOf'>,
  webhooks: readonly OfPayments[],
  mode: Mode,
): Promise<PaymentsOf> => {
  const ids = [...new Set(webhooks.flatMap(idsOf))];
  const each = await payments.amountsOf(ids);
  const found = new Map(ids.map((id, index) => [id, each[index] ?? []]));
  const isOf = (webhook: OfPayments, payment: PaymentAmounts): boolean =>
    payment.mode === mode && payment.provider === webhook.provider && payment.account === webhook.account;
  return new Map(
    webhooks.map((webhook) => [
      webhook,
      idsOf(webhook).flatMap((id) => (found.get(id) ?? []).filter((payment) => isOf(webhook, payment))),
    ]),
  );
};

const idsOf = ({ effects }: OfPayments): readonly string[] =>
  effects.events.flatMap(({ paymentId }) => paymentId ?? []);

const keyOf = ({ provider, account, paymentId }: PaymentAmounts): string =>
  JSON.stringify([provider, account, paymentId]);

const atRisk = (webhooks: readonly OfPayments[], paymentsOfWebhook: PaymentsOf): AtRisk => {
  const payments = new Map<string, PaymentAmounts>();
  let withoutAmount = 0;
  for (const webhook of webhooks) {
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
  return { webhooks: webhooks.length, payments: payments.size, money, withoutAmount };
};
