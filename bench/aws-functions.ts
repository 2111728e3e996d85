/** The functions as they are deployed, under Lambda's runtime interface client: how they start and what they cost warm. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltFunctions, FunctionName } from '../infra/deploy/build-functions.ts';
import { createEnvironment, type Environment } from '../test/aws/servers/lambda-host-environment.ts';
import { createDeliveries } from './deliveries.ts';
import { median } from './statistics.ts';

/** Same as Lambda's own, and as deployed. */
const MEMORY_MB: Readonly<Record<FunctionName | 'empty', number>> = {
  'webhook-receiver': 1024,
  'payment-processor': 512,
  'audit-logger': 512,
  'destination-sender': 512,
  reconciler: 512,
  empty: 128,
};
export const memoryGigabytes = (name: FunctionName): number => MEMORY_MB[name] / 1024;

export interface FunctionCosts {
  readonly cpuMs: number;
  readonly logBytes: number;
}

const environmentOf = (url: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: url,
  PAYHOOK_ENVIRONMENT_SUFFIX: 'bench',
  PAYHOOK_WEBHOOK_TABLE: 'table-PaymentWebhooks-bench',
  PAYHOOK_REJECTED_TABLE: 'table-RejectedDeliveries-bench',
  PAYHOOK_PAYMENT_TABLE: 'table-Payments-bench',
  PAYHOOK_DESTINATION_QUEUE_URLS: '{}',
  PAYHOOK_AUDIT_TABLE: 'table-AuditTrail-bench',
  PAYHOOK_WORK_QUEUE_URL: `${url}/000000000000/queue-work-bench`,
  PAYHOOK_DEAD_LETTER_QUEUE_URL: `${url}/000000000000/queue-dead-letters-bench`,
  PAYHOOK_AUDIT_QUEUE_URL: `${url}/000000000000/queue-audit-drafts-bench`,
  PAYHOOK_DATA_KEY_ARN: 'alias/key-payhook-bench',
  PAYHOOK_DIGEST_KEY_ARN: 'alias/key-audit-digests-bench',
  PAYHOOK_ARCHIVE_BUCKET: 'bucket',
  PAYHOOK_ALERT_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:topic-critical-alerts-bench',
});

/** Beside the built functions, so that it goes with them. */
const emptyFunction = ({ layer }: BuiltFunctions): string => {
  const directory = join(layer, '..', 'lambda', 'empty');
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'index.mjs'),
    "export const handler = async () => ({ statusCode: 200, body: '{}' });\n",
  );
  return directory;
};

const start = async (
  built: BuiltFunctions,
  name: FunctionName | 'empty',
  url: string,
  onLine: (text: string) => void = () => undefined,
): Promise<Environment> => {
  const lines: string[] = [];
  const result = await createEnvironment({
    functionName: `lambda-${name}-bench`,
    handler: 'index.handler',
    environment: name === 'empty' ? {} : environmentOf(url),
    memoryMb: MEMORY_MB[name],
    taskDirectory: name === 'empty' ? emptyFunction(built) : built.functions[name],
    layerDirectory: name === 'empty' ? null : built.layer,
    isFrozenWhenIdle: false,
    onLine: ({ text }) => {
      lines.push(text);
      onLine(text);
    },
  });
  if (result.outcome === 'ready') return result.environment;
  throw new Error(`${name} did not start: ${result.errorType} ${result.message}\n${lines.slice(-5).join('\n')}`);
};

/** Median init in milliseconds over `times` starts in turn with the empty function, the first of each not counted. */
export const measureColdStart = async (
  built: BuiltFunctions,
  name: FunctionName,
  url: string,
  times: number,
): Promise<{ readonly initMs: number; readonly emptyMs: number }> => {
  const [initMs, emptyMs]: [number[], number[]] = [[], []];
  for (let round = 0; round <= times; round += 1) {
    for (const [each, measured] of [
      [name, initMs],
      ['empty', emptyMs],
    ] as const) {
      await using environment = await start(built, each, url);
      if (round > 0) measured.push(environment.initMs);
    }
  }
  return { initMs: median(initMs), emptyMs: median(emptyMs) };
};

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:bench';
const DEADLINE_MS = 30_000;

/** Invokes one warm environment with each event in turn; processor time and log per event, after a warm-up. */
const measureWarm = async (
  built: BuiltFunctions,
  name: FunctionName | 'empty',
  url: string,
  { events, warmUp }: { readonly events: readonly unknown[]; readonly warmUp: number },
): Promise<FunctionCosts> => {
  let logBytes = 0;
  await using environment = await start(built, name, url, (text) => {
    logBytes += Buffer.byteLength(text) + 1;
  });
  let cpuBeforeMs = 0;
  for (const [index, event] of events.entries()) {
    if (index === warmUp) {
      cpuBeforeMs = environment.usage().cpuMs;
      logBytes = 0;
    }
    const result = await environment.invoke({
      payload: Buffer.from(JSON.stringify(event)),
      requestId: `request-${index}`,
      deadlineAt: Date.now() + DEADLINE_MS,
      functionArn: ARN,
      traceHeader: 'Root=1-67a2f2b1-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=0',
    });
    if (result.outcome !== 'answered') throw new Error(`${name} failed in the benchmark: ${JSON.stringify(result)}`);
    await environment.whenIdle();
  }
  const counted = events.length - warmUp;
  return { cpuMs: (environment.usage().cpuMs - cpuBeforeMs) / counted, logBytes: logBytes / counted };
};

/** As long as they are on AWS: both stand in log lines, which are paid by the byte. */
const REQUEST_ID = '0f5a9c1e-8d1b-4c62-9f0a-3b7e6d2c1a48';
const TRACE_ID = '1-67a2f2b1-0123456789abcdef01234567';

/** Deliveries as API Gateway hands them over, each a new webhook. */
const deliveryEvents = (count: number): readonly unknown[] => {
  const next = createDeliveries();
  return Array.from({ length: count }, () => {
    const { body, headers } = next();
    return {
      resource: '/webhook/{provider}',
      path: '/webhook/stripe',
      httpMethod: 'POST',
      pathParameters: { provider: 'stripe' },
      headers: {},
      multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([header, value]) => [header, [value]])),
      multiValueQueryStringParameters: null,
      requestContext: { requestId: REQUEST_ID, identity: { sourceIp: '192.0.2.1' } },
      body: body.toString('base64'),
      isBase64Encoded: true,
    };
  });
};

/** One delivery an event; and what Lambda's own client takes for the same events with a function that does nothing. */
export const measureReceiver = async (
  built: BuiltFunctions,
  url: string,
  count: number,
): Promise<{ readonly receiver: FunctionCosts; readonly empty: FunctionCosts }> => {
  const events = deliveryEvents(count);
  const warmUp = count / 2;
  const receiver = await measureWarm(built, 'webhook-receiver', url, { events, warmUp });
  return { receiver, empty: await measureWarm(built, 'empty', url, { events, warmUp }) };
};

/** Batches of ten messages that point at one stored webhook. */
export const measureProcessor = (
  built: BuiltFunctions,
  url: string,
  entry: { readonly webhookId: string; readonly timestamp: number },
  count: number,
): Promise<FunctionCosts> => {
  const body = JSON.stringify({ ...entry, provider: 'stripe', traceId: TRACE_ID });
  const events = Array.from({ length: count }, (_, batch) => ({
    Records: Array.from({ length: 10 }, (__, index) => ({
      messageId: `message-${batch}-${index}`,
      receiptHandle: `receipt-${batch}-${index}`,
      body,
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) },
      messageAttributes: {},
      eventSource: 'aws:sqs',
    })),
  }));
  return measureWarm(built, 'payment-processor', url, { events, warmUp: count / 2 });
};
