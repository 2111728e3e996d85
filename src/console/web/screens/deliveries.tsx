/** Deliveries that were not taken: those that are kept, and what the trail says of the others. */
import type { DeliveriesJson, DeliveryJson, TurnedAwayJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { bytesText, countText, durationText, words } from '../format.ts';
import { hrefOf } from '../location.ts';
import { now } from '../now.ts';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { type Filter, Filters, knownParams } from '../parts/filters.tsx';
import { Paged } from '../parts/list.tsx';
import { Problem } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago, Text } from '../parts/value.tsx';
import { homeOf, providerNames, session } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

/** Until when the provider tries by itself: nothing is lost before. */
const Tries = ({ of: { triesUntil, triesLeft } }: { readonly of: DeliveryJson }) =>
  triesUntil === null ? (
    <Text of={null} />
  ) : (
    <>
      {Date.parse(triesUntil) < now.value ? 'ended ' : 'ends '}
      <Ago at={triesUntil} />
      {triesLeft !== null && triesLeft > 0 && <span class="quiet"> · {countText(triesLeft)} more</span>}
    </>
  );

/** Its clock against ours, where it says when it was signed: a sign is never left out. */
export const skewText = (ms: number | null): string =>
  ms === null ? '' : `${ms < 0 ? '−' : '+'}${durationText(Math.abs(ms))}`;

const COLUMNS: readonly Column<DeliveryJson>[] = [
  { name: 'Reason', cell: ({ reason }) => words(reason) },
  { name: 'Came', cell: ({ rejectedAt }) => <Ago at={rejectedAt} /> },
  { name: 'Provider', cell: ({ provider }) => <Text of={provider} /> },
  { name: 'Answer', isNumber: true, cell: ({ answer }) => answer },
  {
    name: 'From',
    cell: ({ sourceAddress, isFromKnownSender }) => (
      <>
        <Text of={sourceAddress} />
        {isFromKnownSender && <span class="mark">known</span>}
      </>
    ),
  },
  { name: 'Size', isNumber: true, cell: ({ bodyBytes }) => bytesText(bodyBytes) },
  { name: 'Skew', isNumber: true, cell: ({ skewMs }) => skewText(skewMs) },
  { name: 'Provider tries', cell: (delivery) => <Tries of={delivery} /> },
  {
    name: 'Accepted',
    cell: ({ acceptedAt }) =>
      acceptedAt === null ? (
        ''
      ) : (
        <>
          <State of="done" /> <Ago at={acceptedAt} />
        </>
      ),
  },
];

const TURNED_AWAY_COLUMNS: readonly Column<TurnedAwayJson>[] = [
  { name: 'Time', cell: ({ ts }) => <Ago at={ts} /> },
  { name: 'Event', cell: ({ event }) => words(event.toLowerCase()) },
  { name: 'Reason', cell: ({ reason }) => <Text of={reason === null ? null : words(reason)} /> },
  { name: 'Provider', cell: ({ actor }) => <Text of={actor.id} /> },
  { name: 'Answer', isNumber: true, cell: ({ answer }) => answer ?? '' },
  { name: 'From', cell: ({ origin }) => <Text of={origin.sourceAddress} /> },
  { name: 'How many', isNumber: true, cell: ({ count }) => countText(count) },
];

const filtersOf = (): readonly Filter[] => [
  { name: 'provider', label: 'Provider', kind: 'choice', values: providerNames() },
  { name: 'reason', label: 'Reason', kind: 'choice', values: session.value?.rejectionReasons ?? [] },
  { name: 'address', label: 'From', kind: 'text', example: '192.0.2.7' },
  { name: 'since', label: 'Since', kind: 'text', example: '2h' },
  { name: 'until', label: 'Until', kind: 'text', example: '15m' },
];

export const Deliveries = () => {
  const filters = filtersOf();
  const params = knownParams(filters);
  const path = hrefOf('/api/deliveries', params);
  const asked = useAnswer<DeliveriesJson>(path);
  return (
    <Screen
      title="Deliveries"
      actions={
        <>
          <Export list="deliveries" params={params} />
          <Command line={commandLine(homeOf(), ['rejected', 'list'], params)} />
        </>
      }
    >
      <Filters filters={filters} />
      <Paged
        caption="Rejected deliveries, newest first"
        columns={COLUMNS}
        asked={asked}
        path={path}
        keyOf={({ id }) => id}
        linkOf={({ id }) => `/deliveries/${encodeURIComponent(id)}`}
        empty={<Nothing areKept={asked.answer?.areKept !== false} isFiltered={params.length > 0} />}
      />
      <TurnedAway />
    </Screen>
  );
};

const Nothing = ({ areKept, isFiltered }: { readonly areKept: boolean; readonly isFiltered: boolean }) =>
  areKept ? (
    <p>
      {isFiltered
        ? 'No rejected delivery is like that.'
        : 'Everything that came was genuine, as far as is kept. What verifies is under Webhooks.'}
    </p>
  ) : (
    <>
      <p>Rejected deliveries are not kept here, so none can be looked into or accepted later. To keep them:</p>
      <code>rejected: {'{ areKept: true }'}</code>
    </>
  );

const TurnedAway = () => {
  const { answer, problem, reload } = useAnswer<readonly TurnedAwayJson[]>('/api/deliveries/turned-away');
  if (problem !== null) return <Problem of={problem} retry={reload} />;
  if (answer === null || answer.length === 0) return null;
  return (
    <>
      <h2>Turned away, by the trail</h2>
      <Table
        caption="What was turned away, newest first"
        columns={TURNED_AWAY_COLUMNS}
        items={answer}
        keyOf={({ position }) => position}
      />
      <p class="pages">Accepted deliveries and repeated ones are counted, and not stored one by one.</p>
    </>
  );
};
