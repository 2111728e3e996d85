/**
 * Whether receiving notices what a server does beside it: the same deliveries to the same server in turns, with retention
 * removing or reconciling going through what a provider lists, and without. Nothing counts that did not work meanwhile.
 */
import type { BesideWork } from './beside-messages.ts';
import { type BesideServer, startBesideServer } from './beside-server.ts';
import { createDeliveries } from './deliveries.ts';
import { fillBacklog } from './fill-backlog.ts';
import { fillExpiredPayments, fillExpiredTrail, fillExpiredWebhooks } from './fill-expired.ts';
import { startListedEvents } from './listed-events.ts';
import { ratePerSecond } from './load-generator.ts';
import type { LoadResult } from './load-messages.ts';
import { startCountingCpu, type ThreadUsage } from './process-usage.ts';
import { runPayhook } from './receive-section.ts';
import { atLeast, atMost, type Row, type SectionReport } from './report.ts';
import type { SectionContext } from './section.ts';
import { spreadOf } from './statistics.ts';
import { waitUntilDrained } from './stored-rows.ts';

/** As a provider opens them. */
const CONNECTIONS = 16;
const STEADY_PER_SECOND = 500;
/** Five of a hundred. */
const [MOST, LEAST] = [1.05, 0.95];
const HOURS_AGO_MS = 2 * 60 * 60 * 1000;

const COUNTS = {
  quick: { webhooks: 10_000, payments: 10_000, trail: 20_000, listed: 5000 },
  full: { webhooks: 60_000, payments: 60_000, trail: 200_000, listed: 40_000 },
} as const;
type Counts = (typeof COUNTS)[keyof typeof COUNTS];

interface Kind {
  readonly label: string;
  readonly work: BesideWork;
  /** What has to be counted while it is measured. */
  readonly counted: string;
  /** Returns what listens for whoever reconciles. */
  readonly prepare: (path: string, counts: Counts) => Promise<(AsyncDisposable & { readonly url: string }) | undefined>;
}

const nothingListens = async (filled: Promise<void>): Promise<undefined> => {
  await filled;
  return undefined;
};

const prepareListed = async (path: string, { listed }: Counts) => {
  const next = createDeliveries('usual', Date.now() - HOURS_AGO_MS);
  const bodies: Buffer[] = [];
  await fillBacklog(path, listed, () => {
    const delivery = next();
    bodies.push(delivery.body);
    return delivery;
  });
  return startListedEvents(bodies);
};

const KINDS: readonly Kind[] = [
  {
    label: 'retention of webhooks',
    work: 'retention',
    counted: 'webhooks',
    prepare: (path, { webhooks }) => nothingListens(fillExpiredWebhooks(path, webhooks)),
  },
  {
    label: 'retention of payments',
    work: 'retention',
    counted: 'payments',
    prepare: (path, { payments }) => nothingListens(fillExpiredPayments(path, payments)),
  },
  {
    label: 'retention of the trail',
    work: 'retention',
    counted: 'auditEntries',
    prepare: (path, { trail }) => nothingListens(fillExpiredTrail(path, trail)),
  },
  { label: 'reconciling', work: 'reconciling', counted: 'events', prepare: prepareListed },
];

interface Measured {
  readonly result: LoadResult;
  readonly usage: ThreadUsage;
}

interface Load {
  readonly label: string;
  readonly run: (context: SectionContext, server: BesideServer, durationMs: number) => Promise<Measured>;
  readonly p99Of: (result: LoadResult) => number;
  /** Whether it takes as much as it can get. */
  readonly isFull: boolean;
}

const runSteady: Load['run'] = async ({ load }, { pid, port }, durationMs) => {
  await load.prepare((durationMs / 1000) * STEADY_PER_SECOND * 1.1);
  const used = startCountingCpu(pid);
  const shape = { port, connections: CONNECTIONS, from: 0, durationMs };
  const result = await load.run({ ...shape, ratePerSecond: STEADY_PER_SECOND });
  return { result, usage: used() };
};

const LOADS: readonly Load[] = [
  { label: `${STEADY_PER_SECOND} a second`, run: runSteady, p99Of: ({ ofServer }) => ofServer.p99Ms, isFull: false },
  {
    label: 'full load',
    run: (context, server, durationMs) => runPayhook(context, server, durationMs, CONNECTIONS),
    p99Of: ({ p99Ms }) => p99Ms,
    isFull: true,
  },
];

interface Round extends Measured {
  /** How much was done beside it. */
  readonly done: number;
}

interface Pair {
  readonly beside: Round;
  readonly alone: Round;
}

/** A round of its own for each: what is still to be processed would be taken for what is beside the next one. */
const measureRound = async (
  context: SectionContext,
  server: BesideServer,
  { load, kind, isBeside }: { readonly load: Load; readonly kind: Kind; readonly isBeside: boolean },
): Promise<Round> => {
  if (isBeside) await server.begin(kind.work);
  const measured = await load.run(context, server, context.isQuick ? 2000 : 3000);
  const counts = isBeside ? await server.end() : {};
  await waitUntilDrained(server.database);
  return { ...measured, done: counts[kind.counted] ?? 0 };
};

const inTurns = async (context: SectionContext, server: BesideServer, kind: Kind, load: Load): Promise<Pair[]> => {
  const pairs: Pair[] = [];
  const measure = (isBeside: boolean) => measureRound(context, server, { load, kind, isBeside });
  for (let round = 0; round < (context.isQuick ? 2 : 5); round += 1) {
    context.progress(`${kind.label}, ${load.label}, round ${round + 1}`);
    // Whoever went second goes first in the next round.
    const isBesideFirst = round % 2 === 0;
    const first = await measure(isBesideFirst);
    const second = await measure(!isBesideFirst);
    pairs.push(isBesideFirst ? { beside: first, alone: second } : { beside: second, alone: first });
  }
  return pairs;
};

const cpuOf = ({ usage, result }: Round): number => (usage.main + usage.database + usage.others) / result.accepted;

const rowsOf = (kind: Kind, load: Load, pairs: readonly Pair[]): Row[] => {
  const ratioRow = (label: string, of: (round: Round) => number, aimOf?: (ratio: number) => Row['aim']): Row => {
    const ratio = spreadOf(pairs.map(({ beside, alone }) => of(beside) / of(alone)));
    const [here, there] = [
      spreadOf(pairs.map(({ beside }) => of(beside))),
      spreadOf(pairs.map(({ alone }) => of(alone))),
    ];
    const aim = aimOf?.(ratio.median);
    return {
      label: `  ${label}, beside it to alone`,
      value: ratio.median,
      unit: 'times',
      ...(aim === undefined ? {} : { aim }),
      note: `${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)}; ${here.median.toFixed(1)} and ${there.median.toFixed(1)}`,
    };
  };
  const done = spreadOf(pairs.map(({ beside }) => beside.done / (beside.result.elapsedMs / 1000)));
  return [
    {
      label: `${kind.label}, ${load.label}: ${kind.counted} a second`,
      value: done.median,
      unit: '/s',
      note: `${Math.round(done.least)} to ${Math.round(done.most)}`,
    },
    ...(load.isFull
      ? [
          ratioRow(
            'accepted',
            ({ result }) => ratePerSecond(result),
            (ratio) => atLeast(ratio, LEAST),
          ),
        ]
      : []),
    ratioRow(
      'acknowledged p99',
      ({ result }) => load.p99Of(result),
      (ratio) => atMost(ratio, MOST),
    ),
    // What is done beside it is in it, too.
    ratioRow('CPU of all for each webhook', cpuOf),
  ];
};

const errorsOf = (kind: Kind, load: Load, pairs: readonly Pair[]): string[] => {
  const rounds = pairs.flatMap(({ beside, alone }) => [beside, alone]);
  const idle = pairs.filter(({ beside }) => beside.done === 0).length;
  const lost = rounds.reduce((sum, { result }) => sum + result.sent - result.accepted, 0);
  return [
    ...(idle === 0 ? [] : [`${kind.label}, ${load.label}: nothing was done beside ${idle} of ${pairs.length} rounds`]),
    ...(lost === 0 ? [] : [`${kind.label}, ${load.label}: ${lost} deliveries were not accepted`]),
  ];
};

const measureKind = async (context: SectionContext, kind: Kind): Promise<Omit<SectionReport, 'section'>> => {
  const { isQuick, newDirectory, progress } = context;
  const path = newDirectory('beside');
  progress(`${kind.label}: filling a store`);
  await using listening = await kind.prepare(path, COUNTS[isQuick ? 'quick' : 'full']);
  await using server = await startBesideServer(path, listening?.url);
  await waitUntilDrained(server.database);
  const rows: Row[] = [];
  const errors: string[] = [];
  for (const load of LOADS) {
    for (const isBeside of [true, false]) await measureRound(context, server, { load, kind, isBeside });
    const pairs = await inTurns(context, server, kind, load);
    rows.push(...rowsOf(kind, load, pairs));
    errors.push(...errorsOf(kind, load, pairs));
  }
  return { rows, errors };
};

export const besideSection = async (context: SectionContext): Promise<SectionReport> => {
  const measured: Omit<SectionReport, 'section'>[] = [];
  for (const kind of KINDS) measured.push(await measureKind(context, kind));
  return {
    section: 'Receiving beside retention and reconciling',
    rows: measured.flatMap(({ rows }) => rows),
    errors: measured.flatMap(({ errors }) => errors),
  };
};
