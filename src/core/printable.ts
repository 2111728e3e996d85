/** Text as a person may see it: nothing in it moves the cursor, colours, hides, reverses or begins a line of its own. */

/** Control and format characters, line and paragraph separators, halves of characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Each character that is not printable as `\uXXXX`, which is also what JSON writes for it: a line of JSON means the same
 * afterwards.
 */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (char) =>
    Array.from(
      { length: char.length },
      (_, index) => `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );

/** The same for text of several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');
