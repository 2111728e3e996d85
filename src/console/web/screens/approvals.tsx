/** What waits for a second person. */
import type { JobJson, JobsJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText } from '../format.ts';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { Problem } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago, Amounts, Text, Words } from '../parts/value.tsx';
import { homeOf, session } from '../server.ts';
import { useAnswer } from '../use-answer.ts';
import { Damaged, workWords } from './jobs.tsx';

const COLUMNS: readonly Column<JobJson>[] = [
  { name: 'Work', cell: ({ work }) => <Text of={workWords(work)} /> },
  { name: 'Asked for', cell: ({ requestedAt }) => <Ago at={requestedAt} /> },
  {
    name: 'By',
    cell: ({ requestedBy }) => (
      <>
        <Text of={requestedBy.id} />
        {requestedBy.id === session.value?.operator && <span class="mark">you: somebody else decides</span>}
      </>
    ),
  },
  { name: 'Webhooks', isNumber: true, cell: ({ preview }) => countText(preview.webhooks) },
  { name: 'Money at risk', isNumber: true, cell: ({ preview }) => <Amounts of={preview.money} /> },
  { name: 'Why it needs one', cell: ({ approval }) => <Text of={approval?.why} /> },
  { name: 'Reason', cell: ({ reason }) => <Words of={reason} /> },
  { name: 'Ends', cell: ({ approval }) => (approval === null ? '' : <Ago at={approval.expiresAt} />) },
];

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
      {problem !== null && <Problem of={problem} retry={reload} />}
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
          linkOf={({ jobId }) => `/jobs/${encodeURIComponent(jobId)}`}
        />
      )}
    </Screen>
  );
};
