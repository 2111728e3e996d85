/** Records as CSV (RFC 4180), harmless when a spreadsheet opens it: most of what is in them was written by others. */

/** What a spreadsheet takes for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};

export const csvHeader = (names: readonly string[]): string => names.map(cell).join(',');

/** The fields of the names, in their order: a list that goes on names its fields once. */
export const csvLine = (names: readonly string[], record: Readonly<Record<string, unknown>>): string =>
  names.map((name) => cell(record[name])).join(',');

/** A line of names, and one for each record; none without records, whose names are not known then. */
export const csvLines = (records: readonly Record<string, unknown>[]): string[] => {
  const [first] = records;
  if (first === undefined) return [];
  const names = Object.keys(first);
  return [csvHeader(names), ...records.map((record) => csvLine(names, record))];
};
