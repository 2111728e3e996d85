/**
 * The console over a million webhooks: every route that a page asks, as a page asks it; what a browser shows first; memory.
 * Then whether receiving notices ten open consoles: the same steady deliveries in turns, with and without them.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { LIMITS } from '../src/core/limits.ts';
import { SECOND_MS } from '../src/core/time.ts';
import { BROWSER_PATH } from '../test/console/browser/browser-path.ts';
import type { ConsoleSession } from '../test/support/console-session.ts';
import { type ConsoleProcess, startConsoleProcess } from './console-client.ts';
import { fillDataDirectory } from './fill-database.ts';
import { fillDeadLetters } from './fill-dead-letters.ts';
import { startPayhook } from './payhook-server.ts';
import { peakResidentMib, residentMib } from './process-usage.ts';
import { atMost, below, type Row, type SectionReport } from './report.ts';
import type { SectionContext } from './section.ts';
import { percentile, spreadOf } from './statistics.ts';

const COUNTS = { quick: [20_000, 2_000], full: [1_000_000, 10_000] } as const;
const [LIST_MS, FIND_MS, CAUSES_MS] = [200, 100, 300];
const REPEATS = 40;
const SLOW_REPEATS = 10;
const FIRST_LIST_MS = 500;
const THROTTLED_MS = 1500;
const MEMORY_MIB = 90;

interface Route {
  readonly label: string;
  readonly path: (round: number, session: ConsoleSession) => string | Promise<string>;
  readonly limitMs: number;
  readonly repeats?: number;
}

const LISTS = [
  '/api/webhooks',
  '/api/webhooks?status=dead_lettered',
  '/api/webhooks?status=retrying',
  '/api/webhooks?cause=handler_failed:shipOrder:the-warehouse-is-down',
  '/api/webhooks?handler=shipOrder%3Dfailed',
  '/api/webhooks?provider=square',
  '/api/webhooks?mode=live',
  '/api/webhooks?eventType=charge.refunded',
  '/api/webhooks?since=2h&until=1h',
  '/api/webhooks?account=acct_nobody',
  '/api/payments',
  '/api/payments?status=failed',
  '/api/payments?related=cus_nobody',
  '/api/deliveries',
  '/api/audit',
];

/** Pages of it, one behind the other. */
const listRoute = (path: string): Route => {
  let after: string | null = null;
  return {
    label: path,
    limitMs: LIST_MS,
    path: async (round, session) => {
      if (round % 10 === 0) after = null;
      const here = after === null ? path : `${path}${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(after)}`;
      // Where the page behind it begins, asked before the clock is started.
      after = (JSON.parse(await session.get(here, true)) as { readonly next?: string | null }).next ?? null;
      return here;
    },
  };
};

const at = (label: string, path: Route['path'], limitMs = LIST_MS, repeats = REPEATS): Route => ({
  label,
  path,
  limitMs,
  repeats,
});

const ROUTES: readonly Route[] = [
  ...LISTS.map(listRoute),
  at('/api/webhooks/:id', (round) => `/api/webhooks/${encodeURIComponent(`stripe:evt_dead_${round}`)}`),
  at('/api/payments/:provider/:id', (round) => `/api/payments/stripe/pi_dead_${round}`),
  ...['session', 'deliveries/turned-away', 'jobs', 'approvals', 'destinations', 'settings'].map((name) =>
    at(`/api/${name}`, () => `/api/${name}`),
  ),
  at('/api/find, an id of an event', (round) => `/api/find?q=evt_dead_${round}`, FIND_MS),
  at('/api/find, an id of a payment', (round) => `/api/find?q=pi_dead_${round}`, FIND_MS),
  at('/api/find, an id of nobody', (round) => `/api/find?q=cus_${round}`, FIND_MS),
  at('/api/causes', () => '/api/causes', CAUSES_MS, SLOW_REPEATS),
  at('/api/overview', () => '/api/overview', CAUSES_MS, SLOW_REPEATS),
];

const timesOf = async ({ path, repeats = REPEATS }: Route, session: ConsoleSession): Promise<Float64Array> => {
  const times = new Float64Array(repeats);
  for (let round = 0; round < repeats; round += 1) {
    const asked = await path(round, session);
    const startedAt = performance.now();
    await session.get(asked);
    times[round] = performance.now() - startedAt;
  }
  return times.toSorted();
};

const measureRoutes = async (session: ConsoleSession): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const route of ROUTES) {
    const times = await timesOf(route, session);
    const p95Ms = percentile(times, 0.95);
    rows.push({
      label: `${route.label}, p95`,
      value: p95Ms,
      unit: 'ms',
      aim: below(p95Ms, route.limitMs, ' ms'),
      note: `p50 ${percentile(times, 0.5).toFixed(1)} ms`,
    });
  }
  const startedAt = performance.now();
  await session.post('/api/jobs/preview', { work: { kind: 'redrive' }, filter: { cause: 'handler_failed' } });
  const previewMs = performance.now() - startedAt;
  return [...rows, { label: 'POST /api/jobs/preview of all dead letters, once', value: previewMs, unit: 'ms' }];
};

/** From the address to the first row, in a browser that has nothing of it yet. */
const firstRowMs = async (console: ConsoleProcess, throttle: number): Promise<number> => {
  const browser = await chromium.launch({ executablePath: BROWSER_PATH ?? '', args: ['--no-sandbox'] });
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(await console.newLink());
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const fresh = await context.newPage();
    const session = await context.newCDPSession(fresh);
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    await session.send('Emulation.setCPUThrottlingRate', { rate: throttle });
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const startedAt = performance.now();
      await fresh.goto(new URL('/webhooks', page.url()).href, { waitUntil: 'commit' });
      await fresh.locator('.row-link').first().waitFor();
      times.push(performance.now() - startedAt);
    }
    return spreadOf(times).median;
  } finally {
    await browser.close();
  }
};

const measureBrowser = async (console: ConsoleProcess): Promise<Row[]> => {
  if (BROWSER_PATH === null) return [];
  const plain = await firstRowMs(console, 1);
  const throttled = await firstRowMs(console, 4);
  return [
    { label: 'first list in a browser', value: plain, unit: 'ms', aim: below(plain, FIRST_LIST_MS, ' ms') },
    {
      label: 'first list, processor throttled four times',
      value: throttled,
      unit: 'ms',
      aim: below(throttled, THROTTLED_MS, ' ms'),
    },
  ];
};

/** What each of ten pages is on. */
const OPENED = [
  '/api/webhooks',
  '/api/webhooks',
  '/api/webhooks?status=dead_lettered',
  '/api/webhooks?provider=stripe',
  '/api/payments',
  '/api/payments',
  '/api/payments?status=failed',
  '/api/deliveries',
  '/api/webhooks',
  '/api/payments',
];
const RATE = 200;
const CONNECTIONS = 16;
const RATIO_AIM = 1.05;

/** What a page asks to know which rows are new: `use-newer.ts`. */
const newerOf = (path: string): string => {
  const asked = `${path}${path.includes('?') ? '&' : '?'}limit=11`;
  return path.startsWith('/api/payments') ? `${asked}&without=stuck` : asked;
};

/** As a page does: told of a change, it asks which rows there are by now. Resolves when all are closed. */
const openConsoles = (sessions: readonly ConsoleSession[], signal: AbortSignal): Promise<unknown> =>
  Promise.all(
    sessions.map(async (session, index) => {
      const path = OPENED[index] ?? '/api/webhooks';
      let looking: Promise<unknown> = session.get(path);
      await looking;
      await session.follow(() => {
        looking = looking.then(() => (signal.aborted ? '' : session.get(newerOf(path), true)));
      }, signal);
      await looking;
    }),
  );

const measureReceiving = async (
  context: SectionContext,
  console: ConsoleProcess,
  dataDirectory: string,
): Promise<{ readonly rows: Row[]; readonly errors: string[] }> => {
  const { load, isQuick, progress } = context;
  const durationMs = isQuick ? 2000 : 5000;
  await using server = await startPayhook({ dataDirectory });
  const sessions: ConsoleSession[] = [];
  for (const _ of OPENED) sessions.push(await console.logIn());
  const errors: string[] = [];
  const p99Of = async (areOpen: boolean): Promise<number> => {
    await load.prepare((durationMs / 1000) * RATE * 1.1);
    const closing = new AbortController();
    const open = areOpen ? openConsoles(sessions, closing.signal) : Promise.resolve();
    const shape = { port: server.port, connections: CONNECTIONS, from: 0, durationMs };
    const result = await load.run({ ...shape, ratePerSecond: RATE });
    closing.abort();
    await open;
    if (result.accepted !== result.sent) errors.push(`${result.sent - result.accepted} deliveries were not accepted`);
    return result.ofServer.p99Ms;
  };
  for (const areOpen of [false, true]) await p99Of(areOpen);
  const pairs: { readonly open: number; readonly closed: number }[] = [];
  for (let round = 0; round < (isQuick ? 3 : 24); round += 1) {
    progress(`${RATE} a second, round ${round + 1}`);
    const first = await p99Of(round % 2 === 0);
    const second = await p99Of(round % 2 !== 0);
    pairs.push(round % 2 === 0 ? { open: first, closed: second } : { open: second, closed: first });
  }
  const ratio = spreadOf(pairs.map(({ open, closed }) => open / closed));
  const rows: Row[] = [
    { label: 'acknowledged p99, no console', value: spreadOf(pairs.map(({ closed }) => closed)).median, unit: 'ms' },
    { label: 'acknowledged p99, ten open consoles', value: spreadOf(pairs.map(({ open }) => open)).median, unit: 'ms' },
    {
      label: '  ten open ones to none',
      value: ratio.median,
      unit: 'times',
      aim: atMost(ratio.median, RATIO_AIM),
      note: `${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)}`,
    },
  ];
  return { rows, errors };
};

export const consoleSection = async (context: SectionContext): Promise<SectionReport> => {
  const [count, dead] = context.isQuick ? COUNTS.quick : COUNTS.full;
  const path = context.newDirectory('console');
  context.progress(`filling a database with ${count} webhooks and ${dead} dead letters`);
  await fillDataDirectory(path, count);
  await fillDeadLetters(path, dead);
  // The first start of an installation compiles every file, which leaves 20 MiB behind; the others find it done.
  await (await startConsoleProcess(path))[Symbol.asyncDispose]();
  await using console = await startConsoleProcess(path);
  context.progress('every route');
  const routes = await measureRoutes(await console.logIn());
  context.progress('first list in a browser');
  const browser = await measureBrowser(console);
  const asked = residentMib(console.pid);
  await wait(LIMITS.consoleReturnsMemoryMs + SECOND_MS);
  const rested = residentMib(console.pid);
  const { rows, errors } = await measureReceiving(context, console, path);
  return {
    section: `The console, over ${count} webhooks and ${dead} dead letters`,
    rows: [
      ...routes,
      ...browser,
      { label: 'memory, when all of it was asked', value: asked, unit: 'MiB' },
      { label: '  at rest', value: rested, unit: 'MiB', aim: below(rested, MEMORY_MIB, ' MiB') },
      { label: '  peak, with ten open consoles', value: peakResidentMib(console.pid), unit: 'MiB' },
      ...rows,
    ],
    errors,
  };
};
