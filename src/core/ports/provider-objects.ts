/**
 * What a provider holds, as its own API lists it: payments, refunds, disputes and payouts by when they were made. For what its
 * list of events no longer has, and for what no event told.
 */
import type { Mode } from '../webhook.ts';
import type { ProviderEvents } from './provider-events.ts';

export type ObjectKind = 'payment' | 'refund' | 'dispute' | 'payout';

/**
 * One list. It keeps the contract of a list of events: each object comes as the event that would tell of it as it is now, with
 * the object's id in the place of the event's and the time when it was made in the place of when it happened.
 */
export interface ObjectList extends ProviderEvents {
  /** As the provider names it: `charges`. */
  readonly name: string;
  /** Of all of it, or of most: a ledger has refunds among its payments. */
  readonly kind: ObjectKind;
  /** How long it takes at most until what was made is listed. */
  readonly listedAfterMs: number;
}

/** The lists that are asked for with one credential: of its own account, or of one that it may act for. */
export interface ObjectSource {
  readonly provider: string;
  /** Unique among all: `stripe:live`, `stripe:live:acct_1`. */
  readonly id: string;
  /** Of the credential. */
  readonly mode: Mode;
  /** Which credential, without saying what it is: `stripe-api#1`. */
  readonly credentialId: string;
  /**
   * Whose objects are listed, as its events name it: null where they name nobody. Undefined where it cannot be known before
   * they are listed; there is no other account then.
   */
  readonly account: string | null | undefined;
  /** Of each kind: null where a list has it, else why none does, in a sentence. */
  readonly kinds: Readonly<Record<ObjectKind, string | null>>;
  readonly lists: readonly ObjectList[];
}
