/**
 * The text in which the card-data guard looks: escapes of JSON (at any depth of JSON in JSON) and of URLs are one
 * character each, and every character knows the bytes that it came from, so that it can be masked there.
 */

/** `text[i]` came from the source characters `starts[i]` (inclusive) to `starts[i + 1]`; null: they are the same text. */
export interface View {
  readonly text: string;
  readonly starts: Uint32Array | null;
}

/**
 * One escape. Any number of backslashes is one escape, because JSON inside a JSON string doubles them at every level.
 * Of `%XX` only what separates words: encoders leave digits and letters alone, and `%4242…` must stay a number.
 */
const ESCAPE = /\\+(?:u([0-9A-Fa-f]{4})|([bfnrt"/]))|%(2[0-9A-Fa-f]|3[A-Fa-f]|5[BDbd]|7[BCDbcd]|0[9ADad])/y;

const NO_BREAK_SPACE = 0xa0;
const SPACE = 0x20;
const NEW_LINE = 0x0a;
/** Stands for every escaped character beyond ASCII: no digit, letter or separator. */
const OTHER = 0xff;

const BACKSLASH = 0x5c;
const PERCENT = 0x25;

const asciiOrOther = (code: number): number => {
  if (code === NO_BREAK_SPACE) return SPACE;
  return code < 0x80 ? code : OTHER;
};

const codeOfEscape = (match: RegExpExecArray): number => {
  const [, unicode, short, percent] = match;
  if (unicode !== undefined) return asciiOrOther(Number.parseInt(unicode, 16));
  if (percent !== undefined) return Number.parseInt(percent, 16);
  return short === '"' || short === '/' ? short.charCodeAt(0) : NEW_LINE;
};

/** `source` holds one character (U+0000–U+00FF) for each byte. Linear in its length. */
export const viewOf = (source: string): View => {
  if (!/[\\%]|\xc2\xa0/.test(source)) return { text: source, starts: null };
  const codes = new Uint8Array(source.length);
  const starts = new Uint32Array(source.length + 1);
  let count = 0;
  for (let index = 0; index < source.length; count += 1) {
    const code = source.charCodeAt(index);
    starts[count] = index;
    codes[count] = code;
    let length = 1;
    if (code === BACKSLASH || code === PERCENT) {
      ESCAPE.lastIndex = index;
      const match = ESCAPE.exec(source);
      if (match !== null) {
        codes[count] = codeOfEscape(match);
        length = match[0].length;
      } else if (code === BACKSLASH) {
        // Backslashes that escape nothing we know are taken together, or a long run of them would be tried from each.
        while (source.charCodeAt(index + length) === BACKSLASH) length += 1;
      }
    } else if (code === 0xc2 && source.charCodeAt(index + 1) === NO_BREAK_SPACE) {
      codes[count] = SPACE;
      length = 2;
    }
    index += length;
  }
  starts[count] = source.length;
  return { text: Buffer.from(codes.buffer, 0, count).toString('latin1'), starts };
};

/** Where in the source a character of the view begins. */
export const sourceStart = (view: View, index: number): number => view.starts?.[index] ?? index;

const STAR = 0x2a;

/**
 * Overwrites one character of the view in the bytes with a star. The number of bytes stays the same, and an escaped digit
 * becomes an escaped star, so a decoded string keeps its length too.
 */
export const writeStar = (view: View, index: number, bytes: Uint8Array): void => {
  const start = sourceStart(view, index);
  const end = sourceStart(view, index + 1);
  const isUnicodeEscape = end - start >= 6 && bytes[start] === BACKSLASH && bytes[end - 5] === 0x75;
  if (isUnicodeEscape) bytes.set([0x30, 0x30, 0x32, 0x61], end - 4);
  else bytes.fill(STAR, start, end);
};
