/**
 * A payload that is sealed by whoever asks for its bytes first. Nobody gets anything but sealed bytes of it; a store that
 * writes on another thread takes key and payload with it and seals there, where it does not keep receiving waiting.
 */
import type { KeyObject } from 'node:crypto';
import type { SealedPayload } from './webhook.ts';

export interface Unsealed {
  readonly keyId: string;
  readonly key: KeyObject;
  readonly payload: Uint8Array;
}

/** Key and payload are private fields: no copy, list, log line or message to a thread ever holds them. */
class SealedLater implements SealedPayload {
  readonly keyId: string;
  readonly #unsealed: Unsealed;
  readonly #seal: () => Uint8Array;
  #sealed: Uint8Array | undefined;

  constructor(unsealed: Unsealed, seal: () => Uint8Array) {
    this.keyId = unsealed.keyId;
    this.#unsealed = unsealed;
    this.#seal = seal;
  }

  get bytes(): Uint8Array {
    this.#sealed ??= this.#seal();
    return this.#sealed;
  }

  static unsealedOf(payload: SealedPayload): Unsealed | undefined {
    return payload instanceof SealedLater ? payload.#unsealed : undefined;
  }
}

export const sealLater = (from: Unsealed, seal: () => Uint8Array): SealedPayload => new SealedLater(from, seal);

/** What the payload will be sealed from; undefined when it came sealed. */
export const unsealedOf = (payload: SealedPayload): Unsealed | undefined => SealedLater.unsealedOf(payload);
