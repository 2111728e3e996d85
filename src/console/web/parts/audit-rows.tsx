/** Entries of the audit trail. */
import type { AuditJson } from '../../api-types.ts';
import { words } from '../format.ts';
import { webhookHref } from '../location.ts';
import { State } from './state.tsx';
import { type Column, Table } from './table.tsx';
import { Id, Text, Time, Words } from './value.tsx';

const RESOURCE: Column<AuditJson> = {
  name: 'Resource',
  cell: ({ resource: { type, id } }) =>
    type === 'webhook' ? (
      <a href={webhookHref(id)}>
        <Id of={id} />
      </a>
    ) : (
      <Id of={id} />
    ),
};

export const AUDIT_COLUMNS: readonly Column<AuditJson>[] = [
  { name: '#', isNumber: true, cell: ({ position }) => position },
  { name: 'Time', cell: ({ ts }) => <Time at={ts} isExact /> },
  {
    name: 'Event',
    cell: ({ event, count }) => (
      <>
        {words(event.toLowerCase())}
        {count > 1 && <span class="mark">× {count}</span>}
      </>
    ),
  },
  { name: 'Outcome', cell: ({ outcome }) => <State of={outcome} /> },
  { name: 'Actor', cell: ({ actor }) => <Text of={`${actor.type} ${actor.id}`} /> },
  RESOURCE,
  {
    name: 'Change',
    cell: ({ change }) => (change === null ? '' : `${words(change.from ?? 'new')} → ${words(change.to)}`),
  },
  { name: 'Reason', cell: ({ reason }) => (reason === null ? '' : <Words of={reason} />) },
];

export const entryKey = ({ position }: AuditJson): number => position;

export interface AuditRowsProps {
  readonly caption: string;
  /** All about the same. */
  readonly entries: readonly AuditJson[];
}

export const AuditRows = ({ caption, entries }: AuditRowsProps) => (
  <Table
    caption={caption}
    columns={AUDIT_COLUMNS.filter((column) => column !== RESOURCE)}
    items={entries}
    keyOf={entryKey}
  />
);
