/** What was given up or waits for long, grouped by cause, with the money that hangs on it. */
import type { CausesJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { hrefOf } from '../location.ts';
import { CAUSE_COLUMNS, causeLink, modeFilter } from '../parts/causes.tsx';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { type Filter, Filters, knownParams } from '../parts/filters.tsx';
import { LookedBackTo, MoneyAtRisk } from '../parts/money-at-risk.tsx';
import { Unanswered } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { Table } from '../parts/table.tsx';
import { homeOf, providerNames } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

const filtersOf = (): readonly Filter[] => [
  { name: 'provider', label: 'Provider', kind: 'choice', values: providerNames() },
  modeFilter(),
  { name: 'since', label: 'Since', kind: 'text', example: '2h' },
  { name: 'until', label: 'Until', kind: 'text', example: '15m' },
  { name: 'account', label: 'Account', kind: 'text', example: 'an id', isRare: true },
];

export const DeadLetters = () => {
  const filters = filtersOf();
  const params = knownParams(filters);
  const asked = useAnswer<CausesJson>(hrefOf('/api/causes', params));
  const { answer, problem, reload } = asked;
  const actions = (
    <>
      <a class="button" href={hrefOf('/webhooks', [['status', 'dead_lettered'], ...params])}>
        One by one
      </a>
      <Export list="causes" params={params} />
      <Command line={commandLine(homeOf(), ['causes'], params)} />
    </>
  );
  return (
    <Screen title="Dead letters" actions={actions}>
      <Filters filters={filters} />
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && answer.causes.length === 0 && (
        <div class="empty">
          {params.length > 0 ? (
            <p>Nothing that is like that was given up or waits for long.</p>
          ) : (
            <p>
              Nothing was given up, and nothing waits for long. What was put back is in{' '}
              <a href="/audit?event=REDRIVEN">the trail</a>.
            </p>
          )}
        </div>
      )}
      {answer !== null && answer.causes.length > 0 && (
        <>
          <MoneyAtRisk of={answer.total} asked={asked} />
          <Table
            caption="Causes, the most webhooks first"
            columns={CAUSE_COLUMNS}
            items={answer.causes}
            keyOf={({ cause }) => cause}
            linkOf={causeLink(params)}
          />
        </>
      )}
      {answer !== null && <LookedBackTo at={answer.scannedUntil} />}
    </Screen>
  );
};
