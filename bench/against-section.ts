/**
 * This checkout against another commit, in turns on the same machine with the same deliveries: its speed drifts, ratios of
 * neighbours do not. Receiving alone, and received and processed, at the connections that a provider opens and at many.
 */

import { ratePerSecond } from './load-generator.ts';
import { checkOut } from './other-checkout.ts';
import { type PayhookOptions, type PayhookServer, PROJECT, startPayhook } from './payhook-server.ts';
import { peakResidentMib } from './process-usage.ts';
import { type PayhookRun, runPayhook } from './receive-section.ts';
import type { Row, SectionReport } from './report.ts';
import { type SectionContext, warmUpMs } from './section.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { countWaiting, countWebhooks, waitUntilDrained } from './stored-rows.ts';

const CONNECTIONS_TRIED = [16, 64] as const;

const LOADS: readonly { readonly label: string; readonly options: Partial<PayhookOptions> }[] = [
  { label: 'receiving only', options: { isReceivingOnly: true } },
  { label: 'processing beside it', options: {} },
];

/** `processed`: while deliveries came. `perSecond`: received and processed, until the last one was. */
interface Run extends PayhookRun {
  readonly drained?: { readonly processed: number; readonly perSecond: number };
}

interface Pair {
  readonly here: Run;
  readonly there: Run;
}

type Threads = readonly (keyof PayhookRun['usage'])[];
const cpuOf = ({ usage, result }: PayhookRun, threads: Threads = ['main', 'database', 'others']): number =>
  threads.reduce((sum, thread) => sum + usage[thread], 0) / result.sent;

/** What one server still had to process would take processor time from the other while it is measured. */
const untilDrained = async (server: PayhookServer, running: Promise<PayhookRun>): Promise<Run> => {
  const startedAt = performance.now();
  const run = await running;
  const { accepted } = run.result;
  const processed = accepted - countWaiting(server.database);
  await waitUntilDrained(server.database);
  const seconds = (performance.now() - startedAt - run.preparedMs) / 1000;
  return { ...run, drained: { processed, perSecond: accepted / seconds } };
};

/** Whoever went second goes first in the next round. */
const inTurns = async (
  context: SectionContext,
  servers: { readonly here: PayhookServer; readonly there: PayhookServer },
  connections: number,
  isProcessing: boolean,
): Promise<readonly Pair[]> => {
  const { isQuick } = context;
  const durationMs = isQuick ? 1500 : 3000;
  const run = (server: PayhookServer): Promise<Run> => {
    const running = runPayhook(context, server, durationMs, connections);
    return isProcessing ? untilDrained(server, running) : running;
  };
  const pairs: Pair[] = [];
  for (let round = 0; round < (isQuick ? 2 : 8); round += 1) {
    if (round % 2 === 0) {
      const here = await run(servers.here);
      pairs.push({ here, there: await run(servers.there) });
    } else {
      const there = await run(servers.there);
      pairs.push({ here: await run(servers.here), there });
    }
  }
  return pairs;
};

const ratioRow = (label: string, { median, least, most }: Spread): Row => ({
  label,
  value: median,
  unit: 'times',
  note: `${least.toFixed(2)} to ${most.toFixed(2)}`,
});

const drainedRows = (pairs: readonly Pair[]): Row[] => {
  const drained = pairs.flatMap(({ here, there }) =>
    here.drained === undefined || there.drained === undefined ? [] : [{ here: here.drained, there: there.drained }],
  );
  if (drained.length === 0) return [];
  const of = (pick: (pair: (typeof drained)[number]) => number): Spread => spreadOf(drained.map(pick));
  const ended = of(({ here }) => here.perSecond);
  const endedThere = of(({ there }) => there.perSecond).median;
  const share = (pick: (pair: Pair) => Run): number =>
    spreadOf(pairs.map((pair) => (pick(pair).drained?.processed ?? 0) / pick(pair).result.accepted)).median;
  return [
    {
      label: '  processed while deliveries came, share',
      value: share(({ here }) => here),
      unit: '',
      note: `${share(({ there }) => there).toFixed(2)} there`,
    },
    { label: '  received and processed', value: ended.median, unit: '/s', note: `${Math.round(endedThere)} there` },
    ratioRow(
      '  received and processed, here to there',
      of(({ here, there }) => here.perSecond / there.perSecond),
    ),
  ];
};

const rowsOf = (label: string, pairs: readonly Pair[]): Row[] => {
  const of = (pick: (pair: Pair) => number): Spread => spreadOf(pairs.map(pick));
  const here = of((pair) => ratePerSecond(pair.here.result)).median;
  const there = of((pair) => ratePerSecond(pair.there.result)).median;
  return [
    { label: `${label}: accepted`, value: here, unit: '/s', note: `${Math.round(there)} there` },
    ratioRow(
      '  accepted, here to there',
      of((pair) => ratePerSecond(pair.here.result) / ratePerSecond(pair.there.result)),
    ),
    ...drainedRows(pairs),
    ratioRow(
      '  CPU for each webhook, all threads, here to there',
      of((pair) => cpuOf(pair.here) / cpuOf(pair.there)),
    ),
    {
      label: '  CPU for each webhook, all threads',
      value: of((pair) => cpuOf(pair.here)).median,
      unit: 'µs',
      note: `${Math.round(of((pair) => cpuOf(pair.there)).median)} there; least ${Math.round(of((pair) => cpuOf(pair.here)).least)} and ${Math.round(of((pair) => cpuOf(pair.there)).least)}`,
    },
    ...(['main', 'database'] as const).map((thread) =>
      ratioRow(
        `    of it the ${thread} thread, here to there`,
        of((pair) => cpuOf(pair.here, [thread]) / cpuOf(pair.there, [thread])),
      ),
    ),
    ratioRow(
      '  acknowledged p99, here to there',
      of((pair) => pair.here.result.p99Ms / pair.there.result.p99Ms),
    ),
  ];
};

const measureLoad = async (
  context: SectionContext,
  project: string,
  { label, options }: (typeof LOADS)[number],
): Promise<{ rows: Row[]; errors: string[] }> => {
  const { newDirectory, progress, isQuick } = context;
  const start = (where: string): Promise<PayhookServer> =>
    startPayhook({ ...options, dataDirectory: newDirectory('against'), project: where });
  await using here = await start(PROJECT);
  await using there = await start(project);
  const rows: Row[] = [];
  const accepted = new Map<PayhookServer, number>();
  const count = (server: PayhookServer, { result }: PayhookRun): void =>
    void accepted.set(server, (accepted.get(server) ?? 0) + result.accepted);
  const isProcessing = options.isReceivingOnly !== true;
  for (const connections of CONNECTIONS_TRIED) {
    progress(`${label}, ${connections} connections`);
    for (const server of [here, there]) {
      count(server, await runPayhook(context, server, warmUpMs(isQuick), connections));
      if (isProcessing) await waitUntilDrained(server.database);
    }
    const pairs = await inTurns(context, { here, there }, connections, isProcessing);
    for (const pair of pairs) {
      count(here, pair.here);
      count(there, pair.there);
    }
    rows.push(...rowsOf(`${label}, ${connections} connections`, pairs));
  }
  const [mib, mibThere] = [peakResidentMib(here.pid), peakResidentMib(there.pid)];
  rows.push({ label: `${label}: memory, peak`, value: mib, unit: 'MiB', note: `${Math.round(mibThere)} there` });
  const lost = [...accepted].map(([server, sum]) => sum - countWebhooks(server.database)).filter((each) => each > 0);
  return { rows, errors: lost.map((each) => `${each} acknowledged webhooks are not in the database: LOSS`) };
};

export const againstSection = async (context: SectionContext): Promise<SectionReport> => {
  const { against = 'HEAD', newDirectory, progress } = context;
  const project = newDirectory('checkout');
  progress(`checking out ${against}`);
  const commit = checkOut(against, project);
  const measured: Awaited<ReturnType<typeof measureLoad>>[] = [];
  for (const load of LOADS) measured.push(await measureLoad(context, project, load));
  return {
    section: `This checkout against ${commit.slice(0, 12)}, in turns`,
    rows: measured.flatMap(({ rows }) => rows),
    errors: measured.flatMap(({ errors }) => errors),
  };
};
