/** What functions tell X-Ray of themselves: the deployed stack on an emulator, with a receiver in the place of the daemon. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../src/adapters/system/system-randomness.ts';
import type { SignedDelivery } from '../../src/core/ports/provider.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { sampleBody, samplesOf } from '../../src/samples/samples.ts';
import { runHere } from '../cli/run-here.ts';
import { type Endpoint, startEndpoint } from '../destinations/endpoint.ts';
import { SQUARE_URL, SUFFIX, startTestStack, type TestStack } from './deploy/test-stack.ts';
import { whyNoMounts } from './servers/lambda-host-mounts.ts';
import { CERTIFICATE_URL, type PaypalCertificates, startPaypalCertificates } from './servers/paypal-certificates.ts';
import { type SegmentDocument, startXrayReceiver, type XrayReceiver } from './servers/xray-receiver.ts';
import { emulatorClientOptions } from './tools/emulator-clients.ts';

const SECRETS: Readonly<Record<string, string>> = {
  stripe: 'whsec_canary_of_the_stripe_secret_0003',
  paypal: '1AB23456CD789012G',
  'destination-ledger': `whsec_${Buffer.from('canary-of-the-ledger-secret-0003').toString('base64')}`,
};
const AWS = ['--home', 'aws', '--environment-suffix', SUFFIX];
const WAIT_MS_MAX = 150_000;
const POLL_MS = 50;

const randomness = createSystemRandomness(systemClock);
let certificates: PaypalCertificates;
let ledger: Endpoint;
let effects: Endpoint;
let xray: XrayReceiver;
let stack: TestStack;
let isSampled = true;
/** Traces of invocations that were not picked. */
const unsampled: string[] = [];

const eventually = async <Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> => {
  const until = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > until) throw new Error(`${what} did not come about; told so far: ${told().join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

/** `DynamoDB PutItem`, `handler shipOrder`. */
const nameOf = ({ name, aws }: SegmentDocument): string => (aws === undefined ? name : `${name} ${aws.operation}`);
const told = (): readonly string[] => [...new Set(xray.documents.map(nameOf))].sort();
const whenTold = (...names: string[]) =>
  eventually(names.join(', '), async () => (names.every((name) => told().includes(name)) ? true : undefined));

const signed = (name: 'stripe' | 'paypal', type?: string): SignedDelivery => {
  const sample = samplesOf(name).find(({ eventType }) => type === undefined || eventType === type)!;
  return providerNamed(name)!.sign({
    body: sampleBody(name, sample, { eventId: randomness.id(), now: Date.now(), randomness }),
    secret: SECRETS[name]!,
    settings: undefined,
    publicUrl: SQUARE_URL,
    now: Date.now(),
    deliveryId: randomness.id(),
    certificate: name === 'paypal' ? { url: CERTIFICATE_URL, privateKeyPem: certificates.privateKeyPem } : null,
  });
};

const statusOf = async (webhookId: string): Promise<string> => {
  const { stdout } = await runHere(['webhooks', 'show', webhookId, '--json', ...AWS], {
    PAYHOOK_CONFIG: stack.configPath,
  });
  return stdout === '' ? '' : JSON.parse(stdout).status;
};

const whenProcessed = (webhookId: string) =>
  eventually(`${webhookId} processed`, async () => ((await statusOf(webhookId)) === 'processed' ? true : undefined));

beforeAll(async () => {
  const noMounts = whyNoMounts();
  if (noMounts !== null) throw new Error(`functions cannot be run here as on Lambda: ${noMounts}`);
  certificates = await startPaypalCertificates();
  ledger = await startEndpoint((response) => void response.writeHead(204).end());
  effects = await startEndpoint((response) => void response.writeHead(204).end());
  xray = await startXrayReceiver();
  stack = await startTestStack({
    authorityPem: certificates.authorityPem,
    httpsProxyUrl: certificates.proxyUrl,
    ledgerUrl: ledger.url,
    handlersFile: 'payment-handlers.ts',
    functionEnvironment: { EFFECTS_URL: effects.url, AWS_XRAY_DAEMON_ADDRESS: xray.address },
    isSampled: (header) => {
      if (!isSampled) unsampled.push(header.slice('Root='.length, header.indexOf(';')));
      return isSampled;
    },
  });
  for (const [name, value] of Object.entries(stack.operatorEnvironment)) vi.stubEnv(name, value);
  for (const [name, secret] of Object.entries(SECRETS)) {
    const env = { PAYHOOK_CONFIG: stack.configPath };
    const { code, stderr } = await runHere(['secrets', 'set', name, ...AWS], env, { input: `${secret}\n` });
    expect(code, stderr).toBe(0);
  }
}, 120_000);
beforeEach(() => {
  isSampled = true;
  xray.forget();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await stack?.[Symbol.asyncDispose]();
  for (const each of [certificates, ledger, effects, xray]) await each?.[Symbol.asyncDispose]();
});

describe('a trace of the AWS home', () => {
  test('has every service, handler, destination and certificate that a delivery meets on its way, and nothing of what it holds', async () => {
    const delivery = signed('paypal', 'PAYMENT.CAPTURE.COMPLETED');
    const { status } = await stack.post('paypal', delivery);
    expect(status).toBe(200);
    const lambda = new LambdaClient(emulatorClientOptions(stack.emulator.url));
    await eventually('delivered', async () => (ledger.requests.length > 0 ? true : undefined));
    await whenTold('audit');
    await lambda.send(new InvokeCommand({ FunctionName: stack.names.auditLogger, Payload: Buffer.from('{}') }));

    await whenTold(
      new URL(CERTIFICATE_URL).host,
      'KMS GenerateDataKey',
      'DynamoDB TransactWriteItems',
      'SQS SendMessage',
      'process webhook',
      'DynamoDB GetItem',
      'KMS Decrypt',
      'handler shipOrder',
      'SQS SendMessageBatch',
      'destination ledger',
      'destination bus',
      'SecretsManager GetSecretValue',
      'Events PutEvents',
      'audit',
      'KMS Sign',
      'S3 PutObject',
    );
    expect(xray.refused).toEqual([]);
    const body = Buffer.from(delivery.body).toString('utf8');
    const ids = [...body.matchAll(/"id": ?"([^"]{6,})"/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(0);
    for (const secret of [...Object.values(SECRETS), ...ids]) expect(xray.text()).not.toContain(secret);
  });

  test('is one tree below the segments that Lambda makes, and goes on where the queue does', async () => {
    await stack.post('stripe', signed('stripe', 'payment_intent.succeeded'));
    await whenTold('process webhook', 'handler shipOrder', 'DynamoDB PutItem', 'audit');

    const byId = new Map(xray.documents.map((document) => [document.id, document]));
    const put = xray.documents.find(
      (document) => nameOf(document) === 'DynamoDB PutItem' && document.aws?.table_name === stack.names.webhookTable,
    );
    const attempt = xray.documents.find(({ name }) => name === 'process webhook');
    const audit = xray.documents.find(({ name, links = [] }) => name === 'audit' && links.length > 0);
    const handler = xray.documents.find(({ name }) => name === 'handler shipOrder');
    expect(byId.get(handler?.parent_id ?? '')?.name).toBe('process webhook');
    expect(attempt?.annotations).toEqual({ provider: 'stripe' });
    expect(attempt?.links).toEqual([{ trace_id: put?.trace_id }]);
    expect(audit?.links).toContainEqual({ trace_id: put?.trace_id });
    for (const { parent_id: parent = '', start_time: start, end_time: end } of xray.documents) {
      const above = byId.get(parent);
      if (above === undefined) continue;
      expect(start).toBeGreaterThanOrEqual(above.start_time);
      expect(end).toBeLessThanOrEqual(above.end_time);
    }
  });

  test('is not told when it is not sampled', async () => {
    isSampled = false;
    const { body } = await stack.post('stripe', signed('stripe', 'payment_intent.succeeded'));

    await whenProcessed(String(body.webhookId));

    expect(unsampled.length).toBeGreaterThan(1);
    expect(unsampled.filter((traceId) => xray.text().includes(traceId))).toEqual([]);
  });

  test('is not told by a function whose caller wanted it, and goes no further from there', async () => {
    const delivery = signed('stripe', 'payment_intent.succeeded');
    const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

    const { body } = await stack.post('stripe', {
      ...delivery,
      headers: { ...delivery.headers, 'x-amzn-trace-id': header },
    });
    await whenProcessed(String(body.webhookId));

    const puts = xray.documents.filter(
      ({ aws }) => aws?.operation === 'PutItem' && aws.table_name === stack.names.webhookTable,
    );
    expect(puts).toEqual([]);
  });
});
