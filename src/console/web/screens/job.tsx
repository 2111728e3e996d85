/** One job: how far it has come, what became of each webhook, and what may be done about it. */
import { useEffect, useState } from 'preact/hooks';
import type { JobDetailJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText, words } from '../format.ts';
import { everyInSight } from '../in-sight.ts';
import { hrefOf, webhookHref } from '../location.ts';
import { Approval } from '../parts/approval.tsx';
import { Command } from '../parts/command.tsx';
import { Decision } from '../parts/decision.tsx';
import { Export } from '../parts/export.tsx';
import { Facts } from '../parts/facts.tsx';
import { FrozenFilter } from '../parts/frozen-filter.tsx';
import { Preview } from '../parts/preview.tsx';
import { Problem, Unanswered } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Id, Text, Time, Words } from '../parts/value.tsx';
import { ask, homeOf, mayPutBack, ServerError, session, tell } from '../server.ts';
import { useAnswer } from '../use-answer.ts';
import { outcomeIn, soFar, workWords } from './jobs.tsx';

type One = JobDetailJson['webhooks'][number];

const LOOK_EVERY_MS = 2_000;
const GOES_ON: readonly string[] = ['running', 'waiting_for_approval'];

/** By state. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  waiting_for_approval: ['cancel'],
  running: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  stopped: ['resume', 'cancel'],
};

const columnsOf = (job: JobDetailJson): readonly Column<One>[] => [
  { name: 'Webhook', cell: ({ webhookId }) => <Id of={webhookId} /> },
  { name: 'Outcome', cell: ({ outcome }) => <State of={outcomeIn(job, outcome)} /> },
  { name: 'Ended', cell: ({ endedAt }) => (endedAt === null ? '' : <Time at={endedAt} isExact />) },
  { name: 'Detail', cell: ({ detail }) => (detail === null ? '' : <Words of={detail} />) },
];

/** Not by a decision: the trail has by whom. */
const HAS_ENDED: readonly string[] = ['done', 'cancelled'];

const pathOf = (id: string): string => `/api/jobs/${encodeURIComponent(id)}`;

export const JobScreen = ({ id }: { readonly id: string }) => {
  const { answer, problem, reload } = useAnswer<JobDetailJson>(pathOf(id));
  return (
    <Screen
      title={`Job ${id}`}
      heading={
        <>
          Job <Id of={id} />
        </>
      }
      actions={
        <>
          <Export list="job" params={[['job', id]]} />
          <Command line={commandLine(homeOf(), ['jobs', 'show', id])} />
        </>
      }
    >
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && <Detail first={answer} />}
    </Screen>
  );
};

/** As it was answered, and then as it goes on. */
const useProgress = (first: JobDetailJson): readonly [JobDetailJson, () => Promise<void>] => {
  const [job, setJob] = useState(first);
  const look = async (): Promise<void> => setJob(await ask<JobDetailJson>(pathOf(first.jobId), { isBackground: true }));
  const isGoingOn = GOES_ON.includes(job.state) || job.counts.queued > 0;
  useEffect(() => {
    if (!isGoingOn) return undefined;
    return everyInSight(LOOK_EVERY_MS, () => {
      // What is down is told to whoever asks for something.
      look().catch((error: unknown) => {
        if (!(error instanceof ServerError)) throw error;
      });
    });
  }, [isGoingOn]);
  return [job, look];
};

const Detail = ({ first }: { readonly first: JobDetailJson }) => {
  const [job, look] = useProgress(first);
  const [problem, setProblem] = useState<ServerError | null>(null);
  const act = async (action: string): Promise<void> => {
    setProblem(null);
    try {
      await tell(`${pathOf(job.jobId)}/${action}`, {});
      await look();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setProblem(error);
    }
  };
  const { state, stateReason, preview, counts } = job;
  return (
    <>
      <p class="lead">
        <State of={state} /> {stateReason !== null && <Text of={words(stateReason)} />}
      </p>
      <div role="status">
        <label>
          {soFar(job) || 'nothing yet'}{' '}
          <progress value={preview.webhooks - counts.to_do - counts.queued} max={preview.webhooks} />
        </label>
      </div>
      <div class="actions">
        {(ACTIONS[state] ?? []).map((action) => (
          <button key={action} type="button" disabled={!mayPutBack()} onClick={() => void act(action)}>
            {words(action).replace(/^./, (letter) => letter.toUpperCase())}
          </button>
        ))}
      </div>
      {(ACTIONS[state] ?? []).length > 0 && !mayPutBack() && (
        <p class="quiet">The role {session.value?.role} may only look.</p>
      )}
      {problem !== null && <Problem of={problem} />}
      <h2>What was asked for</h2>
      <Facts
        facts={[
          { name: 'Work', value: <Text of={workWords(job.work)} /> },
          { name: 'Of which', value: <FrozenFilter of={job.filter} /> },
          { name: 'Reason', value: <Text of={job.reason} /> },
          { name: 'By', value: <Text of={job.requestedBy.id} /> },
          { name: 'Asked for', value: <Time at={job.requestedAt} /> },
          job.approval === null || state === 'waiting_for_approval'
            ? null
            : { name: 'Decided', value: <Decision of={job} /> },
          HAS_ENDED.includes(state) ? { name: 'Ended', value: <Ended job={job} /> } : null,
          { name: 'Rate', value: `${countText(job.webhooksPerSecond)} a second` },
          {
            name: 'Hash',
            value: (
              <>
                <Id of={job.previewHash} />
                <span class="said">
                  Of this request, what was seen, and each webhook as it was then. The trail has it, and only what has
                  it is approved.
                </span>
              </>
            ),
          },
        ]}
      />
      {job.approval !== null && state === 'waiting_for_approval' ? (
        <Approval jobId={job.jobId} approval={job.approval} seen={preview} onDone={look} />
      ) : (
        <>
          <h2>Seen before</h2>
          <Preview of={preview} />
        </>
      )}
      <h2>Webhooks</h2>
      <Table
        caption="Webhooks of this job"
        columns={columnsOf(job)}
        items={job.webhooks}
        keyOf={({ webhookId }) => webhookId}
        linkOf={({ webhookId }) => webhookHref(webhookId)}
      />
    </>
  );
};

const Ended = ({ job: { jobId, state, changedAt } }: { readonly job: JobDetailJson }) => (
  <>
    {words(state)} <Time at={changedAt} />
    {session.value?.whyNoTrail === null && (
      <>
        {' · '}
        <a href={hrefOf('/audit', [['object', `job:${jobId}`]])}>who did what with it</a>
      </>
    )}
  </>
);
