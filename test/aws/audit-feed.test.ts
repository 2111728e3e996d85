/**
 * The audit path end to end under Lambda's rules for streams: the deployed functions, the template's own mapping, faults of
 * the audit table, a record that nobody can read, and the operator's way out.
 */
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDynamodbSilenceRecords } from '../../src/adapters/aws/audit/silence-records.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../src/adapters/system/system-randomness.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { sampleBody, samplesOf } from '../../src/samples/samples.ts';
import { runHere } from '../cli/run-here.ts';
import { SUFFIX, startTestStack, type TestStack } from './deploy/test-stack.ts';
import { whyNoMounts } from './servers/lambda-host-mounts.ts';
import { type PaypalCertificates, startPaypalCertificates } from './servers/paypal-certificates.ts';
import type { PumpedRecord } from './servers/stream-delivery.ts';
import { emulatorClientOptions } from './tools/emulator-clients.ts';

const SECRET = 'whsec_canary_of_the_stripe_secret_0004';
const AWS = ['--home', 'aws', '--environment-suffix', SUFFIX];
const WAIT_MS_MAX = 120_000;
const POLL_MS = 100;

const randomness = createSystemRandomness(systemClock);
let certificates: PaypalCertificates;
let stack: TestStack;
/** Put before the next records that the stream has. */
let planted: readonly PumpedRecord[] = [];

const eventually = async <Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> => {
  const until = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > until) throw new Error(`${what} did not come about within ${WAIT_MS_MAX} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

const payhook = (...args: string[]) => runHere([...args, ...AWS], {});

const post = async (metadata: Readonly<Record<string, string>> = {}): Promise<string> => {
  const plain = sampleBody('stripe', samplesOf('stripe')[0]!, {
    eventId: randomness.id(),
    now: Date.now(),
    randomness,
  });
  const event = JSON.parse(Buffer.from(plain).toString('utf8'));
  event.data.object.metadata = metadata;
  const delivery = providerNamed('stripe')!.sign({
    body: Buffer.from(JSON.stringify(event)),
    secret: SECRET,
    settings: undefined,
    publicUrl: 'https://shop.example/webhook/stripe',
    now: Date.now(),
    deliveryId: randomness.id(),
    certificate: null,
  });
  const { status, body } = await stack.post('stripe', delivery);
  expect(status).toBe(200);
  return String(body.webhookId);
};

interface Shown {
  readonly status: string;
  readonly audit: readonly { readonly event: string; readonly change: { readonly to: string } | null }[];
}

const show = async (webhookId: string): Promise<Shown> =>
  JSON.parse((await payhook('webhooks', 'show', webhookId, '--json')).stdout);

const whenAudited = (webhookId: string, status: string): Promise<Shown> =>
  eventually(`${webhookId} as ${status} in the trail`, async () => {
    const shown = await show(webhookId);
    return shown.audit.at(-1)?.change?.to === status ? shown : undefined;
  });

/** What the stack gave up on so far, each as the ids that it is about. */
const givenUp = () =>
  (stack.pump?.givenUp ?? []).map(({ records, condition }) => ({
    condition,
    ids: records.map(({ dynamodb }) => (dynamodb.Keys?.webhookId as { S?: string } | undefined)?.S),
  }));

beforeAll(async () => {
  const noMounts = whyNoMounts();
  if (noMounts !== null) throw new Error(`functions cannot be run here as on Lambda: ${noMounts}`);
  certificates = await startPaypalCertificates();
  stack = await startTestStack({
    authorityPem: certificates.authorityPem,
    httpsProxyUrl: certificates.proxyUrl,
    pumped: {
      editRecords: (records) => {
        if (records.length === 0) return records;
        const first = planted;
        planted = [];
        return [...first, ...records];
      },
    },
  });
  for (const [name, value] of Object.entries(stack.operatorEnvironment)) vi.stubEnv(name, value);
  const { code, stderr } = await runHere(['secrets', 'set', 'stripe', ...AWS], {}, { input: `${SECRET}\n` });
  expect(code, stderr).toBe(0);
}, 120_000);
afterEach(() => stack.proxy.clearRules());
afterAll(async () => {
  vi.unstubAllEnvs();
  await stack?.[Symbol.asyncDispose]();
  await certificates?.[Symbol.asyncDispose]();
});

describe('the change feed of the deployed stack', () => {
  test('brings every change into the trail, in order, and gives up on nothing', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => post()));

    for (const id of ids) {
      const { audit } = await whenAudited(id, 'processed');
      expect(audit.map(({ change }) => change?.to)).toEqual(['received', 'processed']);
    }
    expect(givenUp()).toEqual([]);
    expect(stack.removed).toContainEqual(expect.objectContaining({ reason: 'its place is taken by the pump' }));
  });

  test('loses nothing to faults of the audit table that pass', async () => {
    const fault = stack.proxy.inject({
      match: { caller: stack.names.auditLogger, service: 'dynamodb', operation: 'PutItem' },
      when: { every: 2 },
      timesMax: 6,
      fault: { kind: 'server_error' },
    });

    for (const id of await Promise.all([post(), post(), post()])) await whenAudited(id, 'processed');

    expect(fault.fired()).toBeGreaterThan(0);
    expect(givenUp()).toEqual([]);
  });

  test('puts what an outage of the audit table kept out into the bucket, and a recovery makes the trail whole', async () => {
    stack.proxy.inject({
      match: { caller: stack.names.auditLogger, service: 'dynamodb', operation: 'PutItem' },
      fault: { kind: 'error', status: 400, code: 'ValidationException' },
    });
    const id = await post({ failOnce: 'yes' });
    await eventually('the first is given up', async () => (givenUp().length > 0 ? true : undefined));
    stack.proxy.clearRules();
    await eventually('processed', async () => ((await show(id)).status === 'processed' ? true : undefined));
    const after = await post();
    await whenAudited(after, 'processed');
    const count = givenUp().length;
    expect(givenUp()[0]).toEqual({ condition: 'RetryAttemptsExhausted', ids: [id] });

    const dry = await payhook('audit', 'recover', '--dry-run');
    expect([dry.code, dry.stdout]).toEqual([
      0,
      expect.stringContaining(`${count} ${count === 1 ? 'object' : 'objects'} would be recovered`),
    ]);
    const recovered = await payhook('audit', 'recover');

    expect([recovered.code, recovered.stdout]).toEqual([0, expect.stringContaining('check the trail now')]);
    expect((await payhook('audit', 'recover')).stdout).toContain('nothing to recover');
    const lambda = new LambdaClient(emulatorClientOptions(stack.emulator.url));
    await lambda.send(new InvokeCommand({ FunctionName: stack.names.auditLogger, Payload: Buffer.from('{}') }));
    const verified = await payhook('audit', 'verify');
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('the audit trail is whole')]);
    expect((await payhook('audit', 'show', '--json', '--limit', '50')).stdout).toContain('"CHANGES_RECOVERED"');
  });

  test('gives up on a record that cannot be read, alone, and audits those around it', async () => {
    const before = givenUp().length;
    // Passes the filter, and has no key.
    planted = [
      {
        eventName: 'INSERT',
        dynamodb: {
          SequenceNumber: '1',
          ApproximateCreationDateTime: Date.now() / 1000,
          NewImage: { listShard: { N: '1' } },
        },
      },
    ];

    const ids = await Promise.all([post(), post(), post()]);

    for (const id of ids) await whenAudited(id, 'processed');
    await eventually('given up', async () => (givenUp().length > before ? true : undefined));
    expect(givenUp().slice(before)).toEqual([{ condition: 'RetryAttemptsExhausted', ids: [undefined] }]);
    const { code, stdout } = await payhook('audit', 'recover');
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('KEPT: 1 of 1 records cannot be read: the record has no key'),
    ]);
  });

  test('is where the logger listens for silence, and health says that nobody is silent', async () => {
    const lambda = new LambdaClient(emulatorClientOptions(stack.emulator.url));
    await lambda.send(new InvokeCommand({ FunctionName: stack.names.auditLogger, Payload: Buffer.from('{}') }));
    const client = new DynamoDB(emulatorClientOptions(stack.emulator.url));
    const learnt = await createDynamodbSilenceRecords({ client, auditTable: stack.names.auditTable }).get();
    client.destroy();
    const health = await payhook('health');

    expect(JSON.parse(learnt?.text ?? '{}')).toMatchObject({ v: 1, at: expect.any(Number) });
    expect([health.code, health.stdout]).toEqual([
      0,
      expect.stringMatching(/^nothing is wrong with what is stored\naudit: digest \d+ of .*\nalarms say the rest/),
    ]);
  });

  test('is not what finds webhooks that no longer move: the processor does, called by the clock, and there are none', async () => {
    const lambda = new LambdaClient(emulatorClientOptions(stack.emulator.url));
    stack.proxy.forgetCalls();

    const { FunctionError: error } = await lambda.send(
      new InvokeCommand({ FunctionName: stack.names.processor, Payload: Buffer.from('{}') }),
    );

    expect(error).toBeUndefined();
    const lines = stack.host.lines(stack.names.processor).map(({ text }) => text);
    expect(lines.filter((line) => line.includes('queued_again') || line.includes('sweep.'))).toEqual([]);
    expect(stack.proxy.counts({ caller: stack.names.processor })).toMatchObject({
      'dynamodb.Query': 24,
      'dynamodb.UpdateItem': 1,
    });
  });
});
