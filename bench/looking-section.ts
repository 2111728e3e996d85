/** What operators wait for at a million webhooks: pages of lists, find, causes, previews. In one thread, as a command does it. */
import { performance } from 'node:perf_hooks';
import { openSqlite } from '../src/adapters/sqlite/sqlite-executor.ts';
import { createListEntries } from '../src/audit/list-entries.ts';
import { openDataDirectory } from '../src/homes/local/data-directory.ts';
import { createLocalHome } from '../src/homes/local/home.ts';
import { createPreviewJob } from '../src/jobs/preview-job.ts';
import { createFindAnything } from '../src/operate/find-anything.ts';
import { createListCauses } from '../src/operate/list-causes.ts';
import { createListWebhooks, type WebhookQuery } from '../src/operate/list-webhooks.ts';
import { PROVIDERS } from '../src/providers/providers.ts';
import { fillDataDirectory } from './fill-database.ts';
import { fillDeadLetters } from './fill-dead-letters.ts';
import { below, type Row, type SectionReport } from './report.ts';
import type { SectionContext } from './section.ts';
import { percentile } from './statistics.ts';

const COUNTS = { quick: [20_000, 10_000], full: [1_000_000, 10_000] } as const;
const ROWS = 50;
const REPEATS = 40;
const SLOW_REPEATS = 8;
const [LIST_MS, FIND_MS, CAUSES_MS] = [50, 100, 300];

const LISTS: readonly { readonly label: string; readonly query: Omit<WebhookQuery, 'limit'> }[] = [
  { label: 'newest', query: {} },
  { label: '--status dead_lettered', query: { status: 'dead_lettered' } },
  { label: '--cause', query: { cause: 'handler_failed:shipOrder:the-warehouse-is-down' } },
  { label: '--handler shipOrder=failed', query: { handler: { name: 'shipOrder', outcome: 'failed' } } },
  { label: '--provider square', query: { provider: 'square' } },
  { label: '--event-type that none has', query: { eventType: 'charge.refunded' } },
  { label: '--destination that has none', query: { destination: 'ledger' } },
];

interface Timed {
  readonly p95Ms: number;
  readonly firstMs: number;
}

const timed = async (repeats: number, work: (round: number) => Promise<unknown>): Promise<Timed> => {
  const times: number[] = [];
  for (let round = 0; round < repeats; round += 1) {
    const startedAt = performance.now();
    await work(round);
    times.push(performance.now() - startedAt);
  }
  return { p95Ms: percentile(Float64Array.from(times).toSorted(), 0.95), firstMs: times[0] ?? Number.NaN };
};

const rowOf = (label: string, { p95Ms, firstMs }: Timed, limitMs: number | null): Row => ({
  label: `${label}, p95`,
  value: p95Ms,
  unit: 'ms',
  ...(limitMs === null ? {} : { aim: below(p95Ms, limitMs, ' ms') }),
  note: `first ${firstMs.toFixed(1)} ms`,
});

const openHome = async (path: string) => {
  const directory = openDataDirectory(path);
  const executor = openSqlite({ path: directory.database });
  return { ...(await createLocalHome(directory, executor)), [Symbol.asyncDispose]: () => executor.close() };
};

export const lookingSection = async (context: SectionContext): Promise<SectionReport> => {
  const [count, dead] = context.isQuick ? COUNTS.quick : COUNTS.full;
  const path = context.newDirectory('looking');
  context.progress(`filling a database with ${count} webhooks and ${dead} dead letters`);
  await fillDataDirectory(path, count);
  await fillDeadLetters(path, dead);
  await using home = await openHome(path);
  context.progress('looking');
  const rows: Row[] = [];
  const list = createListWebhooks(home);
  for (const { label, query } of LISTS) {
    let after: string | undefined;
    const times = await timed(REPEATS, async () => {
      after = (await list({ ...query, limit: ROWS, after })).next ?? undefined;
    });
    rows.push(rowOf(`a page of ${ROWS} webhooks: ${label}`, times, LIST_MS));
  }
  const entries = createListEntries(home.auditLog);
  let afterEntry: string | undefined;
  const pages = await timed(REPEATS, async () => {
    afterEntry = (await entries({ limit: ROWS, after: afterEntry })).next ?? undefined;
  });
  rows.push(rowOf(`a page of ${ROWS} entries of the trail`, pages, LIST_MS));

  const find = createFindAnything({ ...home, providers: PROVIDERS.map(({ name }) => name) });
  const found: readonly [string, (round: number) => string][] = [
    ['an id of an event', (round) => `evt_dead_${round}`],
    ['an id of a payment', (round) => `pi_dead_${round}`],
    ['an id that is not there', (round) => `cus_${round}`],
  ];
  for (const [label, idOf] of found)
    rows.push(rowOf(`find: ${label}`, await timed(REPEATS, (round) => find(idOf(round))), FIND_MS));

  const causes = createListCauses(home);
  rows.push(rowOf(`causes of ${dead} dead letters`, await timed(SLOW_REPEATS, () => causes({})), CAUSES_MS));
  const preview = createPreviewJob(home);
  const redrive = () => preview({ kind: 'redrive' }, { status: 'dead_lettered', until: Date.now() }, 'live');
  rows.push(rowOf(`the preview of a redrive of ${dead}`, await timed(SLOW_REPEATS, redrive), null));
  return { section: `Looking, at ${count} webhooks and ${dead} dead letters`, rows, errors: [] };
};
