/** What processing does with a webhook that is its turn: payments, handlers, destinations. */
import type { Effects } from '../effects.ts';
import type { Webhook } from '../webhook.ts';

/** `reason` is a code; `error` and `detail` may quote the user's code: stored, never logged. */
export type ActVerdict =
  | { readonly kind: 'processed' }
  /** Nothing to do for us, and nothing wrong. */
  | { readonly kind: 'ignored'; readonly reason: string; readonly detail: string | null }
  /** Try again, after `waitMs` or the usual backoff. */
  | { readonly kind: 'failed'; readonly reason: string; readonly error: string; readonly waitMs: number | null }
  /** Trying again cannot help: dead letter at once. */
  | { readonly kind: 'hopeless'; readonly reason: string; readonly error: string };

export interface Acted {
  readonly verdict: ActVerdict;
  /** What was done in all, earlier attempts included. */
  readonly effects: Effects;
}

/**
 * Acts on a webhook, as far as its `effects` say that it was not done before. At least once: whatever it does may be done
 * again when this process dies before the outcome is stored. `payload` is the opened payload. Throws what the stores
 * throw: then nothing is decided, and the attempt is made again without being counted.
 */
export type Act = (webhook: Webhook, payload: Uint8Array) => Promise<Acted>;
