/** One payment: its amounts, and everything that happened to it, across event types. */
import { useState } from 'preact/hooks';
import type { PaymentJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { durationText, words } from '../format.ts';
import { hrefOf, webhookHref } from '../location.ts';
import { Command, Copy } from '../parts/command.tsx';
import { Facts } from '../parts/facts.tsx';
import { Problem } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import { Amount, Amounts, Id, Text, Time } from '../parts/value.tsx';
import { homeOf, mayPutBack } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

export const PaymentScreen = ({ provider, id }: { readonly provider: string; readonly id: string }) => {
  const path = `/api/payments/${encodeURIComponent(provider)}/${encodeURIComponent(id)}`;
  const { answer, problem, reload } = useAnswer<readonly PaymentJson[]>(path);
  const actions = (
    <>
      <a class="button" href={hrefOf('/webhooks', [['payment', id]])}>
        Its webhooks
      </a>
      {mayPutBack() && (
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
      {problem !== null && <Problem of={problem} retry={reload} />}
      {(answer ?? []).map((payment) => (
        <Detail key={`${payment.account} ${payment.paymentId}`} payment={payment} />
      ))}
    </Screen>
  );
};

const Detail = ({ payment }: { readonly payment: PaymentJson }) => {
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
      <dl class="sums">
        <Sum name="Amount" of={payment.amount} />
        <Sum name="Captured" of={captured} />
        <Sum name="Refunded" of={refunded} />
        <Sum name="Disputed" of={disputed} />
        <Sum name="Net" of={payment.net} />
      </dl>
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

/** Of what happened at the provider, in its order; what changed nothing can be left out. */
const History = ({ payment: { history } }: { readonly payment: PaymentJson }) => {
  const [isAll, setIsAll] = useState(true);
  const shown = isAll ? history : history.filter(({ isTransition }) => isTransition);
  return (
    <>
      <h2>What happened</h2>
      <label class="check">
        <input type="checkbox" checked={isAll} onChange={(event) => setIsAll(event.currentTarget.checked)} /> also what
        did not change its status
      </label>
      <ol class="timeline">
        {shown.map(({ eventId, at, type, amount, status, isTransition, reason }, index) => {
          const before = shown[index - 1]?.at ?? null;
          return (
            <li key={eventId}>
              <span class="when">
                {at === null ? '–' : <Time at={at} isExact />}
                {at !== null && before !== null && (
                  <span class="gap">+{durationText(Date.parse(at) - Date.parse(before))}</span>
                )}
              </span>
              <span>
                <strong>{type}</strong> <Amount of={amount} /> {isTransition && <State of={status} />}
                <span class="said">
                  {reason !== null && <Text of={words(reason)} />}{' '}
                  <a href={webhookHref(eventId.replace(/#\d+$/, ''))}>
                    <Id of={eventId} />
                  </a>
                </span>
              </span>
            </li>
          );
        })}
      </ol>
    </>
  );
};

const titled = (code: string): string => words(code).replace(/^./, (letter) => letter.toUpperCase());

const PaymentFacts = ({ payment }: { readonly payment: PaymentJson }) => (
  <Facts
    facts={[
      payment.account === null ? null : { name: 'Account', value: <Id of={payment.account} /> },
      payment.fees.length === 0 ? null : { name: 'Fees', value: <Amounts of={payment.fees} /> },
      ...payment.refunds.map(({ refundId, state, amount }) => ({
        name: 'Refund',
        value: (
          <>
            <Id of={refundId} />
            <State of={state} /> <Amount of={amount} />
          </>
        ),
      })),
      ...payment.disputes.map(({ disputeId, state, amount, deadlineAt }) => ({
        name: 'Dispute',
        value: (
          <>
            <Id of={disputeId} />
            <State of={state} /> <Amount of={amount} />
            {deadlineAt !== null && (
              <>
                {' answer until '}
                <Time at={deadlineAt} />
              </>
            )}
          </>
        ),
      })),
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
