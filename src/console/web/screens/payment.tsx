/** One payment: its amounts, and everything that happened to it, across event types. */
import { useState } from 'preact/hooks';
import type { PaymentDetailJson, PaymentJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { durationText, words } from '../format.ts';
import { hrefOf, place, webhookHref } from '../location.ts';
import { Command, Copy } from '../parts/command.tsx';
import { Facts } from '../parts/facts.tsx';
import { Unanswered } from '../parts/problem.tsx';
import { RefundsAndDisputes } from '../parts/refunds-and-disputes.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import { Amount, Amounts, Id, Text, Time } from '../parts/value.tsx';
import { byOurClock, byTheirClock, type Step } from '../payment-clocks.ts';
import { homeOf, mayPutBack } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

export const PaymentScreen = ({ provider, id }: { readonly provider: string; readonly id: string }) => {
  const path = `/api/payments/${encodeURIComponent(provider)}/${encodeURIComponent(id)}`;
  const { answer, problem, reload } = useAnswer<readonly PaymentDetailJson[]>(path);
  const actions = (
    <>
      {problem?.code !== 'not_found' && (
        <a class="button" href={hrefOf('/webhooks', [['payment', id]])}>
          Its webhooks
        </a>
      )}
      {problem?.code !== 'not_found' && mayPutBack() && (
        <a class="button" href={hrefOf('/replay', [['payment', id]])}>
          Replay…
        </a>
      )}
      <Copy text={id} label="Copy id" pressedBy="c" />
      <Command line={commandLine(homeOf(), ['payments', 'show', id])} />
    </>
  );
  return (
    <Screen title={id} heading={<Id of={id} />} actions={actions}>
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {(answer ?? []).map((payment) => (
        <Detail key={`${payment.account} ${payment.paymentId}`} payment={payment} />
      ))}
    </Screen>
  );
};

const Detail = ({ payment }: { readonly payment: PaymentDetailJson }) => {
  const { status, provider, mode, captured, refunded, disputed, flags } = payment;
  return (
    <>
      <p class="lead">
        <State of={status} /> {provider}
        {mode !== 'live' && <span class="mark">{mode}</span>}
        {flags.map((flag) => (
          <span key={flag} class="mark warn">
            {words(flag)}
          </span>
        ))}
      </p>
      {payment.advice.map((sentence) => (
        <p key={sentence} class="notice">
          {sentence}
        </p>
      ))}
      <dl class="sums">
        <Sum name="Amount" of={payment.amount} />
        <Sum name="Captured" of={captured} />
        <Sum name="Refunded" of={refunded} />
        <Sum name="Disputed" of={disputed} />
        <Sum name="Net" of={payment.net} />
      </dl>
      <RefundsAndDisputes of={payment} />
      <div class="columns wide-first">
        <section>
          <History payment={payment} />
        </section>
        <section>
          <h2>Facts</h2>
          <PaymentFacts payment={payment} />
        </section>
      </div>
    </>
  );
};

const Sum = ({ name, of }: { readonly name: string; readonly of: PaymentJson['amount'] }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <Amount of={of} />
    </dd>
  </div>
);

const CLOCKS = [
  { clock: 'provider', name: "provider's time" },
  { clock: 'ours', name: 'our time' },
] as const;

/** By the clock of the provider in the order of what happened, by ours in the order in which it came. */
const History = ({ payment }: { readonly payment: PaymentDetailJson }) => {
  const [isAll, setIsAll] = useState(true);
  const { path, params } = place.value;
  const clock = params.get('clock') === 'ours' ? 'ours' : 'provider';
  const steps = clock === 'ours' ? byOurClock(payment) : byTheirClock(payment);
  const shown = isAll ? steps : steps.filter(({ change }) => change.isTransition);
  return (
    <>
      <div class="choices-head">
        <h2>What happened</h2>
        <nav aria-label="By which clock" class="choices">
          {CLOCKS.map((one) => (
            <a
              key={one.clock}
              href={hrefOf(path, [...new Map(params).set('clock', one.clock === 'ours' ? 'ours' : '')])}
              aria-current={one.clock === clock ? 'true' : undefined}
            >
              {one.name}
            </a>
          ))}
        </nav>
      </div>
      <label class="check">
        <input type="checkbox" checked={isAll} onChange={(event) => setIsAll(event.currentTarget.checked)} /> also what
        did not change its status
      </label>
      <ol class="timeline">
        {shown.map((step, index) => (
          <PaymentStep key={step.change.eventId} step={step} before={shown[index - 1]?.at ?? null} clock={clock} />
        ))}
      </ol>
    </>
  );
};

interface StepProps {
  readonly step: Step;
  readonly before: string | null;
  readonly clock: 'provider' | 'ours';
}

const PaymentStep = ({ step: { at, change, arrival }, before, clock }: StepProps) => (
  <li>
    <span class="when">
      {at === null ? <span class="none">not known</span> : <Time at={at} isExact />}
      {at !== null && before !== null && <Gap from={before} to={at} />}
    </span>
    <span>
      <strong>{change.type}</strong> <Amount of={change.amount} /> {change.isTransition && <State of={change.status} />}
      {arrival !== null && arrival.news !== 'news' && <span class="mark">{arrival.news}</span>}
      {arrival?.status === 'dead_lettered' && <State of={arrival.status} />}
      <span class="said">
        {change.reason !== null && <Text of={words(change.reason)} />}{' '}
        <a href={webhookHref(change.eventId.replace(/#\d+$/, ''))}>
          <Id of={change.eventId} />
        </a>
        <Other at={change.at} arrival={arrival} clock={clock} />
      </span>
      {arrival !== null && <Done of={arrival} />}
    </span>
  </li>
);

/** Who was called with it, and where it was sent on to: was it shipped? */
const Done = ({ of: { handlers, destinations } }: { readonly of: NonNullable<Step['arrival']> }) => (
  <>
    {handlers.map(({ handler, outcome }) => (
      <span key={handler} class="said">
        <Text of={handler} /> <State of={outcome} />
      </span>
    ))}
    {destinations.map(({ destination, state }) => (
      <span key={destination} class="said">
        <Text of={destination} /> <State of={state} />
      </span>
    ))}
  </>
);

const Gap = ({ from, to }: { readonly from: string; readonly to: string }) => (
  <span class="gap">+{durationText(Date.parse(to) - Date.parse(from))}</span>
);

/** What the other clock says: how long it was on its way, or that the two do not agree. */
const Other = ({ at, arrival, clock }: Pick<StepProps, 'clock'> & Pick<Step, 'arrival' | 'at'>) => {
  if (arrival === null) return <span class="gap way">its webhook is not kept any more</span>;
  if (at === null) return null;
  const ms = Date.parse(arrival.receivedAt) - Date.parse(at);
  const way = ms < 0 ? `${durationText(-ms)} before it happened: clocks differ` : `${durationText(ms)} on its way`;
  return (
    <span class="gap way">
      {clock === 'ours' ? 'happened ' : 'came '}
      <Time at={clock === 'ours' ? at : arrival.receivedAt} isExact />, {way}
    </span>
  );
};

const titled = (code: string): string => words(code).replace(/^./, (letter) => letter.toUpperCase());

const PaymentFacts = ({ payment }: { readonly payment: PaymentJson }) => (
  <Facts
    facts={[
      payment.account === null ? null : { name: 'Account', value: <Id of={payment.account} /> },
      payment.fees.length === 0 ? null : { name: 'Fees', value: <Amounts of={payment.fees} /> },
      ...Object.entries(payment.related)
        .filter(([kind]) => kind !== 'refund' && kind !== 'dispute')
        .map(([kind, ids]) => ({ name: titled(kind), value: <Ids of={ids ?? []} /> })),
      { name: 'First seen', value: <Time at={payment.storedAt} /> },
      { name: 'Last change', value: <Time at={payment.changedAt} /> },
    ]}
  />
);

const Ids = ({ of }: { readonly of: readonly string[] }) => (
  <>
    {of.map((id) => (
      <Id key={id} of={id} />
    ))}
  </>
);
