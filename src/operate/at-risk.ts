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

/** A payment with what tells it from others: the same one is found under several ids. */
interface KeyedPayment {
  readonly key: string;
  readonly payment: PaymentAmounts;
}

/** The payments of one webhook; null for one whose events name none. */
export type PaymentsOfWebhook = readonly KeyedPayment[] | null;

/** Of each of `webhooks`, in their order: all are looked up at once. */
export const createPaymentsOf =
  (payments: Pick<PaymentStore, 'amountsOf'>) =>
  async (webhooks: readonly OfPayments[], mode: Mode): Promise<readonly PaymentsOfWebhook[]> => {
    const idsOfEach = webhooks.map(idsOf);
    const ids = [...new Set(idsOfEach.flat())];
    const each = await payments.amountsOf(ids);
    const found = new Map(
      ids.map((id, index) => [id, (each[index] ?? []).filter((payment) => payment.mode === mode).map(keyed)]),
    );
    return webhooks.map(({ provider, account }, index) => {
      const named = idsOfEach[index] ?? [];
      if (named.length === 0) return null;
      return named.flatMap((id) =>
        (found.get(id) ?? []).filter(({ payment }) => payment.provider === provider && payment.account === account),
      );
    });
  };

const idsOf = ({ effects }: OfPayments): readonly string[] =>
  effects.events.flatMap(({ paymentId }) => paymentId ?? []);

const keyed = (payment: PaymentAmounts): KeyedPayment => {
  const { provider, account, paymentId } = payment;
  return { key: JSON.stringify([provider, account, paymentId]), payment };
};

/** What hangs on webhooks that are added one by one: of ten thousand it keeps no more than which payments were counted. */
export interface RiskSum {
  add(ofWebhook: PaymentsOfWebhook): void;
  total(): AtRisk;
}

export const createRiskSum = (): RiskSum => {
  const counted = new Set<string>();
  const sums = new Map<string, Money>();
  let [webhooks, withoutAmount] = [0, 0];

  const count = ({ captured, amount: asked }: PaymentAmounts): void => {
    const amount = captured !== null && captured.minor !== 0n ? captured : asked;
    if (amount === null) {
      withoutAmount += 1;
      return;
    }
    const { currency, exponent, minor } = amount;
    const unit = `${currency} ${exponent}`;
    sums.set(unit, { currency, exponent, minor: (sums.get(unit)?.minor ?? 0n) + minor });
  };

  return {
    add(ofWebhook) {
      webhooks += 1;
      if (ofWebhook === null) withoutAmount += 1;
      for (const { key, payment } of ofWebhook ?? []) {
        if (counted.has(key)) continue;
        counted.add(key);
        count(payment);
      }
    },
    total() {
      const money = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
      return { webhooks, payments: counted.size, money, withoutAmount };
    },
  };
};
