/** Rejected deliveries in a table: why, from where, until when they come again, and what they became. */
import type { DeliveryJson } from '../../api-types.ts';
import { bytesText, countText, durationText, words } from '../format.ts';
import { now } from '../now.ts';
import { Became } from './became.tsx';
import { State } from './state.tsx';
import type { Column } from './table.tsx';
import { Ago, Text } from './value.tsx';

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

export const REJECTED_COLUMNS: readonly Column<DeliveryJson>[] = [
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
    cell: ({ acceptedAt, webhookIds }) =>
      acceptedAt === null ? (
        ''
      ) : (
        <>
          <State of="done" /> <Ago at={acceptedAt} /> <Became of={webhookIds} />
        </>
      ),
  },
];
