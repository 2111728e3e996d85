/** Payments, newest first. */
import type { MoneyJson, PageJson, PaymentJson, PaymentRow } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { counted } from '../counted.ts';
import { countText, words } from '../format.ts';
import { hrefOf, paymentHref, place } from '../location.ts';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { type Filter, Filters, knownParams } from '../parts/filters.tsx';
import { Paged } from '../parts/list.tsx';
import { NextCommand } from '../parts/next-command.tsx';
import { PaymentSums } from '../parts/payment-sums.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import type { Column } from '../parts/table.tsx';
import { Ago, Amount, Id, Text } from '../parts/value.tsx';
import { homeOf, providerNames, session } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

/** Most payments have no refund and no dispute: a column of zeros would hide those that have. */
const ifAny = (money: MoneyJson | null) => (money === null || money.minor === '0' ? '' : <Amount of={money} />);

export const PAYMENT_COLUMNS: readonly Column<PaymentJson>[] = [
  { name: 'Payment', cell: ({ paymentId }) => <Id of={paymentId} /> },
  { name: 'First seen', cell: ({ storedAt }) => <Ago at={storedAt} /> },
  { name: 'Status', cell: ({ status }) => <State of={status} /> },
  {
    name: 'Provider',
    cell: ({ provider, mode }) => (
      <>
        {provider}
        {mode !== 'live' && <span class="mark">{mode}</span>}
      </>
    ),
  },
  { name: 'Amount', isNumber: true, cell: ({ amount }) => <Amount of={amount} /> },
  { name: 'Captured', isNumber: true, cell: ({ captured }) => ifAny(captured) },
  { name: 'Refunded', isNumber: true, cell: ({ refunded }) => ifAny(refunded) },
  { name: 'Disputed', isNumber: true, cell: ({ disputed }) => ifAny(disputed) },
  {
    name: 'Flags',
    cell: ({ flags }) =>
      flags.map((flag) => (
        <span key={flag} class="mark warn">
          {words(flag)}
        </span>
      )),
  },
];

export const paymentKey = ({ provider, account, paymentId }: PaymentJson): string =>
  `${provider} ${account} ${paymentId}`;
export const paymentLink = ({ provider, paymentId }: PaymentJson): string => paymentHref(provider, paymentId);

const filtersOf = (): readonly Filter[] => [
  {
    name: 'status',
    label: 'Status',
    kind: 'choice',
    values: session.value?.statuses.payment ?? [],
  },
  { name: 'provider', label: 'Provider', kind: 'choice', values: providerNames() },
  { name: 'having', label: 'Having', kind: 'choice', values: session.value?.paymentTraits ?? [] },
  { name: 'mode', label: 'Mode', kind: 'choice', values: ['live', 'test', 'unknown'] },
  { name: 'since', label: 'Since', kind: 'text', example: '2h' },
  { name: 'until', label: 'Until', kind: 'text', example: '15m' },
  { name: 'related', label: 'Belongs to', kind: 'text', example: 'refund, customer …' },
  { name: 'currency', label: 'Currency', kind: 'text', example: 'EUR', isRare: true },
  { name: 'amountMin', label: 'Amount from', kind: 'text', example: '10.00', isRare: true },
  { name: 'amountMax', label: 'Amount up to', kind: 'text', example: '250', isRare: true },
  { name: 'account', label: 'Account', kind: 'text', example: 'an id', isRare: true },
];

/** Dead letters, and what is tried again. */
const stuckText = ({ deadLetters, retrying }: NonNullable<PaymentRow['stuck']>): string =>
  [deadLetters > 0 && counted(deadLetters, 'dead letter'), retrying > 0 && `${countText(retrying)} tried again`]
    .filter((part) => part !== false)
    .join(', ');

const ROW_COLUMNS: readonly Column<PaymentRow>[] = [
  ...PAYMENT_COLUMNS,
  { name: 'Stuck', cell: ({ stuck }) => (stuck === null ? <Text of={null} /> : stuckText(stuck)) },
];

/** Of the address: whether sums are shown. */
const SUMS = 'sums';
const NOT_OF_SUMS: readonly string[] = ['after', 'limit'];

export const Payments = () => {
  const filters = filtersOf();
  const params = knownParams(filters);
  const areSummed = place.value.params.has(SUMS);
  const path = hrefOf('/api/payments', params);
  const asked = useAnswer<PageJson<PaymentRow>>(path);
  return (
    <Screen
      title="Payments"
      actions={
        <>
          <a class="button" href={hrefOf(place.value.path, [...params, [SUMS, areSummed ? '' : 'yes']])}>
            {areSummed ? 'Without sums' : 'Sums by currency'}
          </a>
          <a class="button" href="/payments/differences">
            What differs…
          </a>
          <Export list="payments" params={params} />
          <Command line={commandLine(homeOf(), ['payments', 'list'], params)} />
        </>
      }
    >
      <Filters filters={filters} also={[SUMS]} />
      {areSummed && <PaymentSums params={params.filter(([name]) => !NOT_OF_SUMS.includes(name))} />}
      <Paged
        caption="Payments, newest first"
        columns={ROW_COLUMNS}
        asked={asked}
        path={hrefOf('/api/payments', [...params, ['without', 'stuck']])}
        keyOf={paymentKey}
        linkOf={paymentLink}
        empty={params.length > 0 ? <p>No payment is like that.</p> : <FirstPayment />}
      />
    </Screen>
  );
};

const FirstPayment = () => (
  <>
    <p>No payments yet: they are made of webhooks. Send whole lives of some:</p>
    <NextCommand words={['send', 'scenario', 'three-providers']} />
  </>
);
