/**
 * Where payments live, and what is known of invoices, subscriptions and the like: a port, with its contract. A payment is
 * stored as its events, and its state is computed from them; of another subject the newest state is stored.
 */
import type { EpochMs } from '../core/webhook.ts';
import type { PaymentStatus, PaymentView } from './payment.ts';
import type { NewsOfEvent } from './record-events.ts';
import type { EventsOfPayment } from './reduce-payment.ts';
import type { SubjectChange, SubjectReceived } from './subject.ts';

export type ApplyOutcome =
  /** `received` has one answer for each event of the webhook, in order. */
  | { readonly outcome: 'applied'; readonly payment: PaymentView; readonly received: readonly NewsOfEvent[] }
  /** More events than a payment may have: nothing was changed. */
  | { readonly outcome: 'too_many_events' };

export interface StoredPayment {
  readonly payment: PaymentView;
  /** When the first event of it was applied, by our clock. */
  readonly storedAt: EpochMs;
  /** When the last new event of it was applied. */
  readonly changedAt: EpochMs;
}

export interface PaymentFilter {
  readonly provider?: string | undefined;
  readonly status?: PaymentStatus | undefined;
  /** `storedAt` at or after. */
  readonly since?: EpochMs | undefined;
  /** `storedAt` before. */
  readonly until?: EpochMs | undefined;
  /** 1 to `LIMITS.listLimitMax`. */
  readonly limit: number;
}

export interface ApplyOptions {
  /**
   * Whether nobody is told of it before the next write that waits for the disk: a power cut may undo it until then, and it
   * is applied again. For a home that writes everything to one place; others need not look. @default false
   */
  readonly isDurableLater?: boolean;
}

export interface PaymentStore {
  /**
   * Adds the events of one webhook to the payment that they name, durable once this resolves unless the options say
   * otherwise (invariants I4, I7). Every payment stored under any of their names becomes one payment, found from then on
   * under each of its names. Applied
   * exactly once: events that were applied before change nothing and get the answer of the first time. Concurrent calls
   * for one payment both count, whichever is first. All or nothing: a call that throws left nothing behind or everything,
   * and may be made again. Throws store codes; `store_busy` when others kept changing the payment for too long.
   */
  apply(change: EventsOfPayment, at: EpochMs, options?: ApplyOptions): Promise<ApplyOutcome>;

  /**
   * Adds what one event says to what is known of its subject, such as an invoice, durable once this resolves. Applied
   * exactly once, as `apply` is, for the last `LIMITS.subjectEventsMax` events of the subject; one that is older than these
   * is `stale`. Concurrent calls for one subject both count. Throws what `apply` throws.
   */
  applyToSubject(change: SubjectChange, at: EpochMs): Promise<SubjectReceived>;

  /**
   * The payments that have this id as one of their names, whichever kind of name, newest `storedAt` first; at most 100.
   * Mostly one: two providers or accounts could use the same id.
   */
  find(paymentId: string): Promise<readonly StoredPayment[]>;

  /** Newest `storedAt` first. */
  list(filter: PaymentFilter): Promise<readonly StoredPayment[]>;
}
