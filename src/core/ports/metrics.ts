/** Numbers about the flow: Prometheus text on one machine, CloudWatch EMF on AWS. */
import type { RejectionReason } from './provider.ts';

export type DeliveryOutcome = 'accepted' | 'duplicate' | 'rejected' | 'unavailable' | 'too_large' | 'refused';
export type AttemptOutcome = 'processed' | 'ignored' | 'retrying' | 'dead_lettered' | 'skipped';

export type SendOutcome = 'delivered' | 'failed' | 'given_up';

export interface Metrics {
  /** One delivery answered. `reason` only for rejected ones; `seconds` from the first byte of the request to the answer. */
  delivery(provider: string, outcome: DeliveryOutcome, seconds: number, reason?: RejectionReason): void;
  attempt(provider: string, outcome: AttemptOutcome, seconds: number): void;
  /** One attempt to deliver an event to a destination. */
  destination(name: string, outcome: SendOutcome, seconds: number): void;
  cardDataFound(provider: string, values: number): void;
  /** Operations that one commit of the store made durable together. */
  storeCommit(operations: number, seconds: number): void;
}
