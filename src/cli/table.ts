/** Columns for a terminal. */
import { printable } from '../core/printable.ts';
import { shortId } from './short-id.ts';

const GAP = '  ';

const widthsOf = (lines: readonly (readonly string[])[]): number[] =>
  (lines[0] ?? []).map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));

/** A count, or amounts with their currencies. */
const NUMBER = /^-?[\d,.]+(?: [A-Z]{3})?(?: \+ -?[\d,.]+ [A-Z]{3})*$/;
const NO_NUMBER: readonly string[] = ['', '-'];

/** What may look like a number, and is none. */
const IDS: readonly string[] = ['PAYMENT', 'WEBHOOK', 'OBJECT', 'JOB', 'ID'];

/** Digits stand below digits of the same weight. */
const isOfNumbers = (header: readonly string[], rows: readonly (readonly string[])[], column: number): boolean => {
  if (IDS.includes(header[column] ?? '')) return false;
  const cells = rows.map((row) => row[column] ?? '').filter((cell) => !NO_NUMBER.includes(cell));
  return cells.length > 0 && cells.every((cell) => NUMBER.test(cell));
};

const inColumns = ([header = [], ...rows]: readonly (readonly string[])[]): string[] => {
  const widths = widthsOf([header, ...rows]);
  const pads = widths.map((width, column) => {
    if (isOfNumbers(header, rows, column)) return (cell: string) => cell.padStart(width);
    return column === widths.length - 1 ? (cell: string) => cell : (cell: string) => cell.padEnd(width);
  });
  return [header, ...rows].map((cells) =>
    cells
      .map((cell, column) => pads[column]?.(cell) ?? cell)
      .join(GAP)
      .trimEnd(),
  );
};

/** Without the columns in which no row says anything. */
const withoutEmpty = ([header = [], ...rows]: readonly (readonly string[])[]): readonly (readonly string[])[] => {
  const isSaid = header.map((_, column) => rows.some((cells) => (cells[column] ?? '') !== ''));
  return [header, ...rows].map((cells) => cells.filter((_, column) => isSaid[column]));
};

const TIME = /^\d{4}-(\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})\.\d{3}Z$/;
/** What of a list a person needs to tell its lines apart; the rest is asked for with `show`, or `--json`. */
const shortened = (header: string | undefined, cell: string): string =>
  header === 'WEBHOOK' ? shortId(cell) : cell.replace(TIME, '$1 $2');

/** One block for each row: what does not fit beside goes below. */
const inBlocks = (header: readonly string[], rows: readonly (readonly string[])[], columns: number): string[] =>
  rows.flatMap((cells) => {
    const lines: string[] = [];
    cells.forEach((cell, column) => {
      if (cell === '') return;
      const pair = `${(header[column] ?? '').toLowerCase()} ${cell}`;
      const last = lines.at(-1);
      if (last === undefined) lines.push(pair);
      else if (last.length + GAP.length + pair.length <= columns) lines[lines.length - 1] = `${last}${GAP}${pair}`;
      else lines.push(`${GAP}${pair}`);
    });
    return lines;
  });

/**
 * Lines of a table, each column as wide as its widest cell; the last one is left as it is. On a terminal that is narrower,
 * columns without anything in them are left out, times and ids are shortened, and when that is not enough each row becomes
 * a block. `columns` is undefined where no person reads: nothing is shortened then.
 */
export const tableLines = (
  header: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): string[] => {
  // As it is printed: what becomes longer then would push all behind it out of its column.
  const said = rows.map((cells) => cells.map(printable));
  const whole = inColumns([header, ...said]);
  const fits = (lines: readonly string[]): boolean => lines.every((line) => line.length <= (columns ?? line.length));
  if (columns === undefined || fits(whole)) return whole;
  const [names = [], ...full] = withoutEmpty([header, ...said]);
  const short = full.map((cells) => cells.map((cell, column) => shortened(names[column], cell)));
  return [inColumns([names, ...full]), inColumns([names, ...short])].find(fits) ?? inBlocks(names, short, columns);
};

/** A table below others, with an empty line before it; without rows, nothing. */
export const sectionLines = (
  header: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): string[] => (rows.length === 0 ? [] : ['', ...tableLines(header, rows, columns)]);

/** Label and value pairs, one a line. */
export const fieldLines = (fields: readonly (readonly [string, string])[]): string[] => {
  const width = Math.max(...fields.map(([label]) => label.length));
  return fields.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
};
