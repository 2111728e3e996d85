/** Numbers about the flow: Prometheus text on one machine, CloudWatch EMF on AWS. */
import type { WebhookStatus } from '../status.ts';
import type { RejectionReason } from './provider.ts';

export type DeliveryOutcome = 'accepted' | 'duplicate' | 'rejected' | 'unavailable' | 'too_large' | 'refused';
/** Of one attempt: the status that it led to, or `skipped` when there was nothing to do. */
export type AttemptEnd = Exclude<WebhookStatus, 'received'> | 'skipped';

export type SendOutcome = 'delivered' | 'failed' | 'given_up';

export interface Metrics {
  /** One delivery answered. `reason` only for rejected ones; `seconds` from the first byte of the request to the answer. */
  delivery(provider: string, outcome: DeliveryOutcome, seconds: number, reason?: RejectionReason): void;
  attempt(provider: string, outcome: AttemptEnd, seconds: number): void;
  /** One attempt to deliver an event to a destination. */
  destination(name: string, outcome: SendOutcome, seconds: number): void;
  cardDataFound(provider: string, values: number): void;
  /** A genuine delivery of a stored event that says something else of it. */
  duplicateDiffers(provider: string): void;
  /** A webhook of a type that the provider's catalogue did not have. */
  unknownType(provider: string): void;
}

export interface ReconcileCounts {
  /** Webhooks that no delivery had brought, stored by the run. */
  readonly recovered: number;
  /** Stored webhooks that say something else than what is listed. */
  readonly differing: number;
  /** How long ago it is up to when all was checked. */
  readonly behindSeconds: number;
}

/** Where reconciliation runs by itself. */
export interface ReconcileMetrics {
  /** One run over one list of events (`source`). */
  reconciled(provider: string, source: string, run: ReconcileCounts): void;
}
