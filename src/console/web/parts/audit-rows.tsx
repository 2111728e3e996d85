/** Entries of the audit trail. */
import type { AuditJson } from '../../api-types.ts';
import { words } from '../format.ts';
import { State } from './state.tsx';
import { Id, Text, Time } from './value.tsx';

export interface AuditRowsProps {
  readonly caption: string;
  readonly entries: readonly AuditJson[];
  /** All are about the same. @default false */
  readonly isOfOne?: boolean;
}

const NAMES = ['#', 'Time', 'Event', 'Outcome', 'Actor', 'Resource', 'Change', 'Reason'];

export const AuditRows = ({ caption, entries, isOfOne = false }: AuditRowsProps) => (
  <table class="rows">
    <caption class="unseen">{caption}</caption>
    <thead>
      <tr>
        {NAMES.filter((name) => !isOfOne || name !== 'Resource').map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {entries.map(({ position, ts, event, outcome, actor, resource, change, reason, count }) => (
        <tr key={position}>
          <td data-name="#">{position}</td>
          <td data-name="Time">
            <Time at={ts} isExact />
          </td>
          <td data-name="Event">
            {words(event.toLowerCase())}
            {count > 1 && <span class="mark">× {count}</span>}
          </td>
          <td data-name="Outcome">
            <State of={outcome} />
          </td>
          <td data-name="Actor">
            <Text of={`${actor.type} ${actor.id}`} />
          </td>
          {!isOfOne && (
            <td data-name="Resource">
              <Id of={resource.id} />
            </td>
          )}
          <td data-name="Change">{change === null ? '' : `${words(change.from ?? 'new')} → ${words(change.to)}`}</td>
          <td data-name="Reason">{reason === null ? '' : <Text of={reason} />}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
