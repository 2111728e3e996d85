/** One rejected delivery: why it does not verify, what to change, and accepting it once it does. */
import { useEffect, useState } from 'preact/hooks';
import type { AcceptedJson, DeliveryDetailJson, JudgedJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { bytesText, words } from '../format.ts';
import { now } from '../now.ts';
import { Became } from '../parts/became.tsx';
import { Command, Copy } from '../parts/command.tsx';
import { Facts } from '../parts/facts.tsx';
import { Problem, Unanswered } from '../parts/problem.tsx';
import { ReasonForm } from '../parts/reason-form.tsx';
import { skewText } from '../parts/rejected-columns.tsx';
import { Screen } from '../parts/screen.tsx';
import { Id, Text, Time } from '../parts/value.tsx';
import { homeOf, ServerError, tell } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

const pathOf = (id: string): string => `/api/deliveries/${encodeURIComponent(id)}`;

export const DeliveryScreen = ({ id }: { readonly id: string }) => {
  const { answer, problem, reload } = useAnswer<DeliveryDetailJson>(pathOf(id));
  const actions = (
    <>
      <Copy text={id} label="Copy id" pressedBy="c" />
      <Command line={commandLine(homeOf(), ['rejected', 'doctor', id])} />
    </>
  );
  return (
    <Screen title={id} heading={<Id of={id} />} actions={actions}>
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && <Detail delivery={answer} reload={reload} />}
    </Screen>
  );
};

const Detail = ({ delivery, reload }: { readonly delivery: DeliveryDetailJson; readonly reload: () => void }) => {
  const { id, provider, reason, acceptedAt, webhookIds } = delivery;
  const [said, setSaid] = useState<AcceptedJson | null>(null);
  return (
    <>
      <p class="lead">
        <span class={`state ${acceptedAt === null ? 'bad' : 'good'}`}>
          <span aria-hidden="true">{acceptedAt === null ? '✖' : '✔'}</span>{' '}
          {acceptedAt === null ? words(reason) : webhookIds.length === 0 ? 'accepted' : 'accepted as'}
        </span>
        <Became of={webhookIds} />
        <Text of={provider} />
        <Clock of={delivery} />
      </p>
      {said !== null && (
        <p role="status" class={said.isDone ? 'done' : 'problem'}>
          {said.isDone ? (
            <>
              It is stored as <Became of={said.webhookIds} />
            </>
          ) : (
            <>
              It <Text of={said.text} />.
            </>
          )}
        </p>
      )}
      <Doctor
        delivery={delivery}
        onDone={(done) => {
          setSaid(done);
          reload();
        }}
      />
      <h2>Facts</h2>
      <Facts
        facts={[
          { name: 'Came', value: <Time at={delivery.rejectedAt} isExact /> },
          {
            name: 'From',
            value: (
              <>
                <Text of={delivery.sourceAddress} />
                {delivery.isFromKnownSender && <span class="mark">known sender</span>}
              </>
            ),
          },
          { name: 'Answered', value: delivery.answer },
          delivery.skewMs === null ? null : { name: 'Its clock against ours', value: skewText(delivery.skewMs) },
          { name: 'Body', value: `${bytesText(delivery.bodyBytes)}, sealed` },
          delivery.cardDataCount === 0 ? null : { name: 'Card data', value: `${delivery.cardDataCount} values masked` },
          acceptedAt === null ? null : { name: 'Accepted', value: <Time at={acceptedAt} /> },
          webhookIds.length === 0 ? null : { name: 'Became', value: <Became of={webhookIds} /> },
          { name: 'Trace', value: <Id of={delivery.traceId} /> },
          { name: 'Kept until', value: <Time at={delivery.expiresAt} /> },
          { name: 'Id', value: <Id of={id} /> },
        ]}
      />
    </>
  );
};

/** The provider's own retries: until they end nothing is lost. */
const Clock = ({ of: { triesUntil, triesLeft, providerTitle, schedule } }: { readonly of: DeliveryDetailJson }) => (
  <span class="quiet">
    {triesUntil === null ? (
      <>
        {providerTitle} does not tell until when it tries: <Text of={schedule} />
      </>
    ) : (
      <>
        {providerTitle} {Date.parse(triesUntil) < now.value ? 'tried until' : 'tries until'} <Time at={triesUntil} />
        {triesLeft !== null && triesLeft > 0 && `; ${triesLeft} more`}
      </>
    )}
  </span>
);

const Doctor = ({
  delivery: { id, actions, acceptedAt },
  onDone,
}: {
  readonly delivery: DeliveryDetailJson;
  readonly onDone: (done: AcceptedJson) => void;
}) => {
  const [judged, setJudged] = useState<JudgedJson | null>(null);
  const [isBusy, setIsBusy] = useState(true);
  const [problem, setProblem] = useState<ServerError | null>(null);
  const verify = async (): Promise<void> => {
    setIsBusy(true);
    setProblem(null);
    try {
      setJudged(await tell<JudgedJson>(`${pathOf(id)}/verify`, {}));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setProblem(error);
    } finally {
      setIsBusy(false);
    }
  };
  // The screen is made anew for each delivery: this is asked once.
  useEffect(() => void verify(), []);
  const accept = actions.find(({ name }) => name === 'accept');
  return (
    <section aria-labelledby="doctor-title">
      <h2 id="doctor-title">{judged?.isGenuine === true ? 'Is it genuine?' : 'Why it is not genuine'}</h2>
      <div class="act" role="status">
        {judged === null && isBusy && <p class="quiet">Tries what goes wrong with signatures…</p>}
        {judged !== null && (
          <p>
            <strong class={judged.isGenuine ? 'done' : undefined}>
              {judged.isGenuine && '✔ '}
              <Text of={judged.sentence} />
            </strong>
          </p>
        )}
        {judged !== null && judged.change !== '' && (
          <p>
            <span aria-hidden="true">→ </span>
            <Text of={judged.change} />
          </p>
        )}
        <button type="button" disabled={isBusy} onClick={() => void verify()}>
          Verify again
        </button>
        {problem !== null && <Problem of={problem} />}
      </div>
      {judged?.isGenuine === true && acceptedAt === null && accept !== undefined && (
        <ReasonForm
          label="Accept"
          action={accept}
          says="It is stored and processed as of when it came, once. Who accepted it and why is in the trail first."
          onSend={async (reason) => onDone(await tell<AcceptedJson>(`${pathOf(id)}/accept`, { reason }))}
        />
      )}
    </section>
  );
};
