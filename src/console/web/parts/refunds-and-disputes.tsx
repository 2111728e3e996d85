/** What went back of a payment, and what is argued about: one line each, as `payhook payments show` has them. */
import type { PaymentJson } from '../../api-types.ts';
import { words } from '../format.ts';
import { State } from './state.tsx';
import { type Column, Table } from './table.tsx';
import { Amount, Id, Text, Time, Words } from './value.tsx';

type Refund = PaymentJson['refunds'][number];
type Dispute = PaymentJson['disputes'][number];

const Moment = ({ at }: { readonly at: string | null }) => (at === null ? <Text of={null} /> : <Time at={at} />);

const Said = ({ of }: { readonly of: string | null }) => (of === null ? null : <Words of={words(of)} />);

const REFUND_COLUMNS: readonly Column<Refund>[] = [
  { name: 'Refund', cell: ({ refundId }) => <Id of={refundId} /> },
  { name: 'State', cell: ({ state }) => <State of={state} /> },
  { name: 'Amount', isNumber: true, cell: ({ amount }) => <Amount of={amount} /> },
  { name: 'Since', cell: ({ at }) => <Moment at={at} /> },
  { name: 'Reason', cell: ({ reason }) => <Said of={reason} /> },
];

/** Where the disputed money is, as far as the provider said. */
const moneyText = ({ isWithdrawn }: Dispute): string =>
  isWithdrawn === null ? '' : isWithdrawn ? 'taken' : 'in the balance';

const DISPUTE_COLUMNS: readonly Column<Dispute>[] = [
  { name: 'Dispute', cell: ({ disputeId }) => <Id of={disputeId} /> },
  {
    name: 'State',
    cell: ({ state, isInquiry }) => (
      <>
        <State of={state} />
        {isInquiry && <span class="mark">inquiry</span>}
      </>
    ),
  },
  { name: 'Amount', isNumber: true, cell: ({ lost, amount }) => <Amount of={lost ?? amount} /> },
  { name: 'Money', cell: moneyText },
  { name: 'Answer until', cell: ({ deadlineAt }) => <Moment at={deadlineAt} /> },
  {
    name: 'Provider says',
    cell: ({ stage, status }) => <Said of={[stage, status].filter(Boolean).join(', ') || null} />,
  },
  { name: 'Reason', cell: ({ reason }) => <Said of={reason} /> },
];

export const RefundsAndDisputes = ({ of: { refunds, disputes } }: { readonly of: PaymentJson }) => (
  <>
    {disputes.length > 0 && (
      <section>
        <h2>Disputes</h2>
        <Table caption="Disputes" columns={DISPUTE_COLUMNS} items={disputes} keyOf={({ disputeId }) => disputeId} />
      </section>
    )}
    {refunds.length > 0 && (
      <section>
        <h2>Refunds</h2>
        <Table caption="Refunds" columns={REFUND_COLUMNS} items={refunds} keyOf={({ refundId }) => refundId} />
      </section>
    )}
  </>
);
