/** What every payment event has: where it comes from, and the ids that it may name. */
import type { EpochMs, Mode, OrderingHint } from '../core/webhook.ts';

/** Where an event comes from. All events have these fields. */
export interface EventSource {
  /** The webhook's id; `#2`, `#3` after it for further events of one webhook. The same on every delivery and replay. */
  readonly id: string;
  readonly webhookId: string;
  readonly provider: string;
  /** The provider's own name of the event, for example `payment_intent.succeeded`. */
  readonly providerType: string;
  readonly account: string | null;
  readonly mode: Mode;
  /** True for a provider's simulator: nothing happened in the world. */
  readonly isSimulated: boolean;
  /** When it happened, by the provider's clock. Null when the provider does not say, or says an impossible time. */
  readonly occurredAt: EpochMs | null;
  /** How the provider orders events of one object. */
  readonly ordering: OrderingHint | null;
}

/**
 * What kind of id names a payment; the earlier in this list, the more events of one payment know it. A dispute names one
 * only where each dispute of the provider is of a single payment and later events of it may name nothing else (Adyen).
 */
export const PAYMENT_NAME_KINDS = ['order', 'payment', 'authorization', 'capture', 'charge', 'dispute'] as const;
export type PaymentNameKind = (typeof PAYMENT_NAME_KINDS)[number];

/**
 * One of the ids that name a payment. PayPal's order, authorization and capture, or Stripe's PaymentIntent and charge, are
 * one payment; a refund may know only the last of them.
 */
export interface PaymentName {
  readonly kind: PaymentNameKind;
  readonly id: string;
}

/** What may belong to a payment. */
export const RELATED_KINDS = [
  ...PAYMENT_NAME_KINDS,
  'refund',
  'checkout',
  'invoice',
  'subscription',
  'customer',
  'merchant_reference',
  /** The entry in the provider's ledger that has fee and net (Stripe's balance transaction). */
  'ledger_entry',
  'review',
  'transfer',
] as const;
export type RelatedKind = (typeof RELATED_KINDS)[number];

/** Ids of the objects that the event speaks of, by kind. */
export type RelatedIds = Readonly<Partial<Record<RelatedKind, string>>>;
