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

/** A line of names, and one for each record; none without records, whose names are not known then. */
export const csvLines = (records: readonly Record<string, unknown>[]): string[] => {
  const [first] = records;
  if (first === undefined) return [];
  const names = Object.keys(first);
  return [names.map(cell).join(','), ...records.map((record) => names.map((name) => cell(record[name])).join(','))];
};
