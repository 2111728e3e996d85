/** How a run over one list ended. */
import type { EpochMs } from '../core/webhook.ts';

export type RunEnd =
  /** All of the span was gone through. */
  | { readonly outcome: 'complete' }
  /** Nothing to ask for yet. */
  | { readonly outcome: 'up_to_date' }
  /** So many pages that the next run has to go on. */
  | { readonly outcome: 'to_be_continued' }
  /** The provider wants us to wait. */
  | { readonly outcome: 'resting'; readonly until: EpochMs }
  | { readonly outcome: 'credential_refused'; readonly reason: string }
  | { readonly outcome: 'unavailable'; readonly reason: string }
  /** Another process is at the same list. */
  | { readonly outcome: 'taken_over' };
