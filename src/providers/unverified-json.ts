/**
 * JSON that has to be read before anything is proven, because the proof stands in it. Its price is bounded by what a
 * genuine body needs, not by what a sender may send.
 */
import { LIMITS } from '../core/limits.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Of each member, element and container there is at least one of these. */
const TOKENS: ReadonlySet<number> = new Set(Buffer.from(',:[{'));

/** Whether a body is small enough, in bytes and in members, to be parsed for a stranger. One pass, no memory. */
export const isCheapToParse = (body: Uint8Array): boolean => {
  const { length } = body;
  if (length > LIMITS.unverifiedJsonBytesMax) return false;
  let tokens = 0;
  let isInString = false;
  for (let index = 0; index < length; index += 1) {
    const byte = body[index] ?? 0;
    if (isInString) {
      if (byte === BACKSLASH) index += 1;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (TOKENS.has(byte)) {
      tokens += 1;
      if (tokens > LIMITS.unverifiedJsonTokensMax) return false;
    }
  }
  return true;
};
