/** A data key as it is stored: encrypted with AES-256-GCM under the payload key, bound to its id. */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Nonce, tag, ciphertext. The id is authenticated, so that two wrapped keys cannot be swapped. */
export const wrapDataKey = (payloadKey: KeyObject, keyId: string, key: Uint8Array, nonce: Uint8Array): Uint8Array => {
  const cipher = createCipheriv('aes-256-gcm', payloadKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(keyId, 'utf8'));
  const ciphertext = Buffer.concat([cipher.update(key), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
};

/** The data key; undefined when it was wrapped by another payload key or is damaged. */
export const unwrapDataKey = (payloadKey: KeyObject, keyId: string, wrapped: Uint8Array): Uint8Array | undefined => {
  try {
    const nonce = wrapped.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', payloadKey, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(keyId, 'utf8'));
    decipher.setAuthTag(wrapped.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    // GCM has one answer for every way in which bytes and key do not fit.
    return undefined;
  }
};

export const WRAPPING_NONCE_BYTES = NONCE_BYTES;
