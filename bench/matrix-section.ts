/**
 * Connections, sizes of bodies and what is done with a webhook, each beside both ceilings in turns: the machine's speed
 * drifts, ratios of neighbours do not. Every round says what was accepted while processing went on beside it, and how fast
 * all of it was received, processed and audited until the last one.
 */
import { type CeilingServer, runCeiling, startCeiling } from './ceilings.ts';
import { forkModule, nextMessage } from './child-processes.ts';
import type { BodySize } from './deliveries.ts';
import { ratePerSecond } from './load-generator.ts';
import { type PayhookOptions, startPayhook } from './payhook-server.ts';
import { peakResidentMib } from './process-usage.ts';
import { runPayhook } from './receive-section.ts';
import { atLeast, below, type Row, type SectionReport } from './report.ts';
import { type SectionContext, warmUpMs } from './section.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { countWebhooks, waitUntilDrained } from './stored-rows.ts';

interface Case {
  readonly label: string;
  readonly connections: number;
  readonly size: BodySize;
  readonly options?: Partial<PayhookOptions>;
  readonly hasDestination?: boolean;
  /** Of ceiling (b). */
  readonly acceptedAim?: number;
  readonly endToEndAim?: number;
  readonly memoryMibAim?: number;
}

/** What has aims. */
const CASES: readonly Case[] = [
  { label: '16 connections', connections: 16, size: 'usual', acceptedAim: 0.38, endToEndAim: 0.3, memoryMibAim: 190 },
  { label: '64 connections', connections: 64, size: 'usual', acceptedAim: 0.42, endToEndAim: 0.3, memoryMibAim: 190 },
  { label: '256 connections', connections: 256, size: 'usual', memoryMibAim: 230 },
  { label: '64, a handler', connections: 64, size: 'usual', options: { hasHandler: true }, endToEndAim: 0.25 },
];

const OTHER_CASES: readonly Case[] = [
  { label: '64, 0.6 KB', connections: 64, size: 'small' },
  { label: '64, 40 KB', connections: 64, size: 'large' },
  { label: '64, a computing handler', connections: 64, size: 'usual', options: { hasComputingHandler: true } },
  { label: '64, a destination', connections: 64, size: 'usual', hasDestination: true },
];

interface Round {
  readonly bare: number;
  readonly verified: number;
  readonly accepted: number;
  readonly endToEnd: number;
}

const ratioRow = (label: string, { median, least, most }: Spread, aim: number | undefined): Row => ({
  label,
  value: median,
  unit: '',
  ...(aim === undefined ? {} : { aim: atLeast(median, aim) }),
  note: `${least.toFixed(2)} to ${most.toFixed(2)}`,
});

const rowsOf = (each: Case, rounds: readonly Round[], peakMib: number): Row[] => {
  const of = (pick: (round: Round) => number): Spread => spreadOf(rounds.map(pick));
  const { memoryMibAim } = each;
  return [
    {
      label: `${each.label}: accepted, processing beside it`,
      value: of(({ accepted }) => accepted).median,
      unit: '/s',
    },
    ratioRow(
      '  of ceiling (a)',
      of(({ accepted, bare }) => accepted / bare),
      undefined,
    ),
    ratioRow(
      '  of ceiling (b)',
      of(({ accepted, verified }) => accepted / verified),
      each.acceptedAim,
    ),
    { label: '  received, processed, audited', value: of(({ endToEnd }) => endToEnd).median, unit: '/s' },
    ratioRow(
      '  of ceiling (b)',
      of(({ endToEnd, verified }) => endToEnd / verified),
      each.endToEndAim,
    ),
    {
      label: '  memory, peak',
      value: peakMib,
      unit: 'MiB',
      ...(memoryMibAim === undefined ? {} : { aim: below(peakMib, memoryMibAim) }),
    },
  ];
};

const measureCase = async (
  context: SectionContext,
  each: Case,
  [bare, verified]: readonly [CeilingServer, CeilingServer],
): Promise<{ rows: Row[]; errors: string[] }> => {
  const { load, isQuick, newDirectory, progress } = context;
  const { connections, size } = each;
  progress(each.label);
  const sink = each.hasDestination === true ? forkModule('./destination-sink.ts') : undefined;
  const port = sink === undefined ? undefined : (await nextMessage<{ port: number }>(sink)).port;
  const destination = port === undefined ? {} : { destinationUrl: `http://127.0.0.1:${port}/events` };
  await using server = await startPayhook({ ...each.options, ...destination, dataDirectory: newDirectory('matrix') });
  const durationMs = isQuick ? 1000 : 2500;
  let accepted = 0;
  const runOn = async (ms: number): Promise<{ accepted: number; endToEnd: number }> => {
    const startedAt = performance.now();
    const { result, preparedMs } = await runPayhook(context, server, ms, connections, size);
    accepted += result.accepted;
    await waitUntilDrained(server.database);
    const seconds = (performance.now() - startedAt - preparedMs) / 1000;
    return { accepted: ratePerSecond(result), endToEnd: result.accepted / seconds };
  };
  await runOn(warmUpMs(isQuick));
  const rounds: Round[] = [];
  for (let round = 0; round < (isQuick ? 1 : 5); round += 1) {
    const shape = { connections, durationMs: durationMs / 2 };
    const ofBare = ratePerSecond((await runCeiling(load, bare, shape)).result);
    const ofVerified = ratePerSecond((await runCeiling(load, verified, shape)).result);
    rounds.push({ bare: ofBare, verified: ofVerified, ...(await runOn(durationMs)) });
  }
  sink?.disconnect();
  const stored = countWebhooks(server.database);
  const errors = stored < accepted ? [`${accepted - stored} acknowledged webhooks are not stored: LOSS`] : [];
  return { rows: rowsOf(each, rounds, peakResidentMib(server.pid)), errors };
};

const measureCases = async (
  context: SectionContext,
  cases: readonly Case[],
  section: string,
): Promise<SectionReport> => {
  await using bare = await startCeiling('bare');
  await using verified = await startCeiling('verified');
  const rows: Row[] = [];
  const errors: string[] = [];
  await context.load.prepare(10_000);
  for (const server of [bare, verified]) {
    await runCeiling(context.load, server, { connections: 64, durationMs: warmUpMs(context.isQuick) / 2 });
  }
  for (const each of cases) {
    const measured = await measureCase(context, each, [bare, verified]);
    rows.push(...measured.rows);
    errors.push(...measured.errors);
  }
  return { section, rows, errors };
};

export const matrixSection = (context: SectionContext): Promise<SectionReport> =>
  measureCases(context, CASES, 'At full load, beside both ceilings in turns');

/** In a run of its own: a machine that others use, too, is rarely quiet for as long as both take. */
export const variantsSection = (context: SectionContext): Promise<SectionReport> =>
  measureCases(context, OTHER_CASES, 'At full load with other bodies and more to do, beside both ceilings in turns');
