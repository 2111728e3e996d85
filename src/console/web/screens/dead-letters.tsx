/** What was given up or waits for long, grouped by cause, with the money that hangs on it. */
import type { CauseJson, CausesJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText, printable } from '../format.ts';
import { hrefOf } from '../location.ts';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { type Filter, Filters, knownParams } from '../parts/filters.tsx';
import { MoneyAtRisk } from '../parts/money-at-risk.tsx';
import { Problem } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago, Amounts, Time } from '../parts/value.tsx';
import { homeOf, providerNames } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

/** `handler_failed:shipOrder:the-warehouse-is-down` is `shipOrder: the warehouse is down`. */
const causeWords = (cause: string): string => {
  const [code = '', handler, said] = cause.split(':');
  const words = (text: string): string => text.replaceAll(/[_-]/g, ' ');
  if (handler === undefined) return words(code);
  return printable(
    `${code === 'handler_failed' ? handler : `${handler} (${words(code)})`}${said === undefined ? '' : `: ${words(said)}`}`,
  );
};

export const CAUSE_COLUMNS: readonly Column<CauseJson>[] = [
  { name: 'Cause', cell: ({ cause }) => causeWords(cause) },
  { name: 'Webhooks', isNumber: true, cell: ({ webhooks }) => countText(webhooks) },
  { name: 'Payments', isNumber: true, cell: ({ payments }) => countText(payments) },
  { name: 'Money at risk', isNumber: true, cell: ({ money }) => <Amounts of={money} /> },
  {
    name: 'Without amount',
    isNumber: true,
    cell: ({ withoutAmount }) => (withoutAmount === 0 ? '' : countText(withoutAmount)),
  },
  { name: 'First', cell: ({ firstAt }) => <Ago at={firstAt} /> },
  { name: 'Last', cell: ({ lastAt }) => <Ago at={lastAt} /> },
];

/** The webhooks of a cause: those that wait without an attempt have none. */
export const causeLink = ({ cause }: CauseJson): string =>
  hrefOf('/webhooks', cause === 'waiting' ? [['status', 'received']] : [['cause', cause]]);

const filtersOf = (): readonly Filter[] => [
  { name: 'provider', label: 'Provider', kind: 'choice', values: providerNames() },
  { name: 'mode', label: 'Mode', kind: 'choice', values: ['live', 'test', 'unknown'] },
  { name: 'since', label: 'Since', kind: 'text', example: '2h' },
  { name: 'until', label: 'Until', kind: 'text', example: '15m' },
  { name: 'account', label: 'Account', kind: 'text', example: 'an id', isRare: true },
];

export const DeadLetters = () => {
  const filters = filtersOf();
  const params = knownParams(filters);
  const { answer, problem, reload } = useAnswer<CausesJson>(hrefOf('/api/causes', params));
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
      {problem !== null && <Problem of={problem} retry={reload} />}
      {answer !== null && answer.causes.length === 0 && (
        <div class="empty">
          <p>Nothing was given up, and nothing waits for long.</p>
        </div>
      )}
      {answer !== null && answer.causes.length > 0 && (
        <>
          <MoneyAtRisk of={answer.total} />
          <Table
            caption="Causes, the most webhooks first"
            columns={CAUSE_COLUMNS}
            items={answer.causes}
            keyOf={({ cause }) => cause}
            linkOf={causeLink}
          />
        </>
      )}
      {answer !== null && answer.scannedUntil !== null && (
        <p class="quiet">
          Looked back to <Time at={answer.scannedUntil} /> and no further: give a shorter time.
        </p>
      )}
    </Screen>
  );
};
