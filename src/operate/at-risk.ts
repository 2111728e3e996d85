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

/** A payment with what tells it from others: the same one is found under several ids. */
interface Keyed {
  readonly key: string;
  readonly payment: PaymentAmounts;
}

/** The payments of each webhook; undefined for one whose events name none. */
type PaymentsOf = ReadonlyMap<OfPayments, readonly Keyed[] | undefined>;

const paymentsOf = async (
  payments: Pick<PaymentStore, 'amountsOf'>,
  webhooks: readonly OfPayments[],
  mode: Mode,
): Promise<PaymentsOf> => {
  const idsOfEach = webhooks.map(idsOf);
  const ids = [...new Set(idsOfEach.flat())];
  const each = await payments.amountsOf(ids);
  const found = new Map(
    ids.map((id, index) => [id, (each[index] ?? []).filter((payment) => payment.mode === mode).map(keyed)]),
  );
  const ofWebhook = ({ provider, account }: OfPayments, named: readonly string[]): readonly Keyed[] =>
    named.flatMap((id) =>
      (found.get(id) ?? []).filter(({ payment }) => payment.provider === provider && payment.account === account),
    );
  return new Map(
    webhooks.map((webhook, index) => {
      const named = idsOfEach[index] ?? [];
      return [webhook, named.length === 0 ? undefined : ofWebhook(webhook, named)];
    }),
  );
};

const idsOf = ({ effects }: OfPayments): readonly string[] =>
  effects.events.flatMap(({ paymentId }) => paymentId ?? []);

const keyed = (payment: PaymentAmounts): Keyed => {
  const { provider, account, paymentId } = payment;
  return { key: JSON.stringify([provider, account, paymentId]), payment };
};

const atRisk = (webhooks: readonly OfPayments[], paymentsOfWebhook: PaymentsOf): AtRisk => {
  const payments = new Map<string, PaymentAmounts>();
  let withoutAmount = 0;
  for (const webhook of webhooks) {
    const ofWebhook = paymentsOfWebhook.get(webhook);
    if (ofWebhook === undefined) withoutAmount += 1;
    for (const { key, payment } of ofWebhook ?? []) payments.set(key, payment);
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
