/** Signatures as bytes: made with HMAC-SHA256, read out of header text, compared in constant time. Used by providers. */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** Keys that are configured, made once: making one takes as long as the HMAC of 3 KB. */
const keys = new Map<string, KeyObject>();
/** More than anybody configures; then all are made anew. */
const KEYS_MAX = 100;

const keyOfText = (text: string): KeyObject => {
  let key = keys.get(text);
  if (key === undefined) {
    if (keys.size >= KEYS_MAX) keys.clear();
    key = createSecretKey(text, 'utf8');
    keys.set(text, key);
  }
  return key;
};

/**
 * HMAC-SHA256 of `prefix` (as UTF-8) followed by `body`, without joining the two. A key given as text is used as its
 * UTF-8 bytes; whoever has to decode it first passes bytes.
 */
export const hmacSha256 = (key: string | Uint8Array, prefix: string, body: Uint8Array): Buffer =>
  createHmac('sha256', typeof key === 'string' ? keyOfText(key) : key)
    .update(prefix)
    .update(body)
    .digest();

/** Constant-time for equal lengths; the length of a signature is no secret. */
export const isSameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.byteLength === right.byteLength && timingSafeEqual(left, right);

const SHA256_LOWER_HEX = /^[0-9a-f]{64}$/;

/** The 32 bytes of a lower-case hex SHA-256, or null. `Buffer.from` alone would stop silently at the first bad digit. */
export const sha256OfHex = (text: string): Buffer | null =>
  SHA256_LOWER_HEX.test(text) ? Buffer.from(text, 'hex') : null;

/**
 * The bytes of padded standard base64 in its one canonical spelling, or null. Other spellings of the same bytes (missing
 * padding, spaces, stray low bits in the last character) are refused, so that no two texts are one signature.
 */
export const bytesOfBase64 = (text: string): Buffer | null => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.byteLength > 0 && bytes.toString('base64') === text ? bytes : null;
};
