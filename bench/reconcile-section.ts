/** What reconciling a hundred thousand listed events costs of our own time, against a store of a million. */
import { performance } from 'node:perf_hooks';
import { openSqliteThread } from '../src/adapters/sqlite/sqlite-thread.ts';
import { systemClock } from '../src/adapters/system/system-clock.ts';
import type { EventSource } from '../src/core/ports/provider-events.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/core/time.ts';
import { openDataDirectory } from '../src/homes/local/data-directory.ts';
import { createLocalHome } from '../src/homes/local/home.ts';
import { MAPPINGS } from '../src/providers/mappings.ts';
import { stripe } from '../src/providers/stripe/stripe.ts';
import { RECONCILER } from '../src/reconcile/catch-up.ts';
import { createReconcile } from '../src/reconcile/reconcile.ts';
import type { RunReport } from '../src/reconcile/reconcile-source.ts';
import { createDeliveries, STRIPE_SETTINGS } from './deliveries.ts';
import { fillDataDirectory } from './fill-database.ts';
import { below, type Row, type SectionReport } from './report.ts';
import type { SectionContext } from './section.ts';

const SECONDS_AIM = 60;
const PAGE = 100;
const COUNTS = { quick: { stored: 10_000, listed: 2000 }, full: { stored: 1_000_000, listed: 100_000 } } as const;

/** The same events each time that it is asked, as a list that nothing has to be fetched for. */
const listOf = (count: number, createdAt: number): EventSource => {
  const nextDelivery = createDeliveries();
  const created = `"created": ${Math.floor(createdAt / SECOND_MS)}`;
  const bodies = Array.from({ length: count }, () =>
    Buffer.from(
      nextDelivery()
        .body.toString('utf8')
        .replace(/"created": ?\d+/, created),
    ),
  );
  return {
    provider: 'stripe',
    id: 'stripe:test',
    mode: 'test',
    credentialId: 'stripe-api#1',
    events: {
      listedForMs: 30 * DAY_MS,
      list: async ({ cursor }) => {
        const from = Number(cursor ?? 0);
        const events = bodies.slice(from, from + PAGE).map((body) => ({ body }));
        return { outcome: 'page', events, next: from + PAGE < count ? String(from + PAGE) : null };
      },
    },
  };
};

const nothing = (): void => undefined;

export const reconcileSection = async ({ isQuick, newDirectory, progress }: SectionContext): Promise<SectionReport> => {
  const { stored, listed } = COUNTS[isQuick ? 'quick' : 'full'];
  const path = newDirectory('reconcile');
  progress(`filling a store with ${stored.toLocaleString('en-US')} webhooks`);
  await fillDataDirectory(path, stored);
  const directory = openDataDirectory(path);
  const executor = await openSqliteThread({ path: directory.database });
  const home = await createLocalHome(directory, executor);
  try {
    const source = listOf(listed, Date.now() - 2 * HOUR_MS);
    const reconcile = createReconcile({
      ...home,
      providers: new Map([['stripe', { provider: stripe, settings: STRIPE_SETTINGS }]]),
      mappings: MAPPINGS,
      eventTypes: {},
      alerts: { raise: nothing },
      logger: { info: nothing, warn: nothing, error: nothing },
      metrics: { reconciled: nothing },
      clock: systemClock,
      retentionMs: 400 * DAY_MS,
    });
    const measure = async (): Promise<{ readonly seconds: number; readonly report: RunReport }> => {
      const since = Date.now() - DAY_MS + MINUTE_MS;
      const startedAt = performance.now();
      const report = await reconcile({ source, recoveredBy: RECONCILER, isDryRun: false, since });
      return { seconds: (performance.now() - startedAt) / 1000, report };
    };
    progress(`${listed.toLocaleString('en-US')} listed events, none of them there`);
    const missing = await measure();
    progress('the same events again, all of them there');
    const present = await measure();
    return reportOf(stored, listed, missing, present);
  } finally {
    await executor.close();
  }
};

type Measured = { readonly seconds: number; readonly report: RunReport };

const reportOf = (stored: number, listed: number, missing: Measured, present: Measured): SectionReport => {
  const rows: readonly Row[] = [
    { label: 'webhooks stored before', value: stored, unit: '' },
    {
      label: `${listed} listed, all there and compared`,
      value: present.seconds,
      unit: 's',
      aim: below(present.seconds, SECONDS_AIM, ' s'),
    },
    { label: `${listed} listed, none there: all stored and queued`, value: missing.seconds, unit: 's' },
  ];
  const errors = [
    ...(missing.report.tally.recovered === listed ? [] : [`${missing.report.tally.recovered} of ${listed} recovered`]),
    ...(present.report.tally.missing === 0 && present.report.tally.listed === listed
      ? []
      : ['the second run found something missing']),
    ...(present.report.tally.differing === 0 ? [] : [`${present.report.tally.differing} differ`]),
  ];
  return { section: 'reconcile', rows, errors };
};
