/** Receiving at full load, beside what Node's HTTP server can do at all with the same bodies and load generator. */
import { availableParallelism } from 'node:os';
import { type CeilingServer, runCeiling, startCeiling } from './ceilings.ts';
import type { BodySize } from './deliveries.ts';
import { ratePerSecond } from './load-generator.ts';
import type { LoadResult } from './load-messages.ts';
import { type PayhookServer, startPayhook } from './payhook-server.ts';
import { peakResidentMib, startCountingCpu, type ThreadUsage } from './process-usage.ts';
import { atLeast, below, type Row, type SectionReport } from './report.ts';
import { CONNECTIONS, type SectionContext, warmUpMs } from './section.ts';
import { median } from './statistics.ts';
import { countWebhooks } from './stored-rows.ts';

const RATE_AIM = 8000;
const RATIO_AIM = 0.5;
const MEMORY_MIB_AIM = 200;
/** More than a server takes in a second; deliveries are prepared for each run, at about 3 KB of memory each. */
const PREPARED_PER_SECOND = 12_000;
const MICROS_PER_SECOND = 1_000_000;

export interface PayhookRun {
  readonly result: LoadResult;
  readonly usage: ThreadUsage;
  /** What making the deliveries took before. */
  readonly preparedMs: number;
}

/** Full load against Payhook with deliveries that nobody has seen. */
export const runPayhook = async (
  { load }: SectionContext,
  server: PayhookServer,
  durationMs: number,
  connections: number = CONNECTIONS,
  size: BodySize = 'usual',
): Promise<PayhookRun> => {
  // Large bodies are fewer a second, and take as much memory.
  const perSecond = size === 'large' ? PREPARED_PER_SECOND / 8 : PREPARED_PER_SECOND;
  const startedAt = performance.now();
  await load.prepare((durationMs / 1000) * perSecond, size);
  const preparedMs = performance.now() - startedAt;
  const used = startCountingCpu(server.pid);
  const result = await load.run({
    port: server.port,
    connections,
    from: 0,
    durationMs,
    ratePerSecond: null,
  });
  return { result, usage: used(), preparedMs };
};

interface Round {
  readonly bare: number;
  readonly verified: number;
  readonly payhook: PayhookRun;
}

const measureRounds = async (
  context: SectionContext,
  [bare, verified, payhook]: readonly [CeilingServer, CeilingServer, PayhookServer],
): Promise<{ rounds: Round[]; accepted: number; sent: number }> => {
  const { load, isQuick } = context;
  const durationMs = isQuick ? 1500 : 5000;
  const rounds: Round[] = [];
  let sent = 0;
  let accepted = 0;
  const runOn = async (ms: number): Promise<PayhookRun> => {
    const run = await runPayhook(context, payhook, ms);
    sent += run.result.sent;
    accepted += run.result.accepted;
    return run;
  };
  await runOn(warmUpMs(isQuick));
  for (let round = 0; round < (isQuick ? 1 : 3); round += 1) {
    context.progress(`round ${round + 1}`);
    const shape = { connections: CONNECTIONS, durationMs: durationMs / 2 };
    rounds.push({
      bare: ratePerSecond((await runCeiling(load, bare, shape)).result),
      verified: ratePerSecond((await runCeiling(load, verified, shape)).result),
      payhook: await runOn(durationMs),
    });
  }
  return { rounds, accepted, sent };
};

const measure = async (context: SectionContext): Promise<SectionReport> => {
  const { load, isQuick, newDirectory, profileDirectory } = context;
  const bodyBytes = await load.prepare(PREPARED_PER_SECOND);
  await using bare = await startCeiling('bare');
  await using verified = await startCeiling('verified');
  await using payhook = await startPayhook({ dataDirectory: newDirectory('receive'), profileDirectory });
  const warmUp = { connections: CONNECTIONS, durationMs: warmUpMs(isQuick) / 2 };
  await runCeiling(load, bare, warmUp);
  await runCeiling(load, verified, warmUp);

  const { rounds, accepted, sent } = await measureRounds(context, [bare, verified, payhook]);
  const peakMib = peakResidentMib(payhook.pid);
  const stored = countWebhooks(payhook.database);
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const rate = of(({ payhook: { result } }) => ratePerSecond(result));
  const perRequest = (pick: (usage: ThreadUsage) => number): number =>
    of(({ payhook: { usage, result } }) => pick(usage) / result.sent);

  const cpuOfAll =
    perRequest(({ main, database, others }) => main + database + others) +
    of((round) => round.payhook.result.cpuMicrosPerRequest);
  const toVerified = of((round) => ratePerSecond(round.payhook.result) / round.verified);
  const rows: Row[] = [
    { label: 'body', value: bodyBytes, unit: 'bytes' },
    { label: 'ceiling (a): node:http reads the body, answers 200', value: of((round) => round.bare), unit: '/s' },
    { label: 'ceiling (b): and one HMAC-SHA256 and JSON.parse', value: of((round) => round.verified), unit: '/s' },
    { label: 'Payhook: accepted, durable, processed beside it', value: rate, unit: '/s', aim: atLeast(rate, RATE_AIM) },
    { label: 'of ceiling (a)', value: of((round) => ratePerSecond(round.payhook.result) / round.bare), unit: '' },
    { label: 'of ceiling (b)', value: toVerified, unit: '', aim: atLeast(toVerified, RATIO_AIM) },
    { label: 'acknowledged at full load, p50', value: of((round) => round.payhook.result.p50Ms), unit: 'ms' },
    { label: 'acknowledged at full load, p99', value: of((round) => round.payhook.result.p99Ms), unit: 'ms' },
    { label: 'resident memory, peak', value: peakMib, unit: 'MiB', aim: below(peakMib, MEMORY_MIB_AIM) },
    { label: 'CPU for each webhook, main thread', value: perRequest((usage) => usage.main), unit: 'µs' },
    { label: 'CPU for each webhook, database thread', value: perRequest((usage) => usage.database), unit: 'µs' },
    { label: 'CPU for each webhook, other threads', value: perRequest((usage) => usage.others), unit: 'µs' },
    {
      label: 'CPU for each webhook, load generator',
      value: of((round) => round.payhook.result.cpuMicrosPerRequest),
      unit: 'µs',
      note: 'on the same cores',
    },
    {
      label: 'what these cores could do with that much CPU for each',
      value: (availableParallelism() * MICROS_PER_SECOND) / cpuOfAll,
      unit: '/s',
      note: 'if nothing ever waited',
    },
    { label: 'accepted by the answers', value: accepted, unit: '' },
    { label: 'stored in the database', value: stored, unit: '' },
  ];
  const errors: string[] = [];
  if (stored < accepted) errors.push(`${accepted - stored} acknowledged webhooks are not in the database: LOSS`);
  if (stored > accepted) errors.push(`${stored - accepted} webhooks are stored that nobody was told about`);
  if (accepted !== sent) errors.push(`${sent - accepted} of ${sent} deliveries were not accepted`);
  return { section: 'Receive at full load', rows, errors };
};

/** How much of the machine processing takes while receiving: the same, with one webhook processed at a time. */
const measureHeld = async (context: SectionContext): Promise<Row[]> => {
  const { isQuick, newDirectory } = context;
  await using payhook = await startPayhook({ dataDirectory: newDirectory('receive-held'), concurrency: 1 });
  await runPayhook(context, payhook, warmUpMs(isQuick));
  const { result, usage } = await runPayhook(context, payhook, isQuick ? 1500 : 5000);
  return [
    {
      label: 'Payhook with one webhook processed at a time',
      value: ratePerSecond(result),
      unit: '/s',
      note: `main ${Math.round(usage.main / result.sent)} µs, database ${Math.round(usage.database / result.sent)} µs, p99 ${Math.round(result.p99Ms)} ms`,
    },
  ];
};

export const receiveSection = async (context: SectionContext): Promise<SectionReport> => {
  const report = await measure(context);
  return { ...report, rows: [...report.rows, ...(await measureHeld(context))] };
};
