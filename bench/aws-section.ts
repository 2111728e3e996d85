/** The AWS home without AWS: cold and warm functions under Lambda's runtime client, and what a million webhooks cost. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BuiltFunctions, buildFunctions, FUNCTIONS } from '../infra/deploy/build-functions.ts';
import { LIMITS } from '../src/core/limits.ts';
import { TOOL_PATHS } from '../test/aws/tools/tool-paths.ts';
import {
  type CostLine,
  costOfIdleMonth,
  costOfReconciler,
  costPerMillion,
  type IdleUsage,
  requestsOfReconciler,
  sumOf,
} from './aws-cost.ts';
import {
  type FunctionCosts,
  measureColdStart,
  measureProcessor,
  measureReceiver,
  memoryGigabytes,
} from './aws-functions.ts';
import { idleUsage } from './aws-idle.ts';
import { PRICES_AS_OF, PRICES_USD } from './aws-prices.ts';
import { type AwsStubServer, startAwsStubServer } from './aws-stub-server.ts';
import { measureTableUnits, type TableUnits } from './aws-table-units.ts';
import { atMost, type Row, type SectionReport } from './report.ts';
import type { SectionContext } from './section.ts';

const SECTION = `AWS home, emulated (prices of ${PRICES_AS_OF}, us-east-1)`;
const NOT_INSTALLED =
  'the emulators are not installed here: node bootstrap.cjs test/aws/tools/set-up-tools.ts, then again';
const COLD_RATIO_AIM = 2.5;
const RECEIVER_CPU_MS_AIM = 1.2;
const USD_PER_MILLION_AIM = 9;
const USD_IDLE_AIM = 20;
const STARTS = { quick: 3, full: 20 } as const;
const INVOCATIONS = { quick: 400, full: 4000 } as const;
const WEBHOOKS = { quick: 100, full: 400 } as const;

/** What AWS adds to our own time inside the region: one conditional write and one send, at the median. Not measured here. */
const RECEIVER_AWS_MS = 12;
/** One batch of ten side by side: read, read, write. Not measured here. */
const PROCESSOR_BATCH_AWS_MS = 20;
const AUDIT_BATCH_AWS_MS = 15;
const PROCESSOR_BATCH = 10;
const AUDIT_BATCH = 100;
/** Access log of API Gateway: the fields of the stack, filled in. */
const ACCESS_LOG_BYTES = 370;
const TRACES_RATIO = 0.01;
const PEAK_PER_SECOND = 1000;
/** A webhook has two entries, and at the load of the other lines digests are full. */
const DIGESTS_PER_WEBHOOK = 2 / LIMITS.digestEntriesMax;
/** Each receiver makes a key a day and each processor opens those it meets. */
const KMS_PER_WEBHOOK = 1 / 10_000;

export const awsSection = async ({ isQuick, newDirectory, progress }: SectionContext): Promise<SectionReport> => {
  if (!existsSync(TOOL_PATHS.runtimeInterfaceClient)) return { section: SECTION, rows: [], errors: [NOT_INSTALLED] };
  const size = isQuick ? 'quick' : 'full';
  progress('building the functions');
  const result = await buildFunctions({
    env: {},
    cwd: join(import.meta.dirname, '..'),
    outDirectory: newDirectory('build'),
  });
  if (result.outcome === 'invalid') throw new Error('the configuration is not valid: npm run build:functions says why');
  const { built } = result;

  await using aws = await startAwsStubServer();
  const coldRows = await coldStartRows(built, aws, STARTS[size], progress);
  progress('warm functions');
  const { receiver, empty } = await measureReceiver(built, aws.url, INVOCATIONS[size]);
  const [puts, sends] = [aws.calls.get('PutItem') ?? 0, aws.calls.get('SendMessage') ?? 0];
  const processor = await measureProcessor(built, aws.url, aws.lastWebhook(), INVOCATIONS[size] / 4);
  progress('write units');
  const units = await measureTableUnits(WEBHOOKS[size]);
  const lines = costLines(receiver, processor, units);
  const idleMonth = idleUsage(built, newDirectory('assembly'));
  const idle = costOfIdleMonth(idleMonth);
  const perDelivery = (count: number): number => Math.round((count / INVOCATIONS[size]) * 100) / 100;
  return {
    section: SECTION,
    rows: [
      ...coldRows,
      {
        label: 'webhook-receiver, warm: CPU a delivery, without what the runtime takes',
        value: receiver.cpuMs - empty.cpuMs,
        unit: 'ms',
        aim: atMost(receiver.cpuMs - empty.cpuMs, RECEIVER_CPU_MS_AIM, ' ms'),
        note: `with it ${receiver.cpuMs.toFixed(2)} ms; the runtime with an empty function ${empty.cpuMs.toFixed(2)} ms`,
      },
      {
        label: 'webhook-receiver, warm: DynamoDB writes a delivery',
        value: perDelivery(puts),
        unit: 'calls',
        note: 'one a data key on top',
      },
      { label: 'webhook-receiver, warm: SQS sends a delivery', value: perDelivery(sends), unit: 'calls' },
      { label: 'payment-processor, warm: CPU a webhook', value: processor.cpuMs / PROCESSOR_BATCH, unit: 'ms' },
      { label: 'payload', value: units.payloadBytes, unit: 'bytes' },
      { label: 'stored item', value: units.storedBytes, unit: 'bytes' },
      { label: 'write units a webhook, indexes and trail included', value: units.writeUnits, unit: 'WRU' },
      { label: 'read units a webhook', value: units.readUnits, unit: 'RRU' },
      { label: 'write units a webhook, its payment', value: units.paymentWriteUnits, unit: 'WRU' },
      { label: 'read units a webhook, its payment', value: units.paymentReadUnits, unit: 'RRU' },
      ...lines.map(({ label, usd }): Row => ({ label: `a million webhooks: ${label}`, value: usd, unit: 'USD' })),
      {
        label: 'a million webhooks, all in',
        value: sumOf(lines),
        unit: 'USD',
        aim: atMost(sumOf(lines), USD_PER_MILLION_AIM, ' USD'),
        note: 'Lambda durations assume the latencies in bench/aws-section.ts',
      },
      ...idle.map(({ label, usd }): Row => ({ label: `a quiet month: ${label}`, value: usd, unit: 'USD' })),
      {
        label: 'a quiet month, all in',
        value: sumOf(idle),
        unit: 'USD',
        aim: atMost(sumOf(idle), USD_IDLE_AIM, ' USD'),
      },
      ...reconcilerRows(idleMonth),
    ],
    errors: [],
  };
};

const DAYS_PER_MONTH = 30;

/** Of the quiet month, what reconciliation is: a day of it, and all of it. */
const reconcilerRows = ({ reconciler }: IdleUsage): readonly Row[] => {
  const { rounds, lists } = reconciler;
  const counts: readonly (readonly [string, number, string])[] = [
    ['rounds', rounds, 'invocations'],
    ['asked of providers', requestsOfReconciler(reconciler), 'requests'],
    ['secrets, and what a round costs', costOfReconciler(reconciler) + lists * PRICES_USD.secretMonth, 'USD'],
  ];
  return counts.flatMap(([what, month, unit]) => [
    { label: `reconciliation, a quiet day: ${what}`, value: month / DAYS_PER_MONTH, unit },
    { label: `reconciliation, a quiet month: ${what}`, value: month, unit },
  ]);
};

const coldStartRows = async (
  built: BuiltFunctions,
  aws: AwsStubServer,
  starts: number,
  progress: (text: string) => void,
): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const name of ['webhook-receiver', 'payment-processor'] as const) {
    progress(`cold starts of ${name}`);
    const { initMs, emptyMs } = await measureColdStart(built, name, aws.url, starts);
    const bundleKb = built.bundleBytes[name] / 1024;
    rows.push(
      {
        label: `${name}: bundle without the layer`,
        value: bundleKb,
        unit: 'KB',
        aim: atMost(bundleKb, FUNCTIONS[name].bundleKbMax, ' KB'),
      },
      { label: `${name}: init`, value: initMs, unit: 'ms', note: `an empty function: ${Math.round(emptyMs)} ms` },
      {
        label: `${name}: init against an empty function`,
        value: initMs / emptyMs,
        unit: 'times',
        ...(name === 'webhook-receiver' ? { aim: atMost(initMs / emptyMs, COLD_RATIO_AIM) } : {}),
      },
    );
  }
  return rows;
};

const costLines = (receiver: FunctionCosts, processor: FunctionCosts, units: TableUnits): readonly CostLine[] => {
  const seconds = (ms: number): number => Math.ceil(ms) / 1000;
  return costPerMillion({
    writeUnits: units.writeUnits,
    paymentWriteUnits: units.paymentWriteUnits,
    paymentReadUnits: units.paymentReadUnits,
    readUnits: units.readUnits,
    storedBytes: units.storedBytes,
    // One send; Lambda receives and deletes ten at a time, and the processor shortens how long these are hidden.
    sqsRequests: 1 + 3 / PROCESSOR_BATCH,
    kmsRequests: KMS_PER_WEBHOOK,
    kmsAsymmetricRequests: DIGESTS_PER_WEBHOOK,
    s3Puts: DIGESTS_PER_WEBHOOK,
    lambdaRequests: 1 + 1 / PROCESSOR_BATCH + 2 / AUDIT_BATCH,
    lambdaGigabyteSeconds:
      memoryGigabytes('webhook-receiver') * seconds(receiver.cpuMs + RECEIVER_AWS_MS) +
      (memoryGigabytes('payment-processor') * seconds(processor.cpuMs + PROCESSOR_BATCH_AWS_MS)) / PROCESSOR_BATCH +
      (memoryGigabytes('audit-logger') * seconds(AUDIT_BATCH_AWS_MS) * 2) / AUDIT_BATCH,
    logBytes: receiver.logBytes + processor.logBytes / PROCESSOR_BATCH,
    accessLogBytes: ACCESS_LOG_BYTES,
    tracesRecorded: TRACES_RATIO + 1 / PEAK_PER_SECOND,
  });
};
