/** What happens in the life of a payment, before a provider tells it; and what the tellings of all providers share. */
import fc from 'fast-check';
import type { PaymentStatus } from '../../src/payments/payment.ts';
import type { PaymentEvent } from '../../src/payments/payment-event.ts';

export interface Expected {
  readonly status: PaymentStatus;
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly refundPending: bigint;
  readonly reversed: bigint;
  readonly disputed: bigint;
}

/** A plan as a provider tells it. */
export interface ToldPlan {
  readonly provider: string;
  /** The events of each webhook, in the order of what happened. */
  readonly webhooks: readonly (readonly PaymentEvent[])[];
  readonly expected: Expected;
}

const START_SECONDS = 1_772_368_000;

export type Ending = 'pending' | 'succeeded' | 'failed' | 'canceled';

export interface Plan {
  readonly amount: number;
  /** Per thousand of the amount. */
  readonly capturedShare: number;
  readonly failedAttempts: number;
  readonly path: 'automatic' | 'manual' | 'canceled' | 'open';
  readonly hasCheckout: boolean;
  /** Refunds, each a share of what is left, and how it ends. */
  readonly refunds: readonly { readonly share: number; readonly ending: Ending; readonly isSlow: boolean }[];
  readonly dispute: 'none' | 'open' | 'won' | 'lost';
  /** Seconds between two events of one object; 0 is common. */
  readonly gaps: readonly number[];
}

export const plan: fc.Arbitrary<Plan> = fc.record({
  amount: fc.integer({ min: 1000, max: 1_000_000 }),
  capturedShare: fc.integer({ min: 1, max: 1000 }),
  failedAttempts: fc.integer({ min: 0, max: 2 }),
  path: fc.constantFrom('automatic', 'automatic', 'manual', 'manual', 'canceled', 'open'),
  hasCheckout: fc.boolean(),
  refunds: fc.array(
    fc.record({
      share: fc.integer({ min: 1, max: 1000 }),
      ending: fc.constantFrom('pending', 'succeeded', 'succeeded', 'failed', 'canceled'),
      isSlow: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  dispute: fc.constantFrom('none', 'none', 'open', 'won', 'lost'),
  gaps: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 7 }),
});

/** A clock of whole seconds that stands still now and then. */
export const clockOf = ({ gaps }: Plan) => {
  let seconds = START_SECONDS;
  let turn = 0;
  return {
    now: (): number => seconds,
    /** The next event of a life; it may fall into the same second. */
    tick: (): number => {
      seconds += gaps[turn % gaps.length] ?? 0;
      turn += 1;
      return seconds;
    },
    /** Something that cannot fall into the same second, as a bank's answer. */
    wait: (): void => {
      seconds += 1;
    },
  };
};

export const shareOf = (amount: number, share: number): number => Math.max(1, Math.floor((amount * share) / 1000));

export interface Back {
  readonly amount: number;
  ending: Ending;
}

export const sumOf = (refunds: readonly Back[], ending: Ending): bigint =>
  BigInt(refunds.filter((one) => one.ending === ending).reduce((sum, { amount }) => sum + amount, 0));

export const givenBack = (refunds: readonly Back[]): number =>
  refunds
    .filter(({ ending }) => ending === 'succeeded' || ending === 'pending')
    .reduce((sum, { amount }) => sum + amount, 0);

export const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();
