/** Many dead letters back on the queue: what would happen is seen first, and what was seen is what is done. */

import { useEffect, useState } from 'preact/hooks';
import type { JobJson, PreviewJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText, printable } from '../format.ts';
import { go, place } from '../location.ts';
import { Command } from '../parts/command.tsx';
import { Facts } from '../parts/facts.tsx';
import { Preview } from '../parts/preview.tsx';
import { Problem } from '../parts/problem.tsx';
import { ReasonField } from '../parts/reason-field.tsx';
import { Screen } from '../parts/screen.tsx';
import { Time } from '../parts/value.tsx';
import { homeOf, ServerError, tell } from '../server.ts';

export const RedriveMany = () => {
  const filter = Object.fromEntries(place.value.params);
  const [seen, setSeen] = useState<PreviewJson | null>(null);
  const [problem, setProblem] = useState<ServerError | null>(null);
  const look = async (): Promise<void> => {
    setProblem(null);
    try {
      setSeen(await tell<PreviewJson>('/api/jobs/preview', { filter }));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setProblem(error);
    }
  };
  // The screen is made anew for each filter: this is asked once.
  useEffect(() => void look(), []);
  const words = ['dead-letters', 'redrive', '--dry-run'];
  return (
    <Screen title="Redrive" actions={<Command line={commandLine(homeOf(), words, Object.entries(filter))} />}>
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
          {seen.preview.webhooks > 0 && <Go filter={filter} seen={seen} />}
        </>
      )}
    </Screen>
  );
};

const Go = ({ filter, seen }: { readonly filter: Readonly<Record<string, string>>; readonly seen: PreviewJson }) => {
  const [reason, setReason] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<ServerError | null>(null);
  const request = async (event: Event): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    setProblem(null);
    try {
      const asked = { ...filter, until: seen.until };
      const job = await tell<JobJson>('/api/jobs', { filter: asked, hash: seen.hash, reason });
      go(`/jobs/${encodeURIComponent(job.jobId)}`);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setProblem(error);
      setIsBusy(false);
    }
  };
  return (
    <form class="act" onSubmit={(event) => void request(event)}>
      <p>
        One webhook goes first. The rest follows if it ends well, and the job stops by itself when too much fails again.
        Nothing that has succeeded is done again.
      </p>
      <ReasonField value={reason} isRequired={true} onInput={setReason} />
      <button type="submit" class="primary" disabled={isBusy}>
        Redrive {countText(seen.preview.webhooks)}
      </button>
      {problem !== null && <Problem of={problem} />}
    </form>
  );
};
