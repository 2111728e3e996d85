/** Causes, each with what hangs on it. */
import type { CauseJson } from '../../api-types.ts';
import { countText, printable } from '../format.ts';
import { hrefOf } from '../location.ts';
import type { Column } from './table.tsx';
import { Ago, Amounts } from './value.tsx';

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
