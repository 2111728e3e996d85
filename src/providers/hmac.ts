/** Signatures as bytes: made with HMAC-SHA256, read out of header text, compared in constant time. Used by providers. */
import { timingSafeEqual } from 'node:crypto';
import { createHmacSha256, type HmacSha256 } from '../core/hmac-sha256.ts';

/** Of keys that are configured as text, made once. */
const hmacs = new Map<string, HmacSha256>();
/** More than anybody configures; then all are made anew. */
const KEYS_MAX = 100;

const hmacOfText = (key: string): HmacSha256 => {
  let hmac = hmacs.get(key);
  if (hmac === undefined) {
    if (hmacs.size >= KEYS_MAX) hmacs.clear();
    hmac = createHmacSha256(Buffer.from(key));
    hmacs.set(key, hmac);
  }
  return hmac;
};

/**
 * HMAC-SHA256 of `prefix` (as UTF-8) followed by `body`. A key given as text is used as its
 * UTF-8 bytes; whoever has to decode it first passes bytes.
 */
export const hmacSha256 = (key: string | Uint8Array, prefix: string, body: Uint8Array): Buffer => {
  const hmac = typeof key === 'string' ? hmacOfText(key) : createHmacSha256(key);
  return Buffer.from(hmac('hex', prefix, body), 'hex');
};

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
