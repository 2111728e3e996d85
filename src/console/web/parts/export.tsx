/** The list on the screen as a file: with its filters, and all pages of it. */
import { hrefOf } from '../location.ts';
import { zone } from '../preferences.ts';

export interface ExportProps {
  /** As the server names the list. */
  readonly list: string;
  readonly params?: readonly (readonly [string, string])[];
}

const FORMATS = [
  { format: 'csv', name: 'CSV' },
  { format: 'ndjson', name: 'NDJSON' },
] as const;

/** Of the page, and not of the list. */
const isOfList = ([name]: readonly [string, string]): boolean => name !== 'after' && name !== 'limit';

/** CSV is for people: its times are in the zone of the screen. NDJSON is for programs. */
const zoneOf = (format: string): readonly (readonly [string, string])[] =>
  zone.value === 'local' && format === 'csv' ? [['timeZone', Intl.DateTimeFormat().resolvedOptions().timeZone]] : [];

export const Export = ({ list, params = [] }: ExportProps) => (
  <details class="command">
    <summary class="button">Export</summary>
    <div class="popup links">
      {FORMATS.map(({ format, name }) => (
        <a
          key={format}
          href={hrefOf(`/api/export/${list}`, [...params.filter(isOfList), ['format', format], ...zoneOf(format)])}
          download
        >
          All pages as {name}
        </a>
      ))}
    </div>
  </details>
);
