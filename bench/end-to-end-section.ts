/** From the first delivery received to the last webhook processed and audited. */
import { ratePerSecond } from './load-generator.ts';
import { startPayhook } from './payhook-server.ts';
import { peakResidentMib } from './process-usage.ts';
import { atLeast, type Row, type SectionReport } from './report.ts';
import { CONNECTIONS, type SectionContext } from './section.ts';
import { waitUntilProcessed } from './stored-rows.ts';

const RATE_AIM = 4000;
/** Accepted and ended: each webhook leaves two audit entries. */
const ENTRIES_PER_WEBHOOK = 2;
const WAIT_MS_MAX = 120_000;

const measure = async (
  context: SectionContext,
  hasHandler: boolean,
  count: number,
): Promise<{ rows: Row[]; errors: string[] }> => {
  const { load, newDirectory, profileDirectory } = context;
  const what = hasHandler ? 'with a handler that reads the payload' : 'without a handler';
  context.progress(what);
  await load.prepare(count);
  const dataDirectory = newDirectory(hasHandler ? 'end-to-end-handler' : 'end-to-end');
  await using server = await startPayhook({ dataDirectory, hasHandler, profileDirectory });
  const result = await load.run({
    port: server.port,
    connections: CONNECTIONS,
    from: 0,
    durationMs: WAIT_MS_MAX,
    ratePerSecond: null,
  });
  const run = await waitUntilProcessed(server.database, WAIT_MS_MAX);
  const rate = (run.processed / run.elapsedMs) * 1000;

  const errors: string[] = [];
  if (run.processed !== result.accepted) errors.push(`${result.accepted} accepted, ${run.processed} processed`);
  if (run.auditEntries !== run.processed * ENTRIES_PER_WEBHOOK) {
    errors.push(`${run.auditEntries} audit entries for ${run.processed} webhooks`);
  }
  return {
    rows: [
      {
        label: `received, processed, audited ${what}`,
        value: rate,
        unit: '/s',
        aim: atLeast(rate, RATE_AIM),
        note: `${run.processed} webhooks, ${run.auditEntries} audit entries, ${(run.elapsedMs / 1000).toFixed(1)} s`,
      },
      { label: '  of it receiving went on at', value: ratePerSecond(result), unit: '/s' },
      { label: '  memory, peak', value: peakResidentMib(server.pid), unit: 'MiB' },
    ],
    errors,
  };
};

export const endToEndSection = async (context: SectionContext): Promise<SectionReport> => {
  const count = context.isQuick ? 6000 : 50_000;
  const plain = await measure(context, false, count);
  const handled = await measure({ ...context, profileDirectory: undefined }, true, count);
  return {
    section: 'End to end: a backlog as fast as it is taken, until the last webhook is processed',
    rows: [...plain.rows, ...handled.rows],
    errors: [...plain.errors, ...handled.errors],
  };
};
