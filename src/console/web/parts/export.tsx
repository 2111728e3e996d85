/** The list on the screen as a file: with its filters, and all pages of it. */
import { useState } from 'preact/hooks';
import { download } from '../download.ts';
import { hrefOf } from '../location.ts';
import { zone } from '../preferences.ts';
import { ask, ServerError } from '../server.ts';
import { Problem } from './problem.tsx';

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

export const Export = ({ list, params = [] }: ExportProps) => {
  const [problem, setProblem] = useState<ServerError | null>(null);
  const take = async (event: Event, href: string): Promise<void> => {
    event.preventDefault();
    setProblem(null);
    try {
      await ask(`${href}&check=1`);
      download(href);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setProblem(error);
    }
  };
  return (
    <details class="command">
      <summary class="button">Export</summary>
      <div class="popup links">
        {FORMATS.map(({ format, name }) => {
          const query = [...params.filter(isOfList), ['format', format] as const, ...zoneOf(format)];
          const href = hrefOf(`/api/export/${list}`, query);
          return (
            <a key={format} href={href} download onClick={(event) => void take(event, href)}>
              All pages as {name}
            </a>
          );
        })}
        {problem !== null && <Problem of={problem} />}
      </div>
    </details>
  );
};
