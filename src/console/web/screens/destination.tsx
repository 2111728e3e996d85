/** One destination: how it is doing, a message to try it, and what it gave up sent again. */
import { useState } from 'preact/hooks';
import type { PutBackJson, ShownDestination } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText } from '../format.ts';
import { hrefOf } from '../location.ts';
import { Command } from '../parts/command.tsx';
import { Facts } from '../parts/facts.tsx';
import { Problem } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import { Ago, Text, Time } from '../parts/value.tsx';
import { homeOf, mayPutBack, ServerError, tell } from '../server.ts';
import { useAnswer } from '../use-answer.ts';
import { stateOf } from './destinations.tsx';

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
      {problem !== null && <Problem of={problem} retry={reload} />}
      {answer !== null && <Detail destination={answer} />}
      {answer?.isInHome === true && mayPutBack() && <Try path={`${path}/test`} />}
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
