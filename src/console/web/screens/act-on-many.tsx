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
import { Id, Text, Time } from '../parts/value.tsx';
import { unpackIds } from '../selection.ts';
import { homeOf, ServerError, tell } from '../server.ts';

export interface ActOnManyProps {
  readonly work: JobJson['work'];
}

const TITLES = { redrive: 'Redrive', replay: 'Replay', resend: 'Resend' } as const;

const commandOf = (work: JobJson['work']): readonly string[] => {
  switch (work.kind) {
    case 'redrive':
      return ['dead-letters', 'redrive'];
    case 'replay':
      return ['webhooks', 'replay'];
    case 'resend':
      return ['destinations', 'resend', work.destination];
    default:
      return work satisfies never;
  }
};

type JobFilter = Readonly<Record<string, string | readonly string[]>>;

/** What narrows it, or which were picked; of a handler alone it is `work` that says so. */
const filterHere = (): JobFilter => {
  const { only: _, ids = '', ...filter } = Object.fromEntries(place.value.params);
  return ids === '' ? filter : { ...filter, ids: idsIn(ids) };
};

const idsIn = (packed: string): readonly string[] => {
  try {
    return unpackIds(packed);
  } catch {
    // Nobody's address: the server finds no such webhook, and says so.
    return [packed];
  }
};

/** As the command takes it. */
const optionsOf = (work: JobJson['work'], filter: JobFilter): readonly (readonly [string, string | true])[] => [
  ['dryRun', true],
  ...(work.kind === 'replay' && work.only !== null ? [['only', work.only] as const] : []),
  ...Object.entries(filter).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : value.map((one) => ['id', one] as const),
  ),
];

const IDS_SHOWN = 10;

const Picked = ({ ids }: { readonly ids: readonly string[] }) => (
  <>
    {ids.slice(0, IDS_SHOWN).map((id) => (
      <Id key={id} of={id} />
    ))}
    {ids.length > IDS_SHOWN && <span class="quiet">and {ids.length - IDS_SHOWN} more</span>}
  </>
);

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
      actions={<Command line={commandLine(homeOf(), commandOf(work), optionsOf(work, filter))} />}
    >
      <Facts
        facts={[
          ...Object.entries(filter).map(([name, value]) =>
            typeof value === 'string'
              ? { name: printable(name), value: printable(value) }
              : { name: `${countText(value.length)} picked`, value: <Picked ids={value} /> },
          ),
          ...(seen === null ? [] : [{ name: 'until', value: <Time at={seen.until} isExact /> }]),
        ]}
      />
      {seen === null && problem === null && <p class="quiet">Loading…</p>}
      {problem !== null && <Problem of={problem} retry={() => void look()} isAskedOnce />}
      {seen !== null && (
        <>
          <h2>What would happen</h2>
          {isNothing(seen.preview) ? <NothingMeant of={work} /> : <Preview of={seen.preview} />}
          {seen.preview.webhooks > 0 && <Go work={work} filter={filter} seen={seen} onChanged={look} />}
        </>
      )}
    </Screen>
  );
};

/** Not even of what cannot be done. */
const isNothing = ({ webhooks, impossible, scannedUntil }: PreviewJson['preview']): boolean =>
  webhooks === 0 && impossible.length === 0 && scannedUntil === null;

const NONE = {
  redrive: ['No dead letter is like that, any more or ever.', '/dead-letters', 'All dead letters'],
  replay: ['No webhook is like that.', '/webhooks', 'All webhooks'],
  resend: ['Nothing that is like that was given up there.', '/destinations', 'All destinations'],
} as const;

const NothingMeant = ({ of: { kind } }: { readonly of: JobJson['work'] }) => {
  const [says, href, label] = NONE[kind];
  return (
    <div class="empty">
      <p>
        Nothing. {says} <a href={href}>{label}</a>
      </p>
    </div>
  );
};

const SAYS = {
  redrive: 'Nothing that has succeeded is done again.',
  replay: 'What had succeeded is done again, under the same ids as before.',
  resend: 'Only what was given up is sent again, under the same ids as before.',
} as const;

interface GoProps extends ActOnManyProps {
  readonly filter: JobFilter;
  readonly seen: PreviewJson;
  /** It is not any more what it was when it was seen. */
  readonly onChanged: () => Promise<void>;
}

/** How fast, where nobody says so. */
const USUAL_RATE = '10';

const Go = ({ work, filter, seen, onChanged }: GoProps) => {
  const [rate, setRate] = useState(USUAL_RATE);
  return (
    <ReasonForm
      label={`${seen.whyApproval === null ? TITLES[work.kind] : 'Ask for approval of'} ${countText(seen.preview.webhooks)}`}
      action={{ isAllowed: true, why: null }}
      says={`${seen.whyApproval === null ? '' : `It needs a second person: ${seen.whyApproval}. `}One webhook goes first. The rest follows if it ends well, and the job stops by itself when too much fails again. ${SAYS[work.kind]}`}
      onSend={async (reason) => {
        const asked = { ...filter, until: seen.until };
        const asking = { work, filter: asked, hash: seen.hash, reason, webhooksPerSecond: Number(rate) };
        const job = await tell<JobJson>('/api/jobs', asking).catch(async (error: unknown) => {
          if (error instanceof ServerError && error.code === 'preview_changed') await onChanged();
          throw error;
        });
        go(`/jobs/${encodeURIComponent(job.jobId)}`);
      }}
    >
      <label>
        <span>Webhooks a second, at most</span>
        <input
          type="number"
          required
          min="1"
          inputMode="numeric"
          value={rate}
          onInput={(event) => setRate(event.currentTarget.value)}
        />
      </label>
    </ReasonForm>
  );
};
