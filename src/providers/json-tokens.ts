/** What a parsed document takes in memory hangs on how many things are in it, far more than on its bytes. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Of each member, element and container there is at least one of these. */
const TOKENS: ReadonlySet<number> = new Set(Buffer.from(',:[{'));

/** Whether a body has more members, elements and containers than that; of bytes that need not be JSON. One pass, no memory. */
export const hasMoreTokens = (body: Uint8Array, tokensMax: number): boolean => {
  const { length } = body;
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
      if (tokens > tokensMax) return true;
    }
  }
  return false;
};
