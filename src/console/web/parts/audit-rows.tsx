/** Entries of the audit trail. */
import type { AuditJson } from '../../api-types.ts';
import { counted } from '../counted.ts';
import { words } from '../format.ts';
import { hrefOf, webhookHref } from '../location.ts';
import { Reason } from './reason.tsx';
import { State } from './state.tsx';
import { type Column, Table } from './table.tsx';
import { Id, Text, Time, Words } from './value.tsx';

/** Where what an entry is about has a screen of its own. */
const hrefOfResource = ({ resource: { type, id }, event }: AuditJson): string | null => {
  if (type === 'webhook') return webhookHref(id);
  if (type === 'job') return `/jobs/${encodeURIComponent(id)}`;
  if (type === 'day') return hrefOf('/audit/review', [['day', id]]);
  // What was turned away names its provider alone.
  return event === 'REJECTED_ACCEPTED' ? `/deliveries/${encodeURIComponent(id)}` : null;
};

const RESOURCE: Column<AuditJson> = {
  name: 'Resource',
  cell: (entry) => {
    const href = hrefOfResource(entry);
    const id = <Id of={entry.resource.id} />;
    return href === null ? id : <a href={href}>{id}</a>;
  },
};

export const AUDIT_COLUMNS: readonly Column<AuditJson>[] = [
  { name: '#', isNumber: true, cell: ({ position }) => position },
  { name: 'Time', cell: ({ ts }) => <Time at={ts} isExact /> },
  {
    name: 'Event',
    cell: ({ event, count, resource }) => (
      <>
        {words(event.toLowerCase())}
        {count > 1 && <span class="mark">{resource.type === 'job' ? counted(count, 'webhook') : `× ${count}`}</span>}
      </>
    ),
  },
  { name: 'Outcome', cell: ({ outcome }) => <State of={outcome} /> },
  { name: 'Actor', cell: ({ actor }) => <Text of={`${actor.type} ${actor.id}`} /> },
  RESOURCE,
  {
    name: 'Change',
    cell: ({ change }) =>
      change === null ? '' : <Words of={`${words(change.from ?? 'new')} → ${words(change.to)}`} />,
  },
  {
    name: 'Reason',
    cell: ({ reason }) =>
      reason === null ? null : (
        <span class="words">
          <Reason of={reason} />
        </span>
      ),
  },
  { name: 'Origin', cell: ({ origin }) => <Id of={origin.sourceAddress ?? origin.requestId ?? origin.traceId} /> },
];

/** Of an entry whose digest was looked up. */
type SignedJson = AuditJson & { readonly digest?: number | null };

const DIGEST: Column<SignedJson> = {
  name: 'Signed',
  cell: ({ digest }) => (digest === null ? <span class="quiet">not yet</span> : `in digest ${digest}`),
};

export const entryKey = ({ position }: AuditJson): number => position;

export interface AuditRowsProps {
  readonly caption: string;
  /** All about the same. */
  readonly entries: readonly SignedJson[];
}

export const AuditRows = ({ caption, entries }: AuditRowsProps) => (
  <Table
    caption={caption}
    columns={[
      ...AUDIT_COLUMNS.filter((column) => column !== RESOURCE),
      ...(entries.some(({ digest }) => digest !== undefined) ? [DIGEST] : []),
    ]}
    items={entries}
    keyOf={entryKey}
  />
);
