/** What waits for a second person. */
import type { JobJson, JobsJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText } from '../format.ts';
import { Command } from '../parts/command.tsx';
import { Decision } from '../parts/decision.tsx';
import { Export } from '../parts/export.tsx';
import { Filters } from '../parts/filters.tsx';
import { FrozenFilter } from '../parts/frozen-filter.tsx';
import { Problem, Unanswered } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago, Amounts, Text, Words } from '../parts/value.tsx';
import { homeOf, session } from '../server.ts';
import { useAnswer } from '../use-answer.ts';
import { Damaged, workWords } from './jobs.tsx';

const ASKED: Column<JobJson> = {
  name: 'Asked for',
  cell: ({ requestedAt, requestedBy, state }) => (
    <>
      <Ago at={requestedAt} /> <Words of={`by ${requestedBy.id}`} />
      {state === 'waiting_for_approval' && requestedBy.id === session.value?.operator && (
        <span class="mark">you: somebody else decides</span>
      )}
    </>
  ),
};
const WORK: Column<JobJson> = { name: 'Work', cell: ({ work }) => <Text of={workWords(work)} /> };
const FILTER: Column<JobJson> = { name: 'Frozen filter', cell: ({ filter }) => <FrozenFilter of={filter} /> };
const WEBHOOKS: Column<JobJson> = {
  name: 'Webhooks',
  isNumber: true,
  cell: ({ preview }) => countText(preview.webhooks),
};

const COLUMNS: readonly Column<JobJson>[] = [
  WORK,
  ASKED,
  FILTER,
  WEBHOOKS,
  { name: 'Money at risk', isNumber: true, cell: ({ preview }) => <Amounts of={preview.money} /> },
  { name: 'Why it needs one', cell: ({ approval }) => <Words of={approval?.why ?? ''} /> },
  { name: 'Reason', cell: ({ reason }) => <Words of={reason} /> },
  { name: 'Ends', cell: ({ approval }) => (approval === null ? '' : <Ago at={approval.expiresAt} />) },
];

const ENDED_COLUMNS: readonly Column<JobJson>[] = [
  WORK,
  ASKED,
  FILTER,
  WEBHOOKS,
  { name: 'State', cell: ({ state }) => <State of={state} /> },
  {
    name: 'Decided',
    cell: (job) => (
      <span class="decided">
        <Decision of={job} isRow />
      </span>
    ),
  },
];

const linkOf = ({ jobId }: JobJson): string => `/jobs/${encodeURIComponent(jobId)}`;

/** Of the newest jobs, those that needed a second person and wait no more. */
const Ended = () => {
  const { answer, problem, reload } = useAnswer<JobsJson>('/api/jobs');
  const ended = (answer?.items ?? []).filter(
    ({ approval, state }) => approval !== null && state !== 'waiting_for_approval',
  );
  return (
    <>
      {problem !== null && <Problem of={problem} retry={reload} />}
      {ended.length > 0 && (
        <>
          <h2>
            Wait no more <a href="/jobs">All jobs</a>
          </h2>
          <Table
            caption="Requests that wait no more, newest first"
            columns={ENDED_COLUMNS}
            items={ended}
            keyOf={({ jobId }) => jobId}
            linkOf={linkOf}
          />
        </>
      )}
    </>
  );
};

export const Approvals = () => {
  const { answer, problem, reload } = useAnswer<JobsJson>('/api/approvals');
  return (
    <Screen
      title="Approvals"
      actions={
        <>
          <Export list="approvals" />
          <Command line={commandLine(homeOf(), ['approvals', 'list'])} />
        </>
      }
    >
      <Filters filters={[]} />
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && <Damaged of={answer} />}
      {answer !== null && answer.items.length === 0 && (
        <div class="empty">
          <p>
            Nothing waits for a second person. What was decided is under <a href="/jobs">Jobs</a>.
          </p>
          <p>Jobs need one above what the configuration says:</p>
          <code>jobs: {'{ approvalAboveWebhooks: 100, approvalAboveAmount: { USD: 10_000 } }'}</code>
        </div>
      )}
      {answer !== null && answer.items.length > 0 && (
        <Table
          caption="Requests that wait, newest first"
          columns={COLUMNS}
          items={answer.items}
          keyOf={({ jobId }) => jobId}
          linkOf={linkOf}
        />
      )}
      {answer !== null && <Ended />}
    </Screen>
  );
};
