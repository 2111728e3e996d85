/** What a million stored webhooks change: receiving, and lists. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openSqlite } from '../src/adapters/sqlite/sqlite-executor.ts';
import type { WebhookFilter } from '../src/core/ports/webhook-store.ts';
import { spawnNode } from './child-processes.ts';
import { fillDataDirectory } from './fill-database.ts';
import { ratePerSecond } from './load-generator.ts';
import { COMMAND_LINE, payhookEnvironment, startPayhook } from './payhook-server.ts';
import { runPayhook } from './receive-section.ts';
import { atMost, below, type Row, type SectionReport } from './report.ts';
import { type SectionContext, warmUpMs } from './section.ts';
import { median } from './statistics.ts';
import { countWebhooks } from './stored-rows.ts';

const RATIO_AIM = 1.2;
const LIST_MS_AIM = 100;
const LIST_REPEATS = 15;
const COMMAND_REPEATS = 3;
const LIST_LIMIT = 20;
const COUNTS = { quick: [1000, 20_000], full: [10_000, 1_000_000] } as const;

const LISTS: readonly { readonly label: string; readonly filter: Omit<WebhookFilter, 'limit'> }[] = [
  { label: '', filter: {} },
  { label: ' --status dead_lettered', filter: { status: 'dead_lettered' } },
  { label: ' --provider square', filter: { provider: 'square' } },
];

/** The first query on a database that was just opened, and the median of those after it. */
const measureQuery = async (path: string, filter: Omit<WebhookFilter, 'limit'>): Promise<[number, number]> => {
  const executor = openSqlite({ path, isReadOnly: true });
  const times: number[] = [];
  for (let repeat = 0; repeat <= LIST_REPEATS; repeat += 1) {
    const startedAt = performance.now();
    const rows = (await executor.run('webhookList', { ...filter, limit: LIST_LIMIT })).items;
    times.push(performance.now() - startedAt);
    if (rows.length !== LIST_LIMIT) throw new Error(`a list returned ${rows.length} rows instead of ${LIST_LIMIT}`);
  }
  await executor.close();
  return [times[0] ?? Number.NaN, median(times.slice(1))];
};

/** Wall time of the whole command; null when it does not work. */
const measureCommand = async (dataDirectory: string, args: readonly string[]): Promise<number | null> => {
  const times: number[] = [];
  for (let repeat = 0; repeat < COMMAND_REPEATS; repeat += 1) {
    const startedAt = performance.now();
    const child = spawnNode([COMMAND_LINE, ...args], payhookEnvironment(dataDirectory, 0), [
      'ignore',
      'pipe',
      'ignore',
    ]);
    let lines = 0;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      lines += text.split('\n').length - 1;
    });
    const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
    if (exitCode !== 0 || lines !== LIST_LIMIT) return null;
    times.push(performance.now() - startedAt);
  }
  return median(times);
};

const measureLists = async (dataDirectory: string): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const { label, filter } of LISTS) {
    const [first, again] = await measureQuery(join(dataDirectory, 'payhook.db'), filter);
    rows.push({
      label: `webhooks list --limit ${LIST_LIMIT}${label}: the query`,
      value: again,
      unit: 'ms',
      aim: below(again, LIST_MS_AIM, ' ms'),
      note: `first after opening ${first.toFixed(1)} ms`,
    });
    const options = label.trim() === '' ? [] : label.trim().split(' ');
    const whole = await measureCommand(dataDirectory, ['webhooks', 'list', '--limit', '20', '--json', ...options]);
    rows.push({
      label: `webhooks list --limit ${LIST_LIMIT}${label}: the command`,
      value: whole ?? Number.NaN,
      unit: 'ms',
      ...(whole === null ? { note: 'the command does not work' } : {}),
    });
  }
  return rows;
};

interface Measured {
  readonly rate: number;
  /** CPU of the database thread for each webhook: hardly disturbed by whatever else the machine does. */
  readonly databaseMicros: number;
  readonly errors: readonly string[];
}

const measureReceive = async (context: SectionContext, dataDirectory: string): Promise<Measured> => {
  const { isQuick } = context;
  const path = join(dataDirectory, 'payhook.db');
  const before = countWebhooks(path);
  await using server = await startPayhook({ dataDirectory });
  const warm = await runPayhook(context, server, warmUpMs(isQuick));
  const { result, usage } = await runPayhook(context, server, isQuick ? 1000 : 4000);
  const accepted = warm.result.accepted + result.accepted;
  const stored = countWebhooks(path) - before;
  return {
    rate: ratePerSecond(result),
    databaseMicros: usage.database / result.sent,
    errors: stored === accepted ? [] : [`${accepted} were acknowledged, ${stored} are stored`],
  };
};

export const growthSection = async (context: SectionContext): Promise<SectionReport> => {
  const [few, many] = context.isQuick ? COUNTS.quick : COUNTS.full;
  const fewDirectory = context.newDirectory('few');
  const manyDirectory = context.newDirectory('many');
  context.progress(`filling a database with ${many} webhooks`);
  await fillDataDirectory(fewDirectory, few);
  const startedAt = performance.now();
  await fillDataDirectory(manyDirectory, many);
  const fillSeconds = (performance.now() - startedAt) / 1000;
  const lists = await measureLists(manyDirectory);

  const rounds: { few: Measured; many: Measured }[] = [];
  const errors: string[] = [];
  for (let round = 0; round < (context.isQuick ? 1 : 3); round += 1) {
    context.progress(`receiving, round ${round + 1}`);
    // What a round adds would be most of the small database: each round begins with a fresh copy.
    const copy = context.newDirectory('few-copy');
    cpSync(fewDirectory, copy, { recursive: true });
    const onFew = await measureReceive(context, copy);
    const onMany = await measureReceive(context, manyDirectory);
    rounds.push({ few: onFew, many: onMany });
    errors.push(...onFew.errors, ...onMany.errors);
  }
  const of = (pick: (round: { few: Measured; many: Measured }) => number): number => median(rounds.map(pick));
  const ratio = of(({ few: onFew, many: onMany }) => onFew.rate / onMany.rate);
  return {
    section: 'Growth',
    rows: [
      { label: `filling ${many} webhooks`, value: fillSeconds, unit: 's' },
      { label: `receiving with ${few} stored`, value: of((round) => round.few.rate), unit: '/s' },
      { label: `receiving with ${many} stored`, value: of((round) => round.many.rate), unit: '/s' },
      { label: 'few to many, median of the rounds', value: ratio, unit: '', aim: atMost(ratio, RATIO_AIM) },
      { label: `database thread with ${few} stored`, value: of((round) => round.few.databaseMicros), unit: 'µs' },
      { label: `database thread with ${many} stored`, value: of((round) => round.many.databaseMicros), unit: 'µs' },
      ...lists,
    ],
    errors,
  };
};
