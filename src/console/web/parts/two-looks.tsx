/** What a job was seen to do when it was asked for, beside what it would do now, and what is other in words. */
import type { PreviewJson } from '../../api-types.ts';
import { countText, moneyText, printable, timeText } from '../format.ts';
import { zone } from '../preferences.ts';
import { IMPOSSIBLE } from './preview.tsx';
import { type Column, Table } from './table.tsx';

type Seen = PreviewJson['preview'];

/** One number of a preview, in the smallest unit of what it counts. */
interface Figure {
  readonly name: string;
  readonly count: bigint;
  readonly said: (count: bigint) => string;
  readonly fewer: 'fewer' | 'less';
  /** What else is said of it. */
  readonly detail?: string;
}

const figure = (name: string, count: number, detail?: string): Figure => ({
  name,
  count: BigInt(count),
  said: (some) => countText(Number(some)),
  fewer: 'fewer',
  ...(detail === undefined ? {} : { detail }),
});

/** Only its detail says something. */
const NO_COUNT = { count: 0n, said: () => '', fewer: 'fewer' } as const;

const figuresOf = (of: Seen): readonly Figure[] => [
  figure('Webhooks', of.webhooks),
  figure('Payments', of.payments),
  ...of.money.map(({ minor, ...unit }) => ({
    name: `Money at risk, ${printable(unit.currency)}`,
    count: BigInt(minor),
    said: (some: bigint) => moneyText({ ...unit, minor: String(some) }),
    fewer: 'less' as const,
  })),
  ...(of.withoutAmount === 0 ? [] : [figure('Payments without an amount', of.withoutAmount)]),
  ...((of.unread ?? 0) === 0 ? [] : [figure('Webhooks of which nobody knows the money', of.unread ?? 0)]),
  ...of.handlers.flatMap(({ handler, called, notCalled }) => [
    ...(called === 0 ? [] : [figure(`Calls ${printable(handler)}`, called)]),
    ...(notCalled === 0 ? [] : [figure(`Does not call ${printable(handler)} again`, notCalled)]),
  ]),
  ...(of.notReached === 0 ? [] : [figure('Calls whoever wants them, for the first time', of.notReached)]),
  ...of.destinations.map(({ destination, events }) => figure(`Sends to ${printable(destination)} again`, events)),
  ...of.impossible.map(({ why, webhooks, examples }) =>
    figure(
      `Cannot be done: ${IMPOSSIBLE[why]}`,
      webhooks,
      printable(`${examples.join(', ')}${webhooks > examples.length ? ', …' : ''}`),
    ),
  ),
  ...(of.scannedUntil === null
    ? []
    : [{ ...NO_COUNT, name: 'Looked back to', detail: timeText(of.scannedUntil, zone.value) }]),
];

interface Row {
  readonly name: string;
  readonly before: Figure | undefined;
  readonly now: Figure | undefined;
}

const differenceOf = ({ before, now }: Row): string => {
  const { said = String, fewer = 'fewer' } = now ?? before ?? {};
  const more = (now?.count ?? 0n) - (before?.count ?? 0n);
  if (more > 0n) return `${said(more)} more`;
  if (more < 0n) return `${said(-more)} ${fewer}`;
  return before?.detail === now?.detail ? 'the same' : 'not the same';
};

const byName = (of: Seen): ReadonlyMap<string, Figure> => new Map(figuresOf(of).map((one) => [one.name, one]));

const rowsOf = (seen: Seen, seenNow: Seen): readonly Row[] => {
  const [before, after] = [byName(seen), byName(seenNow)];
  return [...new Set([...before.keys(), ...after.keys()])].map((name) => ({
    name,
    before: before.get(name),
    now: after.get(name),
  }));
};

const Said = ({ of }: { readonly of: Figure | undefined }) =>
  of === undefined ? (
    <span class="none">none</span>
  ) : (
    <>
      <span class="amount">{of.said(of.count)}</span>
      {of.detail !== undefined && <span class="said">{of.detail}</span>}
    </>
  );

const COLUMNS: readonly Column<Row>[] = [
  { name: 'What', cell: ({ name }) => name },
  { name: 'When asked', cell: ({ before }) => <Said of={before} /> },
  { name: 'Now', cell: ({ now }) => <Said of={now} /> },
  {
    name: 'Difference',
    cell: (row) => {
      const difference = differenceOf(row);
      return difference === 'the same' ? <span class="quiet">{difference}</span> : <strong>≠ {difference}</strong>;
    },
  },
];

export const TwoLooks = ({ before, now }: { readonly before: Seen; readonly now: Seen }) => (
  <div class="two-looks">
    <Table
      caption="What was seen when it was asked for, and now"
      columns={COLUMNS}
      items={rowsOf(before, now)}
      keyOf={({ name }) => name}
    />
  </div>
);
