/** A page of a list for a person or a program: a table, a JSON object a line, or CSV. */
import type { Page } from '../core/page.ts';
import { csvLines } from '../operate/csv.ts';
import { timeText } from '../operate/webhook-json.ts';
import type { CommandContext } from './command-context.ts';
import { tableLines } from './table.ts';

export interface Shown<Item> {
  readonly header: readonly string[];
  readonly row: (item: Item) => readonly string[];
  /** The fields with stable names; CSV has one column for each. */
  readonly json: (item: Item) => Record<string, unknown>;
}

export const FORMATS = ['table', 'json', 'csv'] as const;
type Format = (typeof FORMATS)[number];

export interface PrintOptions {
  readonly format?: Format | undefined;
  readonly json?: boolean | undefined;
}

const formatOf = ({ format, json }: PrintOptions): Format => (json === true ? 'json' : (format ?? 'table'));

/** Each row of JSON and CSV has the `cursor` to go on behind it. Where the look ended early, a last line says how far it came. */
export const printPage = <Item>(
  context: CommandContext,
  { items, cursors, next, scannedUntil }: Page<Item>,
  { header, row, json }: Shown<Item>,
  options: PrintOptions,
): void => {
  const fields = items.map((item, index) => ({ ...json(item), cursor: cursors[index] ?? '' }));
  const scanned = scannedUntil === null ? null : timeText(scannedUntil);
  switch (formatOf(options)) {
    case 'json':
      for (const one of fields) context.print(JSON.stringify(one));
      if (scanned !== null) context.print(JSON.stringify({ scannedUntil: scanned, next }));
      return;
    case 'csv':
      for (const line of csvLines(fields)) context.print(line);
      break;
    case 'table':
      if (items.length > 0) for (const line of tableLines(header, items.map(row), context.columns)) context.print(line);
      else context.print(scanned === null ? 'nothing found' : `nothing found back to ${scanned}`);
      break;
  }
  // Beside the table or the CSV, which may go on into another program.
  if (scanned !== null) context.warn(`looked back to ${scanned} and no further; to go on: --after ${next}`);
  else if (next !== null) context.warn(`there is more: --after ${next}`);
};
