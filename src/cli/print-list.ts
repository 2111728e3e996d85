/** A page of a list for a person or a program: a table, a JSON object a line, or CSV. */
import type { Page } from '../core/page.ts';
import { csvLines } from '../operate/csv.ts';
import { timeText } from '../operate/webhook-json.ts';
import type { CommandContext } from './command-context.ts';
import { tableLines } from './table.ts';

export interface Shown<Item> {
  readonly header: readonly string[];
  readonly row: (item: Item) => readonly string[];
  /** The fields with stable names. */
  readonly json: (item: Item) => Record<string, unknown>;
  /** What CSV has a column for. @default those of JSON */
  readonly csv?: (item: Item) => Record<string, unknown>;
}

export const FORMATS = ['table', 'json', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

export interface PrintOptions {
  readonly format?: Format | undefined;
  readonly json?: boolean | undefined;
}

export const formatOf = ({ format, json }: PrintOptions): Format => (json === true ? 'json' : (format ?? 'table'));

/** Each row of JSON and CSV has the `cursor` to go on behind it. Where the look ended early, a last line says how far it came. */
export const printPage = <Item>(
  context: CommandContext,
  { items, cursors, next, scannedUntil }: Page<Item>,
  shown: Shown<Item>,
  options: PrintOptions,
  nothing = 'nothing found',
): void => {
  const scanned = scannedUntil === null ? null : timeText(scannedUntil);
  const withCursor = (fields: Shown<Item>['json']) => (item: Item, index: number) => ({
    ...fields(item),
    cursor: cursors[index] ?? '',
  });
  const [json, csv] = [withCursor(shown.json), withCursor(shown.csv ?? shown.json)];
  const none = scanned === null ? nothing : `${nothing} back to ${scanned}`;
  printList(context, items, { ...shown, json, csv }, options, none);
  if (formatOf(options) === 'json') {
    if (scanned !== null) context.print(JSON.stringify({ scannedUntil: scanned, next }));
  }
  // Beside the table or the CSV, which may go on into another program.
  else if (scanned !== null) context.warn(`looked back to ${scanned} and no further; to go on: --after ${next}`);
  else if (next !== null) context.warn(`there is more: --after ${next}`);
};

type Fields<Item> = (item: Item, index: number) => Record<string, unknown>;

interface ShownFields<Item> extends Pick<Shown<Item>, 'header' | 'row'> {
  readonly json: Fields<Item>;
  readonly csv?: Fields<Item>;
}

/** The same for a list that is always whole. */
export const printList = <Item>(
  context: CommandContext,
  items: readonly Item[],
  { header, row, json, csv = json }: ShownFields<Item>,
  options: PrintOptions,
  nothing = 'nothing found',
): void => {
  switch (formatOf(options)) {
    case 'json':
      for (const [index, item] of items.entries()) context.print(JSON.stringify(json(item, index)));
      return;
    case 'csv':
      for (const line of csvLines(items.map(csv))) context.print(line);
      return;
    case 'table':
      if (items.length === 0) context.print(nothing);
      else for (const line of tableLines(header, items.map(row), context.columns)) context.print(line);
      return;
  }
};
