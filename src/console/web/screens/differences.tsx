/** What providers hold, against the payments here: asked for by a person, told while it goes, and changed by nobody. */
import type { CheckLine, DifferenceJson, SaidJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText, words } from '../format.ts';
import { paymentHref } from '../location.ts';
import { Command } from '../parts/command.tsx';
import { type Filter, Filters, knownParams } from '../parts/filters.tsx';
import { Problem } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Amount, Id, Text, Time } from '../parts/value.tsx';
import { readLines } from '../read-lines.ts';
import { homeOf, providerNames, ServerError, tellAndListen, UNREACHABLE } from '../server.ts';
import { useStateHere } from '../use-state-here.ts';

type Checked = Extract<CheckLine, { readonly checked: unknown }>['checked'];
type Progress = Extract<CheckLine, { readonly progress: unknown }>['progress'];

type State =
  | { readonly at: 'start' }
  | { readonly at: 'underway'; readonly progress: readonly Progress[]; readonly said: readonly string[] }
  | { readonly at: 'end'; readonly checked: Checked }
  | { readonly at: 'failed'; readonly problem: ServerError };

const DIFFERENCES: Readonly<Record<DifferenceJson['difference'], string>> = {
  not_here: 'not here',
  not_listed: 'not at the provider',
  state: 'state',
  amount: 'amount',
};

const Said = ({ of }: { readonly of: SaidJson | null }) =>
  of === null ? (
    <Text of={null} />
  ) : (
    <>
      {words(of.state)} {of.amount !== null && <Amount of={of.amount} />}
    </>
  );

const COLUMNS: readonly Column<DifferenceJson>[] = [
  { name: 'What', cell: ({ kind }) => kind },
  { name: 'Object', cell: ({ objectId }) => <Id of={objectId} /> },
  { name: 'Differs', cell: ({ difference }) => <span class="state bad">✖ {DIFFERENCES[difference]}</span> },
  { name: 'At the provider', cell: ({ listed }) => <Said of={listed} /> },
  { name: 'Here', cell: ({ here }) => <Said of={here} /> },
  { name: 'Off by', isNumber: true, cell: ({ off }) => <Amount of={off} /> },
  { name: 'Made', cell: ({ at }) => (at === null ? <Text of={null} /> : <Time at={at} />) },
  {
    name: 'Payment',
    cell: ({ provider, paymentId }) =>
      paymentId === null ? (
        <Text of={null} />
      ) : (
        <a href={paymentHref(provider, paymentId)}>
          <Id of={paymentId} />
        </a>
      ),
  },
];

const filtersOf = (): readonly Filter[] => [
  { name: 'provider', label: 'Provider', kind: 'choice', values: providerNames() },
  { name: 'since', label: 'Since', kind: 'text', example: '30d' },
];

const follow = async (
  asked: Readonly<Record<string, string>>,
  onLine: (line: Exclude<CheckLine, { readonly checked: unknown } | { readonly failed: unknown }>) => void,
): Promise<Checked> => {
  for await (const line of readLines<CheckLine>(await tellAndListen('/api/reconcile/payments', asked))) {
    if ('checked' in line) return line.checked;
    if ('failed' in line) throw new ServerError(line.failed);
    onLine(line);
  }
  throw new ServerError(UNREACHABLE);
};

export const Differences = () => {
  const filters = filtersOf();
  const params = knownParams(filters);
  const [state, become] = useStateHere<State>({ at: 'start' });
  const compare = async (): Promise<void> => {
    const progress = new Map<string, Progress>();
    const said: string[] = [];
    const tell = (): void => become({ at: 'underway', progress: [...progress.values()], said: [...said] });
    tell();
    try {
      const checked = await follow(Object.fromEntries(params), (line) => {
        if ('said' in line) said.push(line.said);
        else progress.set(`${line.progress.source} ${line.progress.list}`, line.progress);
        tell();
      });
      become({ at: 'end', checked });
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      become({ at: 'failed', problem: error });
    }
  };
  return (
    <Screen title="What differs" actions={<Command line={commandLine(homeOf(), ['reconcile', 'payments'], params)} />}>
      <Filters filters={filters} />
      <section class="act verify" aria-labelledby="compare-title">
        <div class="verify-head">
          <h2 id="compare-title">Do the providers say the same?</h2>
          <button type="button" class="primary" disabled={state.at === 'underway'} onClick={() => void compare()}>
            Compare now
          </button>
        </div>
        <p class="quiet">
          Asks each provider for its payments, refunds, disputes and payouts, of 30 days unless you say since when, and
          compares them with what is here. It takes a minute for some thousand, and changes nothing.
        </p>
        {state.at === 'underway' && <Underway of={state} />}
        {state.at === 'failed' && <Problem of={state.problem} retry={() => void compare()} isAskedOnce />}
      </section>
      <div role="status">{state.at === 'end' && <Found of={state.checked} />}</div>
    </Screen>
  );
};

const Underway = ({ of: { progress, said } }: { readonly of: Extract<State, { readonly at: 'underway' }> }) => (
  <ul class="plain">
    {progress.length === 0 && said.length === 0 && <li class="quiet">Asks…</li>}
    {progress.map(({ source, list, listed, differing }) => (
      <li key={`${source} ${list}`}>
        <Text of={source} /> {words(list)}: {countText(listed)} looked at, {countText(differing)} differ
      </li>
    ))}
    {said.map((sentence) => (
      <li key={sentence} class="quiet">
        <Text of={sentence} />
      </li>
    ))}
  </ul>
);

const Found = ({ of: { differences, summary } }: { readonly of: Checked }) => (
  <>
    {differences.length === 0 ? (
      <p class="done">✔ Nothing differs in what was looked at.</p>
    ) : (
      <Table
        caption="What differs"
        columns={COLUMNS}
        items={differences}
        keyOf={({ source, list, kind, objectId }) => `${source} ${list} ${kind} ${objectId}`}
      />
    )}
    <ul class="plain quiet below">
      {summary.map((line) => (
        <li key={line}>
          <Text of={line} />
        </li>
      ))}
    </ul>
  </>
);
