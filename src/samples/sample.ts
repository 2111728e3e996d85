/** What a sample event is. The provider files fill this in; `samples.ts` finds and serialises it. */
import type { Randomness } from '../core/ports/randomness.ts';
import type { JsonObject } from '../core/read-json.ts';
import type { EpochMs } from '../core/webhook.ts';

export interface SampleInput {
  /**
   * What makes the event unique: the provider's event id (Adyen: the `pspReference`) is derived from it and from nothing
   * else. The same `eventId` is the same event to Payhook, another one is another event.
   */
  readonly eventId: string;
  /** The event happens now; the objects in it were made up to some weeks before. */
  readonly now: EpochMs;
  /** Everything else: ids of objects, amounts, buyers. */
  readonly randomness: Randomness;
}

export interface Sample {
  /** The provider's own name. Adyen's `BATCH` is ours: two items in one delivery, each with its own `eventCode`. */
  readonly eventType: string;
  /** One short line for help texts. */
  readonly summary: string;
  /** The whole body, unsigned. The same input gives the same body; amounts add up, and nothing in it happened after `now`. */
  readonly build: (input: SampleInput) => JsonObject;
}
