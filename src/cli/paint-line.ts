/** Colours for a terminal. Lines are painted when they are printed, after everything from outside in them was made safe. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const STYLES: readonly (readonly [Style, readonly string[]])[] = [
  [
    'green',
    ['accepted', 'processed', 'delivered', 'forwarded', 'done', 'reloaded', 'success', 'succeeded', 'verified'],
  ],
  ['yellow', ['duplicate', 'received', 'retrying', 'waiting', 'unavailable', 'not_reloaded', 'changed']],
  [
    'red',
    ['dead_lettered', 'rejected', 'refused', 'failed', 'given_up', 'broken', 'not_taken', 'not_forwarded', 'failure'],
  ],
  ['dim', ['ignored', 'skipped', 'left_out']],
];
const STYLE_OF = new Map(STYLES.flatMap(([style, words]) => words.map((word) => [word, style] as const)));

/** A word that stands alone in its column: at an end of the line, or with two spaces around it. */
const CELL = /(?<=^|\s{2})[a-z_]+(?=\s{2}|$)/g;
/** `RECEIVED  STATUS  PROVIDER`; the first is further in where it has numbers. */
const HEADER = /^ *[A-Z#][A-Z #]*(?: {2,}[A-Z #]+)+$/;

const paint = (style: Style, text: string): string => styleText(style, text, { validateStream: false });

export const paintLine = (line: string): string => {
  // JSON is for machines, on a terminal too.
  if (line.startsWith('{')) return line;
  if (HEADER.test(line)) return paint('bold', line);
  return line.replace(CELL, (word) => {
    const style = STYLE_OF.get(word);
    return style === undefined ? word : paint(style, word);
  });
};

/** https://no-color.org, and what Node itself understands. */
export const hasColours = (
  { NO_COLOR, FORCE_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean => {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && TERM !== 'dumb';
};
