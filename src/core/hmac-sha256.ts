/**
 * HMAC-SHA-256 (RFC 2104) as what it is, two hashes, each in one call. Node's own Hmac is an object with a stream around it:
 * it takes several times as long and leaves more behind, and every delivery and every row needs one.
 */
import { type BinaryToTextEncoding, hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const [INNER, OUTER] = [0x36, 0x5c];

/** The code of `text`, as UTF-8, followed by `bytes`. */
export type HmacSha256 = (encoding: BinaryToTextEncoding, text: string, bytes?: Uint8Array) => string;

/** For many codes under one key, which may have any length. */
export const createHmacSha256 = (key: Uint8Array): HmacSha256 => {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key);
  const innerPad = block.map((byte) => byte ^ INNER);
  const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);
  outer.set(block.map((byte) => byte ^ OUTER));
  return (encoding, text, bytes) => {
    const textEnd = BLOCK_BYTES + Buffer.byteLength(text);
    const inner = Buffer.allocUnsafe(textEnd + (bytes?.length ?? 0));
    inner.set(innerPad);
    inner.write(text, BLOCK_BYTES);
    if (bytes !== undefined) inner.set(bytes, textEnd);
    // As text: handing out a buffer costs more than the hash.
    outer.write(hash('sha256', inner, 'hex'), BLOCK_BYTES, 'hex');
    return hash('sha256', outer, encoding);
  };
};
