/** What all payments of the filters add up to, and not those of the page alone: currencies apart. */
import type { PaymentSumsJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { counted } from '../counted.ts';
import { countText } from '../format.ts';
import { hrefOf } from '../location.ts';
import { homeOf } from '../server.ts';
import { useAnswer } from '../use-answer.ts';
import { Command } from './command.tsx';
import { Problem } from './problem.tsx';
import { type Column, Table } from './table.tsx';
import { Amount, Time } from './value.tsx';

type Sums = PaymentSumsJson['sums'][number];

const COLUMNS: readonly Column<Sums>[] = [
  { name: 'Currency', cell: ({ currency }) => currency },
  { name: 'Payments', isNumber: true, cell: ({ payments }) => countText(payments) },
  { name: 'Captured', isNumber: true, cell: ({ captured }) => <Amount of={captured} /> },
  { name: 'Refunded', isNumber: true, cell: ({ refunded }) => <Amount of={refunded} /> },
  { name: 'Reversed', isNumber: true, cell: ({ reversed }) => <Amount of={reversed} /> },
  { name: 'Disputed', isNumber: true, cell: ({ disputed }) => <Amount of={disputed} /> },
  { name: 'Left, before fees', isNumber: true, cell: ({ left }) => <Amount of={left} /> },
];

export const PaymentSums = ({ params }: { readonly params: readonly (readonly [string, string])[] }) => {
  const { answer, problem, reload } = useAnswer<PaymentSumsJson>(hrefOf('/api/payments/sums', params));
  return (
    <section class="below" aria-labelledby="sums-title">
      <div class="titled-head">
        <h2 id="sums-title">Sums by currency</h2>
        <Command line={commandLine(homeOf(), ['payments', 'sum'], params)} />
      </div>
      {problem !== null && <Problem of={problem} retry={reload} />}
      {answer === null && problem === null && <p class="quiet">Adding up…</p>}
      {answer !== null && answer.sums.length > 0 && (
        <Table
          caption="Sums of payments, by currency"
          columns={COLUMNS}
          items={answer.sums}
          keyOf={({ captured }) => `${captured.currency} ${captured.exponent}`}
        />
      )}
      {answer !== null && (
        <p class="quiet">
          Of {counted(answer.payments, 'payment')}
          {answer.withoutAmount > 0 && `, ${countText(answer.withoutAmount)} without an amount`}
          {answer.scannedUntil === null ? (
            '.'
          ) : (
            <>
              : looked back to <Time at={answer.scannedUntil} /> and no further, ask for a shorter time.
            </>
          )}
        </p>
      )}
    </section>
  );
};
