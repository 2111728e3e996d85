/**
 * Where payments live, and what is known of invoices, subscriptions and the like: a port, with its contract. A payment is
 * stored as its events, and its state is computed from them; of another subject the newest state is stored.
 */
import type { Page, PageRequest } from '../core/page.ts';
import type { EpochMs, Mode } from '../core/webhook.ts';
import type { PaymentStatus, PaymentSummary, PaymentView } from './payment.ts';
import type { NewsOfEvent } from './record-events.ts';
import type { EventsOfPayment } from './reduce-payment.ts';
import type { SubjectChange, SubjectReceived } from './subject.ts';

export type ApplyOutcome =
  /** `received` has one answer for each event of the webhook, in order. */
  | {
      readonly outcome: 'applied';
      readonly summary: PaymentSummary;
      /** Null where the options say that it is not wanted. */
      readonly payment: PaymentView | null;
      readonly received: readonly NewsOfEvent[];
    }
  /** More events than a payment may have: nothing was changed. */
  | { readonly outcome: 'too_many_events' };

export interface StoredPayment {
  readonly payment: PaymentView;
  /** When the first event of it was applied, by our clock. */
  readonly storedAt: EpochMs;
  /** When the last new event of it was applied. */
  readonly changedAt: EpochMs;
}

/** What is listed has to meet all of it: see `match-payment.ts`. */
export interface PaymentFilter extends PageRequest {
  readonly provider?: string | undefined;
  readonly account?: string | undefined;
  readonly mode?: Mode | undefined;
  /** An id of something that belongs to it: refund, dispute, customer, subscription, invoice, the merchant's own reference. */
  readonly related?: string | undefined;
  /** One, or any of several. */
  readonly status?: PaymentStatus | readonly PaymentStatus[] | undefined;
  /** `storedAt` at or after. */
  readonly since?: EpochMs | undefined;
  /** `storedAt` before. */
  readonly until?: EpochMs | undefined;
}

export interface ApplyOptions {
  /**
   * Whether nobody is told of it before the next write that waits for the disk: a power cut may undo it until then, and it
   * is applied again. For a home that writes everything to one place; others need not look. @default false
   */
  readonly isDurableLater?: boolean;
  /** Whether the answer has the whole payment: computing it takes longer than all else that is computed. @default true */
  readonly isPaymentWanted?: boolean;
}

/** What a payment is about in money. */
export type PaymentAmounts = Omit<PaymentSummary, 'names' | 'status'>;

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

  /** Of the payments that `find` finds under each of these ids, in their order: ten thousand while a person waits. */
  amountsOf(paymentIds: readonly string[]): Promise<readonly (readonly PaymentAmounts[])[]>;

  /**
   * Newest `storedAt` first. Times are in an index; for anything else at most `lookAtMax` of what it gives are looked at, and
   * the page says how far it came. Pages follow each other as those of `WebhookStore.list` do.
   */
  list(filter: PaymentFilter): Promise<Page<StoredPayment>>;
}
