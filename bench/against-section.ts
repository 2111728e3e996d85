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
import { countWebhooks } from './stored-rows.ts';

const CONNECTIONS_TRIED = [16, 64] as const;

const LOADS: readonly { readonly label: string; readonly options: Partial<PayhookOptions> }[] = [
  { label: 'receiving only', options: { isReceivingOnly: true } },
  { label: 'processing beside it', options: {} },
];

interface Pair {
  readonly here: PayhookRun;
  readonly there: PayhookRun;
}

type Threads = readonly (keyof PayhookRun['usage'])[];
const cpuOf = ({ usage, result }: PayhookRun, threads: Threads = ['main', 'database', 'others']): number =>
  threads.reduce((sum, thread) => sum + usage[thread], 0) / result.sent;

/** Whoever went second goes first in the next round. */
const inTurns = async (
  context: SectionContext,
  servers: { readonly here: PayhookServer; readonly there: PayhookServer },
  connections: number,
): Promise<readonly Pair[]> => {
  const { isQuick } = context;
  const durationMs = isQuick ? 1500 : 3000;
  const run = (server: PayhookServer): Promise<PayhookRun> => runPayhook(context, server, durationMs, connections);
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

export const againstSection = async (context: SectionContext): Promise<SectionReport> => {
  const { against = 'HEAD', newDirectory, progress, isQuick } = context;
  const project = newDirectory('checkout');
  progress(`checking out ${against}`);
  const commit = checkOut(against, project);
  const rows: Row[] = [];
  const errors: string[] = [];
  for (const { label, options } of LOADS) {
    const start = (where: string): Promise<PayhookServer> =>
      startPayhook({ ...options, dataDirectory: newDirectory('against'), project: where });
    await using here = await start(PROJECT);
    await using there = await start(project);
    const accepted = new Map<PayhookServer, number>([here, there].map((server) => [server, 0]));
    for (const connections of CONNECTIONS_TRIED) {
      progress(`${label}, ${connections} connections`);
      for (const server of [here, there]) {
        const { result } = await runPayhook(context, server, warmUpMs(isQuick), connections);
        accepted.set(server, (accepted.get(server) ?? 0) + result.accepted);
      }
      const pairs = await inTurns(context, { here, there }, connections);
      for (const pair of pairs) {
        accepted.set(here, (accepted.get(here) ?? 0) + pair.here.result.accepted);
        accepted.set(there, (accepted.get(there) ?? 0) + pair.there.result.accepted);
      }
      rows.push(...rowsOf(`${label}, ${connections} connections`, pairs));
    }
    const [mib, mibThere] = [peakResidentMib(here.pid), peakResidentMib(there.pid)];
    rows.push({ label: `${label}: memory, peak`, value: mib, unit: 'MiB', note: `${Math.round(mibThere)} there` });
    for (const [server, count] of accepted) {
      const stored = countWebhooks(server.database);
      if (stored < count) errors.push(`${count - stored} acknowledged webhooks are not in the database: LOSS`);
    }
  }
  return { section: `This checkout against ${commit.slice(0, 12)}, in turns`, rows, errors };
};
