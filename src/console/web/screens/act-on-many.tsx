/** Many webhooks redriven, replayed or sent again: what would happen is seen first, and what was seen is what is done. */

import { useEffect, useState } from 'preact/hooks';
import type { JobJson, PreviewJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText, printable } from '../format.ts';
import { go, place } from '../location.ts';
import { Command } from '../parts/command.tsx';
import { Facts } from '../parts/facts.tsx';
import { Preview } from '../parts/preview.tsx';
import { Problem } from '../parts/problem.tsx';
import { ReasonForm } from '../parts/reason-form.tsx';
import { Screen } from '../parts/screen.tsx';
import { Text, Time } from '../parts/value.tsx';
import { homeOf, ServerError, tell } from '../server.ts';

export interface ActOnManyProps {
  readonly work: JobJson['work'];
}

const TITLES = { redrive: 'Redrive', replay: 'Replay', resend: 'Resend' } as const;

const commandOf = (work: JobJson['work']): readonly string[] => {
  switch (work.kind) {
    case 'redrive':
      return ['dead-letters', 'redrive', '--dry-run'];
    case 'replay':
      return ['webhooks', 'replay', '--dry-run', ...(work.only === null ? [] : ['--only', work.only])];
    case 'resend':
      return ['destinations', 'resend', work.destination, '--dry-run'];
    default:
      return work satisfies never;
  }
};

/** What narrows it; of a handler alone it is `work` that says so. */
const filterHere = (): Readonly<Record<string, string>> => {
  const { only: _, ...filter } = Object.fromEntries(place.value.params);
  return filter;
};

export const ActOnMany = ({ work }: ActOnManyProps) => {
  const filter = filterHere();
  const [seen, setSeen] = useState<PreviewJson | null>(null);
  const [problem, setProblem] = useState<ServerError | null>(null);
  const look = async (): Promise<void> => {
    setProblem(null);
    try {
      setSeen(await tell<PreviewJson>('/api/jobs/preview', { work, filter }));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setProblem(error);
    }
  };
  // The screen is made anew for each filter: this is asked once.
  useEffect(() => void look(), []);
  const title = work.kind === 'resend' ? `Resend to ${work.destination}` : TITLES[work.kind];
  return (
    <Screen
      title={title}
      heading={<Text of={title} />}
      actions={<Command line={commandLine(homeOf(), commandOf(work), Object.entries(filter))} />}
    >
      <Facts
        facts={[
          ...Object.entries(filter).map(([name, value]) => ({ name: printable(name), value: printable(value) })),
          ...(seen === null ? [] : [{ name: 'until', value: <Time at={seen.until} isExact /> }]),
        ]}
      />
      {problem !== null && <Problem of={problem} retry={() => void look()} />}
      {seen !== null && (
        <>
          <h2>What would happen</h2>
          <Preview of={seen.preview} />
          {seen.preview.webhooks > 0 && <Go work={work} filter={filter} seen={seen} />}
        </>
      )}
    </Screen>
  );
};

const SAYS = {
  redrive: 'Nothing that has succeeded is done again.',
  replay: 'What had succeeded is done again, under the same ids as before.',
  resend: 'Only what was given up is sent again, under the same ids as before.',
} as const;

interface GoProps extends ActOnManyProps {
  readonly filter: Readonly<Record<string, string>>;
  readonly seen: PreviewJson;
}

const Go = ({ work, filter, seen }: GoProps) => (
  <ReasonForm
    label={`${TITLES[work.kind]} ${countText(seen.preview.webhooks)}`}
    action={{ isAllowed: true, why: null }}
    says={`One webhook goes first. The rest follows if it ends well, and the job stops by itself when too much fails again. ${SAYS[work.kind]}`}
    onSend={async (reason) => {
      const asked = { ...filter, until: seen.until };
      const job = await tell<JobJson>('/api/jobs', { work, filter: asked, hash: seen.hash, reason });
      go(`/jobs/${encodeURIComponent(job.jobId)}`);
    }}
  />
);
