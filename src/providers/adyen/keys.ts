/** Adyen's HMAC keys as they are configured, and which of them made a signature. */
import type { Verified } from '../../core/ports/provider.ts';
import type { Secret } from '../../core/ports/secret-source.ts';
import { isSameBytes } from '../hmac.ts';
import { readModeSecret } from '../secret-label.ts';
import { shapeProblem } from '../secret-shape.ts';
import { verifiedBy } from '../verdicts.ts';

const HEX_KEY = /^[0-9a-fA-F]{64}$/;

/** Null for what is not a key: `Buffer.from` would make a short or empty one of it without a word. */
export const keyOf = (secret: string): Uint8Array | null => {
  const hex = readModeSecret(secret).value;
  return HEX_KEY.test(hex) ? Buffer.from(hex, 'hex') : null;
};

/** The secret whose signature it is. */
export const secretThatSigned = (
  signature: Uint8Array,
  secrets: readonly Secret[],
  signWith: (key: Uint8Array) => Uint8Array,
): Secret | undefined =>
  secrets.find((secret) => {
    const key = keyOf(secret.value);
    return key !== null && isSameBytes(signature, signWith(key));
  });

export const verifiedWith = (secret: Secret): Verified => verifiedBy(secret.id, readModeSecret(secret.value).label);

export const checkKey = (secret: string): string | null =>
  shapeProblem(
    readModeSecret(secret).value,
    (key) => HEX_KEY.test(key),
    'an HMAC key of 64 hex characters (Customer Area, Webhooks, HMAC key)',
  );
