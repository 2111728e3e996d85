/** The audit trail: what was done and by whom, whether it is whole, and the ways to who went through it. */
import type { AuditJson, PageJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { hrefOf } from '../location.ts';
import { AUDIT_COLUMNS, entryKey } from '../parts/audit-rows.tsx';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { type Filter, Filters, knownParams } from '../parts/filters.tsx';
import { Paged } from '../parts/list.tsx';
import { OnlyWithTrail } from '../parts/only-with-trail.tsx';
import { Screen } from '../parts/screen.tsx';
import { TakeAlong } from '../parts/take-along.tsx';
import { Verify } from '../parts/verify.tsx';
import { homeOf, session } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

const filtersOf = (): readonly Filter[] => [
  { name: 'event', label: 'Event', kind: 'choice', values: session.value?.auditEvents ?? [] },
  { name: 'actor', label: 'Actor', kind: 'text', example: 'operator:alice' },
  { name: 'object', label: 'About', kind: 'text', example: 'payment:pi_1' },
  { name: 'outcome', label: 'Outcome', kind: 'choice', values: ['success', 'failure'] },
  { name: 'since', label: 'Since', kind: 'text', example: '2h' },
  { name: 'until', label: 'Until', kind: 'text', example: '15m' },
  { name: 'chain', label: 'Chain', kind: 'text', example: 'operators', isRare: true },
];

const TITLE = 'Audit';

export const Audit = () => (
  <OnlyWithTrail title={TITLE}>
    <Trail />
  </OnlyWithTrail>
);

const Trail = () => {
  const filters = filtersOf();
  const params = knownParams(filters);
  const path = hrefOf('/api/audit', params);
  const asked = useAnswer<PageJson<AuditJson>>(path);
  return (
    <Screen
      title={TITLE}
      actions={
        <>
          <a class="button" href="/audit/review">
            Daily review
          </a>
          <a class="button" href="/audit/evidence">
            Evidence
          </a>
          <Export list="audit" params={params} />
          <Command line={commandLine(homeOf(), ['audit', 'show'], params)} />
        </>
      }
    >
      <Verify />
      <TakeAlong />
      <Filters filters={filters} />
      <Paged
        caption="Entries, newest first"
        columns={AUDIT_COLUMNS}
        asked={asked}
        path={path}
        keyOf={entryKey}
        empty={<p>{params.length > 0 ? 'No entry is like that.' : 'The trail is empty: nothing has happened yet.'}</p>}
      />
    </Screen>
  );
};
