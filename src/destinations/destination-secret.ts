/** The secret that a destination's messages are signed with, in the form that Standard Webhooks gives it. */

/** Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;

const bytesOf = (secret: string): Uint8Array | null => {
  const base64 = SECRET.exec(secret)?.[1];
  return base64 === undefined ? null : Buffer.from(base64, 'base64');
};

/** What is wrong with it, without quoting it; null when it is usable. */
export const problemOfDestinationSecret = (secret: string): string | null => {
  const count = bytesOf(secret)?.byteLength ?? 0;
  const isLong = count >= SECRET_BYTES_MIN && count <= SECRET_BYTES_MAX;
  return isLong ? null : `is not whsec_ and ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} bytes in base64`;
};

/** The key inside. Throws `TypeError` for what `problemOfDestinationSecret` finds fault with. */
export const keyOfDestinationSecret = (secret: string): Uint8Array => {
  const bytes = bytesOf(secret);
  if (bytes === null || problemOfDestinationSecret(secret) !== null)
    throw new TypeError('the secret of a destination is not whsec_…');
  return bytes;
};

export const generateDestinationSecret = (randomBytes: (count: number) => Uint8Array): string =>
  `whsec_${Buffer.from(randomBytes(32)).toString('base64')}`;
