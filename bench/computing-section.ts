/**
 * Whether receiving notices a handler that computes: the same steady deliveries to two servers in turns, one whose handler
 * reads the payload and one whose handler computes for milliseconds besides.
 */
import { type PayhookServer, startPayhook } from './payhook-server.ts';
import { below, type Row, type SectionReport } from './report.ts';
import type { SectionContext } from './section.ts';
import { spreadOf } from './statistics.ts';
import { countWebhooks } from './stored-rows.ts';

/** The handler takes most of half a core at this rate: what it leaves is enough for everything else. */
const RATE = 200;
const CONNECTIONS = 16;
const RATIO_AIM = 1.1;

interface Pair {
  readonly reading: number;
  readonly computing: number;
}

export const computingSection = async (context: SectionContext): Promise<SectionReport> => {
  const { load, isQuick, newDirectory, progress } = context;
  const durationMs = isQuick ? 1500 : 4000;
  await using reading = await startPayhook({ dataDirectory: newDirectory('reading'), hasHandler: true });
  await using computing = await startPayhook({ dataDirectory: newDirectory('computing'), hasComputingHandler: true });
  const errors: string[] = [];
  const accepted = new Map<PayhookServer, number>();
  const p99Of = async (server: PayhookServer): Promise<number> => {
    await load.prepare((durationMs / 1000) * RATE * 1.1);
    const shape = { port: server.port, connections: CONNECTIONS, from: 0, durationMs };
    const result = await load.run({ ...shape, ratePerSecond: RATE });
    accepted.set(server, (accepted.get(server) ?? 0) + result.accepted);
    if (result.accepted !== result.sent) errors.push(`${result.sent - result.accepted} deliveries were not accepted`);
    return result.ofServer.p99Ms;
  };
  progress(`${RATE} a second to each in turns`);
  for (const server of [reading, computing]) await p99Of(server);
  const pairs: Pair[] = [];
  for (let round = 0; round < (isQuick ? 3 : 16); round += 1) {
    if (round % 2 === 0) {
      const first = await p99Of(reading);
      pairs.push({ reading: first, computing: await p99Of(computing) });
    } else {
      const first = await p99Of(computing);
      pairs.push({ reading: await p99Of(reading), computing: first });
    }
  }
  for (const [server, count] of accepted) {
    const stored = countWebhooks(server.database);
    if (stored !== count) errors.push(`${count} were acknowledged, ${stored} are stored`);
  }
  const ratio = spreadOf(pairs.map((pair) => pair.computing / pair.reading));
  const rows: Row[] = [
    {
      label: 'acknowledged p99, the handler reads',
      value: spreadOf(pairs.map((pair) => pair.reading)).median,
      unit: 'ms',
    },
    {
      label: 'acknowledged p99, the handler computes',
      value: spreadOf(pairs.map((pair) => pair.computing)).median,
      unit: 'ms',
    },
    {
      label: '  computing to reading',
      value: ratio.median,
      unit: 'times',
      aim: below(ratio.median, RATIO_AIM),
      note: `${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)}`,
    },
  ];
  return { section: `A handler that computes, at a steady ${RATE}/s`, rows, errors };
};
