/** One destination: how it is doing, a message to try it, what became of its entries, and what it gave up sent again. */
import { useState } from 'preact/hooks';
import type { EntryJson, PageJson, PutBackJson, ShownDestination } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText, durationText } from '../format.ts';
import { hrefOf, place, webhookHref } from '../location.ts';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { Facts } from '../parts/facts.tsx';
import { type Filter, Filters, knownParams } from '../parts/filters.tsx';
import { Paged } from '../parts/list.tsx';
import { Problem, Unanswered } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import type { Column } from '../parts/table.tsx';
import { Ago, Id, Name, Text, Time, Words } from '../parts/value.tsx';
import { homeOf, mayPutBack, providerNames, ServerError, tell } from '../server.ts';
import { useAnswer } from '../use-answer.ts';
import { DeliveredLastDay, stateOf } from './destinations.tsx';

/** How far a resend looks back, unless the address says otherwise: it is narrowed there. */
const RESENT_SINCE = '3d';

export const DestinationScreen = ({ name }: { readonly name: string }) => {
  const path = `/api/destinations/${encodeURIComponent(name)}`;
  const { answer, problem, reload } = useAnswer<ShownDestination>(path);
  const actions = (
    <>
      {answer !== null && answer.givenUp > 0 && mayPutBack() && (
        <a class="button" href={hrefOf(`/resend/${encodeURIComponent(name)}`, [['since', RESENT_SINCE]])}>
          Resend what was given up…
        </a>
      )}
      <Command line={commandLine(homeOf(), ['destinations', 'test', name])} />
    </>
  );
  return (
    <Screen title={name} heading={<Text of={name} />} actions={actions}>
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && <Detail destination={answer} />}
      {answer?.isInHome === true && mayPutBack() && <Try path={`${path}/test`} />}
      {answer?.isInHome === true && <Entries name={name} path={`${path}/entries`} />}
    </Screen>
  );
};

const Detail = ({ destination }: { readonly destination: ShownDestination }) => {
  const { waiting, givenUp, oldestEnqueuedAt, nextProbeAt, lastError, circuit } = destination;
  return (
    <>
      <p class="lead">
        <State of={stateOf(destination)} />
        {nextProbeAt !== null && (
          <span>
            tried again <Ago at={nextProbeAt} />
          </span>
        )}
        {circuit === null && (
          <span class="quiet">
            Whether it is up only a server says that runs on this machine and works with this home.
          </span>
        )}
      </p>
      {lastError !== null && (
        <p class={circuit === 'closed' ? 'quiet' : 'problem'}>
          <Text of={lastError.error} /> · <Time at={lastError.at} />
        </p>
      )}
      <dl class="sums">
        <div>
          <dt>Waiting</dt>
          <dd>{countText(waiting)}</dd>
        </div>
        <div>
          <dt>Oldest</dt>
          <dd>{oldestEnqueuedAt === null ? '–' : <Ago at={oldestEnqueuedAt} />}</dd>
        </div>
        <div>
          <dt>Given up</dt>
          <dd>{countText(givenUp)}</dd>
        </div>
        <div>
          <dt>Delivered 24 h</dt>
          <dd>
            <DeliveredLastDay of={destination} />
          </dd>
        </div>
        <div>
          <dt>p99 of calls</dt>
          <dd>{destination.callMsP99 === null ? '–' : durationText(destination.callMsP99)}</dd>
        </div>
      </dl>
      <h2>Facts</h2>
      <Facts
        facts={[
          { name: 'Kind', value: destination.kind },
          { name: 'Where', value: <Text of={destination.where} /> },
          { name: 'Events', value: <Text of={destination.events.join(' ')} /> },
        ]}
      />
    </>
  );
};

const COLUMNS: readonly Column<EntryJson>[] = [
  { name: 'Event type', cell: ({ eventType }) => <Name of={eventType} /> },
  { name: 'State', cell: ({ state }) => <State of={state} /> },
  { name: 'Since', cell: ({ changedAt }) => <Ago at={changedAt} /> },
  { name: 'Failures', isNumber: true, cell: ({ failures }) => countText(failures) },
  { name: 'Last error', cell: ({ lastError }) => (lastError === null ? '' : <Words of={lastError} />) },
  { name: 'Provider', cell: ({ provider }) => <Text of={provider} /> },
  { name: 'Put', cell: ({ enqueuedAt }) => <Ago at={enqueuedAt} /> },
  { name: 'Event', cell: ({ eventId }) => <Id of={eventId} /> },
];

const entryKey = ({ eventId, enqueuedAt }: EntryJson): string => `${eventId} ${enqueuedAt}`;

/** What a person looks for here first. */
const USUAL_STATE = 'given_up';

const filtersOf = (): readonly Filter[] => [
  { name: 'state', label: 'State', kind: 'choice', values: ['given_up', 'waiting', 'delivered'], usual: USUAL_STATE },
  { name: 'provider', label: 'Provider', kind: 'choice', values: providerNames() },
  { name: 'since', label: 'Received since', kind: 'text', example: '3d' },
  { name: 'until', label: 'Until', kind: 'text', example: '15m' },
];

const Entries = ({ name, path: base }: { readonly name: string; readonly path: string }) => {
  const filters = filtersOf();
  const params = [...new Map<string, string>([['state', USUAL_STATE], ...knownParams(filters)])];
  const path = hrefOf(base, params);
  const asked = useAnswer<PageJson<EntryJson>>(path);
  return (
    <section aria-labelledby="entries-title">
      <div class="titled-head">
        <h2 id="entries-title">Entries</h2>
        <span class="actions">
          <Export list="entries" params={[['destination', name], ...params]} />
          <Command line={commandLine(homeOf(), ['destinations', 'entries', name], params)} />
        </span>
      </div>
      <Filters filters={filters} />
      <Paged
        caption="Entries, of the newest webhooks first"
        columns={COLUMNS}
        asked={asked}
        path={path}
        keyOf={entryKey}
        linkOf={({ webhookId }) => webhookHref(webhookId)}
        forPicked={mayPutBack() ? [{ label: 'Resend these…', path: `/resend/${encodeURIComponent(name)}` }] : []}
        empty={
          <p>
            {place.value.params.size === 0
              ? 'Nothing was given up: everything was delivered, or waits for its turn.'
              : 'No entry is like that.'}
          </p>
        }
      />
    </section>
  );
};

const Try = ({ path }: { readonly path: string }) => {
  const [isBusy, setIsBusy] = useState(false);
  const [said, setSaid] = useState<PutBackJson | null>(null);
  const [problem, setProblem] = useState<ServerError | null>(null);
  const send = async (): Promise<void> => {
    setIsBusy(true);
    setProblem(null);
    setSaid(null);
    try {
      setSaid(await tell<PutBackJson>(path, {}));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setProblem(error);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <section aria-labelledby="try-title">
      <h2 id="try-title">Try it</h2>
      <div class="act" role="status">
        <p>One message of type payhook.test, from this machine, signed as all others.</p>
        <button type="button" disabled={isBusy} onClick={() => void send()}>
          Send a test message
        </button>
        {said !== null && (
          <p class={said.isDone ? 'done' : 'problem'}>
            It <Text of={said.text} />.
          </p>
        )}
        {problem !== null && <Problem of={problem} />}
      </div>
    </section>
  );
};
