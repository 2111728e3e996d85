/**
 * What happened, as a provider's own API lists it: for what no delivery brought. One for each account that is asked for; with
 * a credential that may read events and nothing else.
 */
import type { AskedObject } from '../present-state.ts';
import type { EpochMs, Mode } from '../webhook.ts';

/** One event out of the list. */
export interface ListedEvent {
  /**
   * The event alone, as JSON that the provider's `parse` reads as it would a delivery of it: the same dedupe key, the same
   * time. Every digit of a number is as it was listed. The bytes are not those of a delivery, and were never signed.
   */
  readonly body: Uint8Array;
}

export interface ListRequest {
  /** Of when events were created: at or after. The provider may count in seconds, and list a little more at both ends. */
  readonly since: EpochMs;
  /** Before. */
  readonly until: EpochMs;
  /** `next` of the page before, with the same times; null for the first page. */
  readonly cursor: string | null;
}

export type ListOutcome =
  /**
   * At most `listedEventsMax`, none perhaps. `next` is null when nothing follows. In the order of the provider: newest first at
   * some, so that a window is known to be whole only when its last page was there. `answeredAt` is when, by the provider's
   * clock; absent where it does not say.
   */
  | {
      readonly outcome: 'page';
      readonly events: readonly ListedEvent[];
      readonly next: string | null;
      readonly answeredAt?: EpochMs;
    }
  /** We asked too often. `retryAfterMs` is null where the provider does not say. */
  | { readonly outcome: 'rate_limited'; readonly retryAfterMs: number | null }
  /** Wrong, expired, taken back, or without the right to read events. */
  | { readonly outcome: 'credential_refused'; readonly reason: string }
  /** The cursor is not good any more: the window has to be listed from its beginning. */
  | { readonly outcome: 'cursor_refused' }
  /** No answer, or none that can be used; `reason` is a code. Nothing of the page is known: ask again later. */
  | { readonly outcome: 'unavailable'; readonly reason: string };

/** Why an API gave nothing. */
export type Refusal = Extract<ListOutcome, { readonly outcome: 'rate_limited' | 'credential_refused' | 'unavailable' }>;

export type FindOutcome =
  | { readonly outcome: 'found'; readonly event: ListedEvent }
  /** There is none of this id, or not yet: an API may know of an event later than its delivery comes. */
  | { readonly outcome: 'not_found' }
  | Refusal;

export interface ProviderEvents {
  /** How long the provider lists an event. What is older cannot be asked for. */
  readonly listedForMs: number;
  /**
   * The events of a window, page by page. Never throws, and never says anything that came with the credential. The same
   * window may be listed again at any time, and may have more events then: lists are filled late.
   */
  list(request: ListRequest): Promise<ListOutcome>;
  /** One event, by the id that its deliveries have. Never throws, as `list`. Absent where the API cannot be asked for one. */
  find?(eventId: string): Promise<FindOutcome>;
  /**
   * What stands under a path of the API that an event names, asked in the name of the account that the event is of. Never throws, as
   * `list`. Absent where no event names any.
   */
  get?(path: string, account: string | null): Promise<FindOutcome>;
  /**
   * An object as it is now, in the place of the event that would tell of it: with the object's id in the place of the event's.
   * Asked in the name of the account that it is of. Never throws, as `list`. Absent where `Provider.presentKinds` is.
   */
  present?(object: AskedObject, account: string | null): Promise<FindOutcome>;
  /** Has the provider list what happens from now on. Never throws, as `list`. Absent where it does so by itself. */
  enable?(): Promise<{ readonly outcome: 'enabled' } | Refusal>;
}

/** One list of events that is asked for: of a credential's own account, or of one that it may act for. */
export interface EventSource {
  readonly provider: string;
  /** Unique among all: `stripe:live`, `stripe:live:acct_1`. Names what was checked so far. */
  readonly id: string;
  /** Of the credential. */
  readonly mode: Mode;
  /** Which credential, without saying what it is: `stripe-api#1`. */
  readonly credentialId: string;
  /** Whose events are listed, where each of them that names an account names this one. @default nobody knows */
  readonly account?: string | null;
  readonly events: ProviderEvents;
}
