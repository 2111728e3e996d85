/** Where payment events go on to, and what waits for each. */
import type { ShownDestination } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText, durationText, timeText } from '../format.ts';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { Filters } from '../parts/filters.tsx';
import { Unanswered } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { Ago, Text, Words } from '../parts/value.tsx';
import { zone } from '../preferences.ts';
import { homeOf } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

/** A circuit that is open comes first: nothing gets through. */
export const stateOf = ({ isInHome, givenUp, waiting, circuit }: ShownDestination): string => {
  if (!isInHome) return 'not_in_this_home';
  if (circuit === 'open') return 'down';
  if (circuit === 'half_open') return 'down_tried_now';
  if (givenUp > 0) return 'given_up';
  return waiting > 0 ? 'waiting' : 'delivered';
};

/** Since when it is counted is in its title: a server that was started later knows of no more. */
export const DeliveredLastDay = ({ of }: { readonly of: ShownDestination }) =>
  of.deliveredLastDay === null || of.deliveredSince === null ? (
    <Text of={null} />
  ) : (
    <span title={`since ${timeText(of.deliveredSince, zone.value)}`}>{countText(of.deliveredLastDay)}</span>
  );

export const Destinations = () => {
  const { answer, problem, reload } = useAnswer<readonly ShownDestination[]>('/api/destinations');
  return (
    <Screen
      title="Destinations"
      actions={
        <>
          <Export list="destinations" />
          <Command line={commandLine(homeOf(), ['destinations', 'list'])} />
        </>
      }
    >
      <Filters filters={[]} />
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && answer.length === 0 && (
        <div class="empty">
          <p>No destinations are configured: payment events go to your handlers alone. To send them on:</p>
          <code>destinations: {"{ ledger: { kind: 'http', url: 'https://…', events: ['payment.*'] } }"}</code>
        </div>
      )}
      {answer !== null && answer.length > 0 && (
        <Table
          caption="Destinations"
          keyOf={({ name }) => name}
          items={answer}
          linkOf={({ name }) => `/destinations/${encodeURIComponent(name)}`}
          columns={[
            { name: 'Name', cell: ({ name }) => <Text of={name} /> },
            { name: 'State', cell: (row) => <State of={stateOf(row)} /> },
            { name: 'Waiting', isNumber: true, cell: ({ waiting }) => countText(waiting) },
            {
              name: 'Oldest',
              cell: ({ oldestEnqueuedAt }) => (oldestEnqueuedAt === null ? '' : <Ago at={oldestEnqueuedAt} />),
            },
            { name: 'Given up', isNumber: true, cell: ({ givenUp }) => (givenUp === 0 ? '' : countText(givenUp)) },
            {
              name: 'Delivered 24\u00a0h',
              isNumber: true,
              cell: (row) => <DeliveredLastDay of={row} />,
            },
            {
              name: 'p99',
              isNumber: true,
              cell: ({ callMsP99 }) => (callMsP99 === null ? '' : durationText(callMsP99)),
            },
            { name: 'Last error', cell: ({ lastError }) => (lastError === null ? '' : <Words of={lastError.error} />) },
            { name: 'Kind', cell: ({ kind }) => kind },
            { name: 'Events', cell: ({ events }) => <Text of={events.join(' ')} /> },
            { name: 'Where', cell: ({ where }) => <Text of={where} /> },
          ]}
        />
      )}
    </Screen>
  );
};
