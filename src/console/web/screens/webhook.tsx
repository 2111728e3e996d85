/** One webhook: what became of it and when, and what may be done with it. */
import { useState } from 'preact/hooks';
import type { PutBackJson, WebhookDetailJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { counted } from '../counted.ts';
import { bytesText, durationText } from '../format.ts';
import { hrefOf, paymentHref } from '../location.ts';
import { AuditRows } from '../parts/audit-rows.tsx';
import { Command, Copy } from '../parts/command.tsx';
import { Facts } from '../parts/facts.tsx';
import { Payload } from '../parts/payload.tsx';
import { Unanswered } from '../parts/problem.tsx';
import { Reason } from '../parts/reason.tsx';
import { Redrive } from '../parts/redrive.tsx';
import { Replay } from '../parts/replay.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import { Id, Text, Time } from '../parts/value.tsx';
import { homeOf } from '../server.ts';
import { timelineOf } from '../timeline.ts';
import { useAnswer } from '../use-answer.ts';

export const WebhookScreen = ({ id }: { readonly id: string }) => {
  const { answer, problem, reload } = useAnswer<WebhookDetailJson>(`/api/webhooks/${encodeURIComponent(id)}`);
  const actions = (
    <>
      <Copy text={id} label="Copy id" pressedBy="c" />
      <Command line={commandLine(homeOf(), ['webhooks', 'show', id])} />
    </>
  );
  return (
    <Screen title={id} heading={<Id of={id} />} actions={actions}>
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && <Detail webhook={answer} reload={reload} />}
    </Screen>
  );
};

const Detail = ({ webhook, reload }: { readonly webhook: WebhookDetailJson; readonly reload: () => void }) => {
  const { webhookId, status, eventType, provider, mode, synthetic, actions, cause, lastError } = webhook;
  const [said, setSaid] = useState<PutBackJson | null>(null);
  const redrive = actions.find(({ name }) => name === 'redrive');
  const replay = actions.find(({ name }) => name === 'replay');
  const open = actions.find(({ name }) => name === 'open_payload');
  const onDone = (done: PutBackJson): void => {
    setSaid(done);
    reload();
  };
  return (
    <>
      <p class="lead">
        <State of={status} />{' '}
        <strong>
          <Text of={eventType} />
        </strong>{' '}
        {provider}
        {mode !== 'live' && <span class="mark">{mode}</span>}
        {synthetic !== null && <span class="mark">synthetic</span>}
      </p>
      {lastError !== null && status !== 'processed' && (
        <p class={status === 'ignored' ? 'quiet' : 'problem'}>
          <Text of={lastError} />
          {cause !== null && (
            <>
              {' '}
              · <a href={hrefOf('/webhooks', [['cause', cause]])}>all of this cause</a>
            </>
          )}
        </p>
      )}
      {said !== null && (
        <p role="status" class={said.isDone ? 'done' : 'problem'}>
          It <Text of={said.text} />.
        </p>
      )}
      {redrive !== undefined && <Redrive webhookId={webhookId} action={redrive} onDone={onDone} />}
      {replay !== undefined && <Replay webhook={webhook} action={replay} onDone={onDone} />}
      <div class="columns">
        <section>
          <h2>Timeline</h2>
          <Timeline webhook={webhook} />
          <EventsAndHandlers webhook={webhook} />
        </section>
        <section>
          <h2>Facts</h2>
          <WebhookFacts webhook={webhook} />
          <Headers of={webhook.headers} />
          <h2>Payload</h2>
          {open !== undefined && <Payload key={webhookId} webhookId={webhookId} action={open} />}
        </section>
      </div>
      <h2>Audit</h2>
      <AuditRows caption="Entries of this webhook, oldest first" entries={webhook.audit} />
    </>
  );
};

const Timeline = ({ webhook }: { readonly webhook: WebhookDetailJson }) => (
  <ol class="timeline">
    {timelineOf(webhook).map(({ at, gapMs, what, state, said }) => (
      <li key={`${at} ${what}`}>
        <span class="when">
          <Time at={at} isExact />
          {gapMs !== null && <span class="gap">+{durationText(gapMs)}</span>}
        </span>
        <span>
          <Text of={what} /> {state !== null && <State of={state} />}
          {said !== null && (
            <span class="said">
              <Reason of={said} />
            </span>
          )}
        </span>
      </li>
    ))}
  </ol>
);

const EventsAndHandlers = ({ webhook: { events, handlers, provider } }: { readonly webhook: WebhookDetailJson }) => (
  <>
    {events.length > 0 && <h2>Payment events</h2>}
    <ul class="plain">
      {events.map(({ eventId, type, paymentId, news }) => (
        <li key={eventId}>
          <strong>{type}</strong> {news !== 'news' && <span class="mark">{news}</span>}
          {paymentId !== null && (
            <a href={paymentHref(provider, paymentId)}>
              <Id of={paymentId} />
            </a>
          )}
        </li>
      ))}
    </ul>
    {handlers.length > 0 && <h2>Handlers</h2>}
    <ul class="plain">
      {handlers.map(({ handler, eventId, outcome, attempts }) => (
        <li key={`${handler} ${eventId}`}>
          <Text of={handler} /> <State of={outcome} /> <span class="quiet">{counted(attempts, 'call')}</span>
        </li>
      ))}
    </ul>
  </>
);

const maskedText = ({ cardNumbers, securityCodes, trackData }: WebhookDetailJson['cardData']): string =>
  cardNumbers + securityCodes + trackData === 0
    ? 'none found'
    : `masked: ${counted(cardNumbers, 'card number')}, ${counted(securityCodes, 'security code')}, ${trackData} of a track`;

const WebhookFacts = ({ webhook }: { readonly webhook: WebhookDetailJson }) => (
  <Facts
    facts={[
      { name: 'Event id', value: <Id of={webhook.providerEventId} /> },
      { name: 'Object', value: <Id of={webhook.objectId} /> },
      webhook.account === null ? null : { name: 'Account', value: <Id of={webhook.account} /> },
      { name: 'Attempts', value: webhook.attempts },
      webhook.nextAttemptAt === null ? null : { name: 'Next try', value: <Time at={webhook.nextAttemptAt} /> },
      { name: 'Verified with', value: <Id of={webhook.secretId} /> },
      { name: 'Card data', value: maskedText(webhook.cardData) },
      { name: 'Payload', value: bytesText(webhook.payloadBytes) },
      { name: 'Body SHA-256', value: <Id of={webhook.bodySha256} /> },
      { name: 'Trace', value: <Id of={webhook.traceId} /> },
      { name: 'Changed by', value: <Text of={`${webhook.changedBy.type} ${webhook.changedBy.id}`} /> },
      { name: 'Kept until', value: <Time at={webhook.expiresAt} /> },
    ]}
  />
);

const Headers = ({ of }: { readonly of: WebhookDetailJson['headers'] }) =>
  Object.keys(of).length === 0 ? null : (
    <details>
      <summary>Headers</summary>
      <Facts
        facts={Object.entries(of).map(([name, value]) => ({ name: <Text of={name} />, value: <Text of={value} /> }))}
      />
    </details>
  );
