/** What a run says: values with units and aims, as a table for people and as JSON for machines. */

export interface Aim {
  readonly text: string;
  readonly isMet: boolean;
}

export interface Row {
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly aim?: Aim;
  /** What a reader needs to understand the number. */
  readonly note?: string;
}

export interface SectionReport {
  readonly section: string;
  readonly rows: readonly Row[];
  /** Something that must never be: the run then ends with exit code 1. */
  readonly errors: readonly string[];
}

export const atLeast = (value: number, least: number, unit = ''): Aim => ({
  text: `>= ${formatValue(least)}${unit}`,
  isMet: value >= least,
});

export const below = (value: number, limit: number, unit = ''): Aim => ({
  text: `< ${formatValue(limit)}${unit}`,
  isMet: value < limit,
});

export const atMost = (value: number, most: number, unit = ''): Aim => ({
  text: `<= ${formatValue(most)}${unit}`,
  isMet: value <= most,
});

const formatValue = (value: number): string => {
  if (!Number.isFinite(value)) return 'none';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: 0 });
};

const LABEL_CHARS = 58;
const VALUE_CHARS = 11;
const UNIT_CHARS = 8;
const AIM_CHARS = 22;

const lineOf = ({ label, value, unit, aim, note }: Row): string => {
  const verdict = aim === undefined ? '' : `${aim.isMet ? 'met' : 'MISSED'} (${aim.text})`;
  const line = `  ${label.padEnd(LABEL_CHARS)}${formatValue(value).padStart(VALUE_CHARS)} ${unit.padEnd(UNIT_CHARS)}${verdict.padEnd(AIM_CHARS)}${note ?? ''}`;
  return line.trimEnd();
};

export const formatSection = ({ section, rows, errors }: SectionReport): string =>
  [section, ...rows.map(lineOf), ...errors.map((error) => `  ERROR: ${error}`), ''].join('\n');
