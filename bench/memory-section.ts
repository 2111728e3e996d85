/** Resident memory over ten minutes at a steady rate: what it is after a minute, and what it is at the end. */
import { startPayhook } from './payhook-server.ts';
import { peakResidentMib, residentMib } from './process-usage.ts';
import { below, type SectionReport } from './report.ts';
import { CONNECTIONS, type SectionContext } from './section.ts';
import { countWebhooks } from './stored-rows.ts';

const RATE = 1000;
/** Signed for 300 seconds: deliveries are made for each minute. */
const MINUTE_MS = 60_000;
const MINUTES = 10;
const GROWTH_AIM = 1.1;

export const memorySection = async (context: SectionContext): Promise<SectionReport> => {
  const { load, isQuick, newDirectory, progress } = context;
  const durationMs = isQuick ? 5000 : MINUTE_MS;
  await using server = await startPayhook({ dataDirectory: newDirectory('memory') });
  const mib: number[] = [];
  let accepted = 0;
  for (let minute = 1; minute <= (isQuick ? 3 : MINUTES); minute += 1) {
    progress(`minute ${minute}`);
    await load.prepare((durationMs / 1000) * RATE);
    const shape = { port: server.port, connections: CONNECTIONS, ratePerSecond: RATE };
    accepted += (await load.run({ ...shape, from: 0, durationMs })).accepted;
    mib.push(residentMib(server.pid));
  }
  const [first = Number.NaN] = mib;
  const last = mib.at(-1) ?? Number.NaN;
  const growth = last / first;
  const stored = countWebhooks(server.database);
  return {
    section: `Memory over ${mib.length} minutes at ${RATE}/s`,
    rows: [
      { label: 'after the first minute', value: first, unit: 'MiB' },
      { label: 'after the last one', value: last, unit: 'MiB', note: mib.map(Math.round).join(', ') },
      { label: 'last to first', value: growth, unit: 'times', aim: below(growth, GROWTH_AIM) },
      { label: 'peak', value: peakResidentMib(server.pid), unit: 'MiB' },
    ],
    errors: stored < accepted ? [`${accepted - stored} acknowledged webhooks are not stored: LOSS`] : [],
  };
};
