/** Columns for a terminal. */
import { shortId } from './short-id.ts';

const GAP = '  ';

const widthsOf = (lines: readonly (readonly string[])[]): number[] =>
  (lines[0] ?? []).map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));

const inColumns = (lines: readonly (readonly string[])[]): string[] => {
  const widths = widthsOf(lines);
  return lines.map((cells) =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join(GAP)
      .trimEnd(),
  );
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
 * times and ids are shortened, and when that is not enough each row becomes a block. `columns` is undefined where no
 * person reads: nothing is shortened then.
 */
export const tableLines = (
  header: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): string[] => {
  const whole = inColumns([header, ...rows]);
  const fits = (lines: readonly string[]): boolean => lines.every((line) => line.length <= (columns ?? line.length));
  if (columns === undefined || fits(whole)) return whole;
  const short = rows.map((cells) => cells.map((cell, column) => shortened(header[column], cell)));
  const narrow = inColumns([header, ...short]);
  return fits(narrow) ? narrow : inBlocks(header, short, columns);
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
