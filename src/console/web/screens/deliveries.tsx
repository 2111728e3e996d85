/** Deliveries by what became of them: what was not taken where nothing else is asked for, as kept and as the trail says it. */
import type { ComponentChildren } from 'preact';
import type { DeliveriesJson, DeliveryCountsJson, PageJson, TurnedAwayJson, WebhookRow } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { bytesText, countText, words } from '../format.ts';
import { hrefOf, place } from '../location.ts';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { type Filter, Filters, knownParams } from '../parts/filters.tsx';
import { FirstWebhook } from '../parts/first-webhook.tsx';
import { Paged } from '../parts/list.tsx';
import { Problem, Unanswered } from '../parts/problem.tsx';
import { REJECTED_COLUMNS } from '../parts/rejected-columns.tsx';
import { unknownCounts } from '../parts/rejected-share.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago, Id, Name, Text } from '../parts/value.tsx';
import { homeOf, providerNames, session } from '../server.ts';
import { useAnswer } from '../use-answer.ts';
import { webhookKey, webhookLink } from './webhooks.tsx';

const TURNED_AWAY_COLUMNS: readonly Column<TurnedAwayJson>[] = [
  { name: 'Time', cell: ({ ts }) => <Ago at={ts} /> },
  { name: 'Event', cell: ({ event }) => words(event.toLowerCase()) },
  { name: 'Reason', cell: ({ reason }) => <Text of={reason === null ? null : words(reason)} /> },
  { name: 'Provider', cell: ({ actor }) => <Text of={actor.id} /> },
  { name: 'Answer', isNumber: true, cell: ({ answer }) => answer ?? '' },
  { name: 'From', cell: ({ origin }) => <Text of={origin.sourceAddress} /> },
  { name: 'How many', isNumber: true, cell: ({ count }) => countText(count) },
];

const OUTCOMES = ['accepted', 'duplicate', 'rejected', 'refused'] as const;
type Outcome = (typeof OUTCOMES)[number];

/** Only the rejected ones are kept with why and from where. */
const filtersOf = (outcome: string | null): readonly Filter[] => {
  const of: Filter = { name: 'outcome', label: 'Outcome', kind: 'choice', values: OUTCOMES };
  if (outcome === 'duplicate') return [of];
  const isOfBox = outcome !== 'accepted' && outcome !== 'refused';
  return [
    of,
    { name: 'provider', label: 'Provider', kind: 'choice', values: providerNames() },
    ...(isOfBox
      ? ([
          { name: 'reason', label: 'Reason', kind: 'choice', values: session.value?.rejectionReasons ?? [] },
          { name: 'address', label: 'From', kind: 'text', example: '192.0.2.7' },
        ] as const)
      : []),
    { name: 'since', label: 'Since', kind: 'text', example: '2h' },
    { name: 'until', label: 'Until', kind: 'text', example: '15m' },
  ];
};

type Params = ReturnType<typeof knownParams>;

/** What each outcome is asked as: its list, the same as a file, and the command that shows it. */
const asked = (outcome: Outcome, params: Params) => {
  const path = (list: string, filters: Params) => hrefOf(`/api/${list}`, filters);
  const line = (words: readonly string[], filters: Params = []) => commandLine(homeOf(), words, filters);
  switch (outcome) {
    case 'accepted': {
      const filters: Params = [['origin', 'delivery'], ...params];
      const command = line(['webhooks', 'list'], filters);
      return { path: path('webhooks', filters), list: 'webhooks', filters, command };
    }
    case 'refused': {
      const filters: Params = [['outcome', 'refused'], ...params];
      const ofTrail = params.map(([name, value]) =>
        name === 'provider' ? (['actor', `provider:${value}`] as const) : ([name, value] as const),
      );
      const command = line(
        ['audit', 'show'],
        [['chain', 'rejections'], ['event', 'REFUSED_AT_EDGE,REJECTED_AT_EDGE'], ...ofTrail],
      );
      return { path: path('deliveries/turned-away', filters), list: 'turned-away', filters, command };
    }
    case 'duplicate':
      return { path: path('deliveries/counts', []), list: null, filters: [], command: line(['health']) };
    case 'rejected':
      return {
        path: path('deliveries', params),
        list: 'deliveries',
        filters: params,
        command: line(['rejected', 'list'], params),
      };
    default:
      return outcome satisfies never;
  }
};

export const Deliveries = () => {
  const outcome = place.value.params.get('outcome') ?? null;
  const filters = filtersOf(outcome);
  const params = knownParams(filters).filter(([name]) => name !== 'outcome');
  // Where nothing is asked for, what a person has to look into.
  const shown = OUTCOMES.find((one) => one === outcome) ?? 'rejected';
  const { path, list, filters: ofList, command } = asked(shown, params);
  return (
    <Screen
      title="Deliveries"
      actions={
        <>
          {list !== null && <Export list={list} params={ofList} />}
          <Command line={command} />
        </>
      }
    >
      <Filters filters={filters} />
      {outcome !== null && shown !== outcome && (
        <p class="problem">There is no such outcome: these are the rejected ones.</p>
      )}
      {shown === 'accepted' && <Accepted key={path} path={path} isFiltered={params.length > 0} />}
      {shown === 'duplicate' && <Duplicates path={path} />}
      {shown === 'refused' && <Refused key={path} path={path} isFiltered={params.length > 0} />}
      {shown === 'rejected' && (
        <Rejected path={path} isFiltered={params.length > 0}>
          <TurnedAway outcome={outcome} params={params} />
        </Rejected>
      )}
    </Screen>
  );
};

interface ListProps {
  readonly path: string;
  readonly isFiltered: boolean;
}

const ACCEPTED_COLUMNS: readonly Column<WebhookRow>[] = [
  { name: 'Webhook', cell: ({ webhookId }) => <Id of={webhookId} /> },
  { name: 'Came', cell: ({ receivedAt }) => <Ago at={receivedAt} /> },
  { name: 'Provider', cell: ({ provider }) => <Text of={provider} /> },
  { name: 'Event type', cell: ({ eventType }) => <Name of={eventType} /> },
  { name: 'Size', isNumber: true, cell: ({ payloadBytes }) => bytesText(payloadBytes) },
  { name: 'Status', cell: ({ status }) => <State of={status} /> },
];

/** Each is a webhook, which is where it leads; one delivery may have brought several. */
const Accepted = ({ path, isFiltered }: ListProps) => (
  <Paged
    caption="Accepted deliveries by the webhooks that they brought, newest first"
    columns={ACCEPTED_COLUMNS}
    asked={useAnswer<PageJson<WebhookRow>>(path)}
    path={path}
    keyOf={webhookKey}
    linkOf={webhookLink}
    empty={isFiltered ? <p>No accepted delivery is like that.</p> : <FirstWebhook />}
  />
);

interface RejectedProps extends ListProps {
  /** What else is known of them: what is wrong with the list is wrong with it too, and said once. */
  readonly children: ComponentChildren;
}

const Rejected = ({ path, isFiltered, children }: RejectedProps) => {
  const box = useAnswer<DeliveriesJson>(path);
  return (
    <>
      <Paged
        caption="Rejected deliveries, newest first"
        columns={REJECTED_COLUMNS}
        asked={box}
        path={path}
        keyOf={({ id }) => id}
        linkOf={({ id }) => `/deliveries/${encodeURIComponent(id)}`}
        empty={<Nothing areKept={box.answer?.areKept !== false} isFiltered={isFiltered} />}
      />
      {box.problem === null && children}
    </>
  );
};

const Refused = ({ path, isFiltered }: ListProps) => (
  <Paged
    caption="Deliveries that were refused before they were looked into, newest first"
    columns={TURNED_AWAY_COLUMNS}
    asked={useAnswer<PageJson<TurnedAwayJson>>(path)}
    path={path}
    keyOf={({ position }) => position}
    empty={<p>{isFiltered ? 'No refused delivery is like that.' : 'Nothing was refused.'}</p>}
  />
);

/** Nothing is written for one, so that a provider that sends all of them again costs nothing. */
const Duplicates = ({ path }: { readonly path: string }) => {
  const { answer, problem, reload } = useAnswer<DeliveryCountsJson>(path);
  if (answer === null) return <Unanswered why={problem} retry={reload} />;
  return (
    <div class="empty">
      <p>
        A duplicate is answered as its webhook was, and counted: it is not stored, so there is no list of them.{' '}
        {answer.lastHour === null
          ? unknownCounts()
          : `In the last 60 minutes ${countText(answer.lastHour.duplicates)} came, beside ${countText(answer.lastHour.accepted)} that were accepted.`}
      </p>
    </div>
  );
};

const Nothing = ({ areKept, isFiltered }: { readonly areKept: boolean; readonly isFiltered: boolean }) =>
  areKept ? (
    <p>
      {isFiltered ? (
        'No rejected delivery is like that.'
      ) : (
        <>
          No rejected delivery is kept. What came and is genuine is under <a href="/webhooks">Webhooks</a>.
        </>
      )}
    </p>
  ) : (
    <>
      <p>Rejected deliveries are not kept here, so none can be looked into or accepted later. To keep them:</p>
      <code>rejected: {'{ areKept: true }'}</code>
    </>
  );

/** The trail does not say the reason and the address of each. */
const NOT_OF_TRAIL: readonly string[] = ['reason', 'address'];

const TurnedAway = ({ outcome, params }: { readonly outcome: string | null; readonly params: Params }) =>
  params.some(([name]) => NOT_OF_TRAIL.includes(name)) ? null : (
    <OfTrail
      path={hrefOf('/api/deliveries/turned-away', [
        ['outcome', outcome === 'rejected' ? outcome : ''],
        ...params.filter(([name]) => name !== 'after'),
      ])}
    />
  );

const OfTrail = ({ path }: { readonly path: string }) => {
  const { answer, problem, reload } = useAnswer<PageJson<TurnedAwayJson>>(path);
  if (problem !== null) return <Problem of={problem} retry={reload} />;
  if (answer === null || answer.items.length === 0) return null;
  return (
    <>
      <h2>Turned away, by the trail</h2>
      <Table
        caption="What was turned away, newest first"
        columns={TURNED_AWAY_COLUMNS}
        items={answer.items}
        keyOf={({ position }) => position}
      />
      <p class="pages">These are the newest. Repeated deliveries are counted, and not stored one by one.</p>
    </>
  );
};
