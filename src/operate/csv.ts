/** Records as CSV (RFC 4180), harmless when a spreadsheet opens it: most of what is in them was written by others. */
import { formatMoney, type Money } from '../payments/money.ts';

/** What a spreadsheet takes for a formula: the signs, also as wide as Japanese letters are, and what it leaves out before one. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
/** What ends a cell: a comma here, and elsewhere what a spreadsheet of another country takes for one. */
const QUOTED = /[",;\t\r\n]/;

/** As JSON has it. */
type MoneyJson = Omit<Money, 'minor'> & { readonly minor: string };

const isMoney = (value: unknown): value is MoneyJson =>
  typeof value === 'object' && value !== null && 'minor' in value && 'currency' in value && 'exponent' in value;

/** A number that a spreadsheet adds up, where the record names its currency; otherwise `12.30 USD`. */
const amount = ({ minor, ...unit }: MoneyJson, currency: unknown): string => {
  const text = formatMoney({ ...unit, minor: BigInt(minor) });
  return unit.currency === currency ? (text.split(' ', 1)[0] ?? '') : text;
};

/** Sums of several currencies stand beside each other. */
const amounts = (value: unknown, currency: unknown): string | null => {
  if (isMoney(value)) return amount(value, currency);
  const isSums = Array.isArray(value) && value.every(isMoney);
  return isSums ? value.map((one) => amount(one, value.length === 1 ? currency : null)).join(' + ') : null;
};

const cell = (value: unknown, currency?: unknown): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.length === 0) return '';
  const sums = amounts(value, currency);
  if (sums !== null) return sums;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};

export const csvHeader = (names: readonly string[]): string => names.map((name) => cell(name)).join(',');

/** The fields of the names, in their order: a list that goes on names its fields once. */
export const csvLine = (names: readonly string[], record: Readonly<Record<string, unknown>>): string =>
  names.map((name) => cell(record[name], record.currency)).join(',');

/** Of all fields that any of the records has: those of the first, and before its last one, the cursor, what it has not. */
export const csvNames = (records: readonly Readonly<Record<string, unknown>>[]): readonly string[] => {
  const names = Object.keys(records[0] ?? {});
  const all = new Set(records.flatMap((record) => Object.keys(record)));
  return [...names.slice(0, -1), ...[...all].filter((name) => !names.includes(name)), ...names.slice(-1)];
};

/** A line of names, and one for each record; none without records, whose names are not known then. */
export const csvLines = (records: readonly Record<string, unknown>[]): string[] => {
  if (records.length === 0) return [];
  const names = csvNames(records);
  return [csvHeader(names), ...records.map((record) => csvLine(names, record))];
};
