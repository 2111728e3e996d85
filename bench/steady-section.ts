/** How long an acknowledgement takes at a steady 1,000 deliveries a second, stalls of the server included. */
import { type PayhookServer, startPayhook } from './payhook-server.ts';
import { startCountingCpu } from './process-usage.ts';
import { runPayhook } from './receive-section.ts';
import { below, type SectionReport } from './report.ts';
import { CONNECTIONS, type SectionContext, warmUpMs } from './section.ts';
import { countWebhooks, waitUntilDrained } from './stored-rows.ts';

const RATES = [500, 1000] as const;
/** Beyond it the generator, which runs on the same cores, says more of the machine than of the server. */
const LATENESS_MS_MAX = 5;
const P99_MS_AIM = 25;

const measureRate = async (context: SectionContext, rate: number): Promise<SectionReport> => {
  const { load, isQuick, newDirectory } = context;
  const durationMs = isQuick ? 3000 : 15_000;
  await using server: PayhookServer = await startPayhook({ dataDirectory: newDirectory('steady') });
  const { result: warm } = await runPayhook(context, server, warmUpMs(isQuick));
  await waitUntilDrained(server.database);
  await load.prepare((durationMs / 1000) * rate);
  const used = startCountingCpu(server.pid);
  const shape = { port: server.port, connections: CONNECTIONS, ratePerSecond: rate };
  const result = await load.run({ ...shape, from: 0, durationMs });
  const { main, database } = used();

  const accepted = warm.accepted + result.accepted;
  const stored = countWebhooks(server.database);
  const errors: string[] = [];
  if (accepted !== warm.sent + result.sent) errors.push('not every delivery was accepted');
  if (stored !== accepted) errors.push(`${accepted} were acknowledged, ${stored} are stored`);
  const { ofServer, sendLatenessP99Ms } = result;
  const isGeneratorLate = sendLatenessP99Ms >= LATENESS_MS_MAX;
  return {
    section: `Steady ${rate}/s for ${durationMs / 1000} s`,
    rows: [
      { label: 'acknowledged, p50, without what the generator was late', value: ofServer.p50Ms, unit: 'ms' },
      {
        label: 'acknowledged, p99, without what the generator was late',
        value: ofServer.p99Ms,
        unit: 'ms',
        aim: below(ofServer.p99Ms, P99_MS_AIM, ' ms'),
        ...(isGeneratorLate ? { note: 'the generator was late by more than 5 ms: says little' } : {}),
      },
      { label: 'acknowledged, p99, from when each was due', value: result.p99Ms, unit: 'ms' },
      { label: 'acknowledged, maximum, from when it was due', value: result.maxMs, unit: 'ms' },
      { label: 'the load generator was late, p99', value: sendLatenessP99Ms, unit: 'ms' },
      { label: 'rate', value: (result.sent / result.elapsedMs) * 1000, unit: '/s' },
      { label: 'main thread busy', value: main / result.elapsedMs / 10, unit: '%' },
      { label: 'database thread busy', value: database / result.elapsedMs / 10, unit: '%' },
    ],
    errors,
  };
};

export const steadySection = async (context: SectionContext): Promise<SectionReport> => {
  const reports: SectionReport[] = [];
  for (const rate of RATES) reports.push(await measureRate(context, rate));
  return {
    section: 'Steady load',
    rows: reports.flatMap(({ section, rows }) => rows.map((row) => ({ ...row, label: `${section}: ${row.label}` }))),
    errors: reports.flatMap(({ errors }) => errors),
  };
};
