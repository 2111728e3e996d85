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

/** Beside the payloads and not in them: what is copied, logged or stored of a payload never holds its key. */
const unsealed = new WeakMap<SealedPayload, Unsealed>();

export const sealLater = (from: Unsealed, seal: () => Uint8Array): SealedPayload => {
  let sealed: Uint8Array | undefined;
  const payload: SealedPayload = {
    keyId: from.keyId,
    get bytes() {
      sealed ??= seal();
      return sealed;
    },
  };
  unsealed.set(payload, from);
  return payload;
};

/** What the payload will be sealed from; undefined when it came sealed. */
export const unsealedOf = (payload: SealedPayload): Unsealed | undefined => unsealed.get(payload);
