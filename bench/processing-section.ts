/**
 * What happens behind receiving: webhooks become payment events, change payments, are given to a handler and delivered to
 * an HTTP destination on this machine. A backlog, as after an outage, and whether memory grows while it drains.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../src/adapters/sqlite/sqlite-database.ts';
import { openDataDirectory } from '../src/homes/local/data-directory.ts';
import { forkModule, nextMessage } from './child-processes.ts';
import { fillBacklog } from './fill-backlog.ts';
import { startPayhook } from './payhook-server.ts';
import { measurePayments } from './payment-costs.ts';
import { peakResidentMib, residentMib } from './process-usage.ts';
import { atLeast, below, type Row, type SectionReport } from './report.ts';
import type { SectionContext } from './section.ts';

const EVENTS_AIM = 100_000;
const RATE_AIM = 2000;
/** Memory at the end of a drain against memory after its first quarter. */
const GROWTH_AIM = 1.2;
const WAIT_MS_MAX = 300_000;
const LOOK_EVERY_MS = 250;

interface Progress {
  readonly processed: number;
  readonly delivered: number;
}

const progressOf = (database: string): Progress => {
  const db = openDatabase({ path: database, isReadOnly: true });
  try {
    const count = (sql: string): number => Number(db.prepare(sql).get()?.n);
    return {
      processed: count("SELECT count(*) AS n FROM payment_webhooks WHERE status = 'processed'"),
      delivered: count("SELECT count(*) AS n FROM destination_entries WHERE state = 'delivered'"),
    };
  } finally {
    db.close();
  }
};

interface Drain {
  readonly processedPerSecond: number;
  readonly deliveredPerSecond: number;
  readonly firstQuarterMib: number;
  readonly lastMib: number;
  readonly peakMib: number;
  readonly received: number;
}

/** Starts a server on a backlog and watches it until everything is processed and delivered. */
const drain = async ({ newDirectory, progress, profileDirectory }: SectionContext, count: number): Promise<Drain> => {
  progress(`a backlog of ${count} webhooks is made`);
  const dataDirectory = newDirectory(`backlog-${count}`);
  await fillBacklog(dataDirectory, count);
  const sink = forkModule('./destination-sink.ts');
  const { port } = await nextMessage<{ port: number }>(sink);
  progress(`a backlog of ${count} webhooks drains`);
  const startedAt = Date.now();
  await using server = await startPayhook({
    dataDirectory,
    hasEventHandler: true,
    profileDirectory,
    destinationUrl: `http://127.0.0.1:${port}/events`,
  });
  const { database } = openDataDirectory(dataDirectory);
  let processedMs = 0;
  let firstQuarterMib = 0;
  for (;;) {
    const { processed, delivered } = progressOf(database);
    if (firstQuarterMib === 0 && delivered >= count / 4) firstQuarterMib = residentMib(server.pid);
    if (processedMs === 0 && processed >= count) processedMs = Date.now() - startedAt;
    if (delivered >= count && processed >= count) break;
    if (Date.now() - startedAt > WAIT_MS_MAX)
      throw new Error(`${processed} processed, ${delivered} delivered of ${count}`);
    await sleep(LOOK_EVERY_MS);
  }
  const elapsedMs = Date.now() - startedAt;
  sink.send('how many');
  const { received } = await nextMessage<{ received: number }>(sink);
  sink.disconnect();
  return {
    processedPerSecond: (count / processedMs) * 1000,
    deliveredPerSecond: (count / elapsedMs) * 1000,
    firstQuarterMib,
    lastMib: residentMib(server.pid),
    peakMib: peakResidentMib(server.pid),
    received,
  };
};

export const processingSection = async (context: SectionContext): Promise<SectionReport> => {
  context.progress('mapping and adding up, in one thread');
  const { mapPerSecond, recordPerSecond, wholePerSecond, readPerSecond } = measurePayments();
  const count = context.isQuick ? 20_000 : 100_000;
  const run = await drain(context, count);
  const growth = run.lastMib / run.firstQuarterMib;
  const rows: Row[] = [
    {
      label: 'payment events mapped and added to their payments: news, names, status, amounts',
      value: recordPerSecond,
      unit: '/s',
      aim: atLeast(recordPerSecond, EVENTS_AIM),
      note: 'one core, payload read already; whole lives at Stripe, PayPal and Square',
    },
    { label: '  mapped only', value: mapPerSecond, unit: '/s' },
    { label: '  the same, and the whole payment for each webhook, as for handlers', value: wholePerSecond, unit: '/s' },
    { label: '  the same without it, with reading the JSON', value: readPerSecond, unit: '/s' },
    {
      label: 'webhooks processed: payment, one handler, destination queued',
      value: run.processedPerSecond,
      unit: '/s',
      note: `${count} that waited; the start of the process included`,
    },
    {
      label: 'webhooks processed and delivered to one HTTP destination',
      value: run.deliveredPerSecond,
      unit: '/s',
      aim: atLeast(run.deliveredPerSecond, RATE_AIM),
      note: 'until the last one is delivered; the destination runs on the same cores',
    },
    {
      label: '  memory at the end against the first quarter',
      value: growth,
      unit: 'times',
      aim: below(growth, GROWTH_AIM),
      note: `${Math.round(run.firstQuarterMib)} MiB, then ${Math.round(run.lastMib)}; peak ${Math.round(run.peakMib)}`,
    },
  ];
  const errors = run.received < count ? [`${run.received} of ${count} events reached the destination`] : [];
  return { section: 'Processing: payments, a handler, a destination', rows, errors };
};
