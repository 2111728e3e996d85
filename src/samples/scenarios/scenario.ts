/** What a scenario is: whole lives of payments as their providers would tell them, and what each has to come out as. */
import type { EpochMs } from '../../core/webhook.ts';
import type { Money } from '../../payments/money.ts';
import type { PaymentDispute, PaymentStatus } from '../../payments/payment.ts';

/** One event as a provider would send it: the whole body, not yet signed. */
export interface ScenarioWebhook {
  readonly provider: string;
  readonly eventType: string;
  readonly body: Uint8Array;
}

/** What a payment comes out as, in whatever order and however often its webhooks arrive. Sums are in minor units. */
export interface PlannedPayment {
  readonly status: PaymentStatus;
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly disputed: bigint;
  readonly disputes: readonly PaymentDispute['state'][];
}

export interface ScenarioPayment {
  readonly provider: string;
  readonly paymentId: string;
  /** What the buyer is to pay. */
  readonly asked: Money;
  /** In the order of what happened. */
  readonly webhooks: readonly ScenarioWebhook[];
  readonly planned: PlannedPayment;
}

export interface LifeInput {
  /** Makes the payment unique: its ids and amounts come from this alone. */
  readonly key: string;
  /** The life is over by now; it began up to some weeks before. */
  readonly now: EpochMs;
  /** What the configuration says of a provider; undefined when it is not configured. */
  readonly settingsOf: (provider: string) => unknown;
}

/** One life of one payment. The same input gives the same bodies. */
export type Life = (input: LifeInput) => ScenarioPayment;

export interface Scenario {
  readonly name: string;
  /** One short line for help texts. */
  readonly summary: string;
  /** Taken in turn, as often as there are payments. */
  readonly lives: readonly [Life, ...Life[]];
}

/** More are no better a test, and all bodies are in memory. */
export const SCENARIO_PAYMENTS_MAX = 10_000;
export const SCENARIO_SEED_MAX = 2 ** 32 - 1;
