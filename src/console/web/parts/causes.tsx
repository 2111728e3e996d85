/** Causes, each with what hangs on it. */
import type { CauseJson } from '../../api-types.ts';
import { countText, printable } from '../format.ts';
import { hrefOf } from '../location.ts';
import { session } from '../server.ts';
import type { Filter } from './filters.tsx';
import type { Column } from './table.tsx';
import { Ago, Amounts } from './value.tsx';

/** `handler_failed:shipOrder:the-warehouse-is-down` is `shipOrder: the warehouse is down`. */
export const causeWords = (cause: string): string => {
  const [code = '', handler, said] = cause.split(':');
  const words = (text: string): string => text.replaceAll(/[_-]/g, ' ');
  if (handler === undefined) return words(code);
  // Whoever rests always says the same of it.
  if (code === 'handler_rests') return printable(`${handler} rests: it failed several times in a row`);
  return printable(
    `${code === 'handler_failed' ? handler : `${handler} (${words(code)})`}${said === undefined ? '' : `: ${words(said)}`}`,
  );
};

/** In a configuration of one mode that is counted, unless another one is asked for. */
export const modeFilter = (): Filter => {
  const usual = session.value?.mode ?? undefined;
  return {
    name: 'mode',
    label: 'Mode',
    kind: 'choice',
    values: ['live', 'test', 'unknown'],
    ...(usual === undefined ? {} : { usual }),
  };
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

/** The webhooks that are counted for a cause, and no others; those that wait without an attempt have none. */
export const causeLink =
  (params: readonly (readonly [string, string])[]) =>
  ({ cause }: CauseJson): string => {
    const { mode = session.value?.mode ?? '', ...filters } = Object.fromEntries(params);
    const of = cause === 'waiting' ? { status: 'received' } : { cause };
    return hrefOf('/webhooks', Object.entries({ ...of, ...filters, mode }));
  };
