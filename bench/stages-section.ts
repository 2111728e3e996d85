/** Where the time of a webhook goes, stage by stage, so that a missed target has a name. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CeilingName, runCeiling, startCeiling } from './ceilings.ts';
import { createInsertions, measureCore, measureReceive } from './core-costs.ts';
import { measureFsync, measureOperations } from './database-costs.ts';
import { measureMessages } from './message-costs.ts';
import type { Row, SectionReport } from './report.ts';
import { CONNECTIONS, type SectionContext, warmUpMs } from './section.ts';

const BATCHES = [1, 16, 64] as const;
const WARM_UP_INSERTIONS = 3000;

const row = (label: string, value: number, note?: string): Row => ({
  label,
  value,
  unit: 'µs',
  ...(note === undefined ? {} : { note }),
});

const measureHttp = async (context: SectionContext): Promise<Row[]> => {
  const { load, isQuick } = context;
  context.progress('HTTP');
  await load.prepare(20_000);
  const durationMs = isQuick ? 1000 : 2000;
  const measure = async (name: CeilingName): Promise<number> => {
    await using server = await startCeiling(name);
    await runCeiling(load, server, { connections: CONNECTIONS, durationMs: warmUpMs(isQuick) / 2 });
    return (await runCeiling(load, server, { connections: CONNECTIONS, durationMs })).mainMicrosPerRequest;
  };
  const bare = await measure('bare');
  const edge = await measure('edge');
  return [
    row('HTTP: node:http reads the body and answers', bare, 'CPU of the server thread'),
    row("HTTP: what Payhook's edge adds (headers, id, log, metrics)", edge - bare),
  ];
};

const measureSteps = async (calls: number): Promise<Row[]> => {
  const core = await measureCore(calls);
  return [
    row('verify: header, HMAC-SHA256, time', core.verify),
    row('SHA-256 of the body', core.sha256),
    row('parse and identify: strict UTF-8, depth, repeated keys, fields', core.identify),
    row('  of it JSON.parse alone', core.jsonParse),
    row('card-data screen', core.screen),
    row('seal: encrypt, as one machine does it', core.seal),
    row('zstd, from 16 KB on', core.zstd),
    row('  of it AES-256-GCM alone', core.aesGcm),
    row('unseal (for a handler)', core.unseal),
  ];
};

const measureDatabase = async (context: SectionContext): Promise<Row[]> => {
  const { isQuick, newDirectory } = context;
  const directory = newDirectory('stages');
  mkdirSync(directory);
  const rows: Row[] = [];
  const path = join(directory, 'payhook.db');
  measureOperations(path, await createInsertions(WARM_UP_INSERTIONS), 64, false);
  for (const batch of BATCHES) {
    const count = batch === 1 ? 1024 : isQuick ? 2048 : 8192;
    const insertions = await createInsertions(count);
    const cpu = measureOperations(path, insertions, batch, false);
    const durable = measureOperations(path, await createInsertions(isQuick ? 512 : 2048), batch, true);
    const of = `${batch} a commit`;
    rows.push(
      row(`database: insert, audit entry, queue entry; ${of}`, cpu.insertMicros, 'without waiting for the disk'),
      row(`database: the same, durable; ${of}`, durable.insertMicros),
      row(`database: claim; ${of}`, cpu.claimMicros),
      row(`database: get; ${of}`, cpu.getMicros),
      row(`database: change, audit entry, queue entry; ${of}`, cpu.changeMicros),
    );
  }
  rows.push(row('fsync of 64 KiB', measureFsync(join(directory, 'fsync'), isQuick ? 100 : 300), 'for each commit'));
  return rows;
};

const measureThreads = async (isQuick: boolean): Promise<Row[]> => {
  const insertions = await createInsertions(1024);
  const rows: Row[] = [];
  for (const batch of BATCHES) {
    const { mainMicros, threadMicros } = await measureMessages(insertions, batch, isQuick ? 4096 : 16_384);
    rows.push(row(`messages: main thread; ${batch} at once`, mainMicros));
    rows.push(row(`messages: database thread; ${batch} at once`, threadMicros));
  }
  return rows;
};

export const stagesSection = async (context: SectionContext): Promise<SectionReport> => {
  const { isQuick } = context;
  const rows = await measureHttp(context);
  context.progress('core');
  rows.push(...(await measureSteps(isQuick ? 2000 : 10_000)));
  const ignore = (): void => undefined;
  await measureReceive(WARM_UP_INSERTIONS, ignore);
  const receiveMicros = await measureReceive(isQuick ? 4000 : 10_000, ignore);
  rows.push(row('receive as a whole, into a store that does nothing', receiveMicros));
  context.progress('database');
  rows.push(...(await measureDatabase(context)));
  context.progress('threads');
  rows.push(...(await measureThreads(isQuick)));
  return { section: 'Where the time goes, microseconds for each webhook', rows, errors: [] };
};
