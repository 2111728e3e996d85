/** What must stay beyond its time, because somebody said so. */
import type { EpochMs } from '../webhook.ts';

export interface LegalHold {
  readonly kind: 'webhook' | 'payment';
  /** Of the webhook, or any name of the payment. */
  readonly id: string;
  readonly reason: string;
  readonly heldAt: EpochMs;
  /** The operator. */
  readonly heldBy: string;
}

export interface LegalHoldRemoval {
  /** As it was held. */
  readonly id: string;
  readonly reason: string;
  readonly removedAt: EpochMs;
  readonly removedBy: string;
}

export interface LegalHolds {
  /** The newest first. */
  list(): Promise<readonly LegalHold[]>;

  /**
   * From the moment that this resolves, what is held is not removed when its time ends: the webhook, or every webhook of the
   * payment, also one that comes later. With an audit entry. `there`: it was held before, nothing is written of who asked
   * again. `full`: there are `LIMITS.legalHoldsMax`. A call that threw may be made again. Throws store codes.
   */
  add(hold: LegalHold): Promise<'added' | 'there' | 'full'>;

  /**
   * What no other hold holds goes when its time ends, or soon when it has ended. With an audit entry. False when there is no
   * such hold. A call that threw may be made again: what it began is finished. Throws store codes.
   */
  remove(removal: LegalHoldRemoval): Promise<boolean>;
}
