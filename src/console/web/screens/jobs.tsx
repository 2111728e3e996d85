/** Actions on many webhooks, newest first. */
import type { JobJson, JobsJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText, words } from '../format.ts';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { Filters } from '../parts/filters.tsx';
import { Unanswered } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago, Text, Words } from '../parts/value.tsx';
import { homeOf } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

/** In which nothing is done any more. */
const OVER: readonly string[] = ['cancelled', 'refused', 'expired'];

/** Of a job that is over nothing is to do any more: what it had not come to is as it was. */
export const outcomeIn = ({ state }: Pick<JobJson, 'state'>, outcome: string): string =>
  outcome === 'to_do' && OVER.includes(state) ? 'left_as_it_was' : outcome;

/** `47 processed, 1 failed again`. */
export const soFar = (job: Pick<JobJson, 'counts' | 'state'>): string =>
  Object.entries(job.counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${countText(count)} ${words(outcomeIn(job, outcome))}`)
    .join(', ');

/** `redrive`, `replay of shipOrder`, `resend to ledger`. */
export const workWords = (work: JobJson['work']): string => {
  switch (work.kind) {
    case 'redrive':
      return 'redrive';
    case 'replay':
      return work.only === null ? 'replay' : `replay of ${work.only}`;
    case 'resend':
      return `resend to ${work.destination}`;
    default:
      return work satisfies never;
  }
};

const COLUMNS: readonly Column<JobJson>[] = [
  { name: 'Work', cell: ({ work }) => <Text of={workWords(work)} /> },
  { name: 'Asked for', cell: ({ requestedAt }) => <Ago at={requestedAt} /> },
  { name: 'State', cell: ({ state }) => <State of={state} /> },
  { name: 'Webhooks', isNumber: true, cell: ({ preview }) => countText(preview.webhooks) },
  { name: 'So far', cell: soFar },
  { name: 'By', cell: ({ requestedBy }) => <Text of={requestedBy.id} /> },
  { name: 'Reason', cell: ({ reason }) => <Words of={reason} /> },
];

/** They hide no other, and somebody has to know of them. */
export const Damaged = ({ of: { damaged } }: { readonly of: JobsJson }) =>
  damaged.length === 0 ? null : (
    <div class="problem" role="alert">
      {damaged.map(({ id, why }) => (
        <p key={id}>
          Job <Text of={id} /> is left out: <Text of={why} />
        </p>
      ))}
    </div>
  );

export const Jobs = () => {
  const { answer, problem, reload } = useAnswer<JobsJson>('/api/jobs');
  return (
    <Screen
      title="Jobs"
      actions={
        <>
          <Export list="jobs" />
          <Command line={commandLine(homeOf(), ['jobs', 'list'])} />
        </>
      }
    >
      <Filters filters={[]} />
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && <Damaged of={answer} />}
      {answer !== null && answer.items.length === 0 && (
        <p class="empty">
          No jobs. Many dead letters are redriven from <a href="/dead-letters">Dead letters</a>.
        </p>
      )}
      {answer !== null && answer.items.length > 0 && (
        <Table
          caption="Jobs, newest first"
          columns={COLUMNS}
          items={answer.items}
          keyOf={({ jobId }) => jobId}
          linkOf={({ jobId }) => `/jobs/${encodeURIComponent(jobId)}`}
        />
      )}
    </Screen>
  );
};
