/** How long an acknowledgement takes at a steady 1,000 deliveries a second, stalls of the server included. */
import { type PayhookServer, startPayhook } from './payhook-server.ts';
import { startCountingCpu } from './process-usage.ts';
import { below, type SectionReport } from './report.ts';
import { CONNECTIONS, type SectionContext } from './section.ts';
import { countWebhooks } from './stored-rows.ts';

const RATE = 1000;
const P99_MS_AIM = 25;

export const steadySection = async (context: SectionContext): Promise<SectionReport> => {
  const { load, isQuick, newDirectory } = context;
  const durationMs = isQuick ? 3000 : 15_000;
  const warmUpMs = isQuick ? 1000 : 3000;
  await load.prepare(((durationMs + warmUpMs) / 1000) * RATE);
  await using server: PayhookServer = await startPayhook({ dataDirectory: newDirectory('steady') });
  const shape = { port: server.port, connections: CONNECTIONS, ratePerSecond: RATE };
  const warm = await load.run({ ...shape, from: 0, durationMs: warmUpMs });
  const used = startCountingCpu(server.pid);
  const result = await load.run({ ...shape, from: warm.sent, durationMs });
  const { main, database } = used();

  const accepted = warm.accepted + result.accepted;
  const stored = countWebhooks(server.database);
  const errors: string[] = [];
  if (accepted !== warm.sent + result.sent) errors.push('not every delivery was accepted');
  if (stored !== accepted) errors.push(`${accepted} were acknowledged, ${stored} are stored`);
  return {
    section: `Steady ${RATE}/s for ${durationMs / 1000} s, latency from when each delivery was due`,
    rows: [
      { label: 'acknowledged, p50', value: result.p50Ms, unit: 'ms' },
      { label: 'acknowledged, p99', value: result.p99Ms, unit: 'ms', aim: below(result.p99Ms, P99_MS_AIM, ' ms') },
      { label: 'acknowledged, maximum', value: result.maxMs, unit: 'ms' },
      { label: 'of it the load generator was late, p99', value: result.sendLatenessP99Ms, unit: 'ms' },
      { label: 'rate', value: (result.sent / result.elapsedMs) * 1000, unit: '/s' },
      { label: 'main thread busy', value: main / result.elapsedMs / 10, unit: '%' },
      { label: 'database thread busy', value: database / result.elapsedMs / 10, unit: '%' },
    ],
    errors,
  };
};
