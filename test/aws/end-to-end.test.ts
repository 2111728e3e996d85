/**
 * The AWS home end to end, without AWS: the synthesised stack on an emulator, the built functions under Lambda's own
 * runtime client, signed deliveries through the emulated API, and the operator's command line.
 */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDB, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQS } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { USAGE } from '../../bench/simulation/assumptions.ts';
import { AwsHome } from '../../bench/simulation/aws-home.ts';
import { seededDraws } from '../../bench/simulation/seeded-draws.ts';
import { AS_DEPLOYED } from '../../bench/simulation/stack-settings.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../src/adapters/system/system-randomness.ts';
import type { SignedDelivery } from '../../src/core/ports/provider.ts';
import { secretIdOf } from '../../src/core/secret-id.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { sampleBody, samplesOf } from '../../src/samples/samples.ts';
import { runHere } from '../cli/run-here.ts';
import { API_CREDENTIALS, type FakeApis, openFakeApis } from '../support/fake-apis.ts';
import { SQUARE_URL, SUFFIX, startTestStack, type TestStack } from './deploy/test-stack.ts';
import { whyNoMounts } from './servers/lambda-host-mounts.ts';
import { CERTIFICATE_URL, type PaypalCertificates, startPaypalCertificates } from './servers/paypal-certificates.ts';
import { emulatorClientOptions } from './tools/emulator-clients.ts';

const SECRETS = {
  stripe: 'whsec_canary_of_the_stripe_secret_0001',
  paypal: '1AB23456CD789012E',
  square: 'canary-of-the-square-key-0001',
} as const;
type ProviderName = keyof typeof SECRETS;

const AWS = ['--home', 'aws', '--environment-suffix', SUFFIX];
const WAIT_MS_MAX = 120_000;
const POLL_MS = 100;
const CARD_NUMBER = '4242424242424242';

const randomness = createSystemRandomness(systemClock);
let certificates: PaypalCertificates;
let stack: TestStack;
let apis: FakeApis;

/** Polls until the value is there. */
const eventually = async <Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> => {
  const until = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > until) throw new Error(`${what} did not come about within ${WAIT_MS_MAX} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

const closed = new Set<string>();
const accounts = createServer(({ url = '' }, response) => response.writeHead(closed.has(url) ? 403 : 200).end());

/** Payments of it are given up until it is opened: not by the clock, which does not wait for a slow machine. */
const closeAccount = () => {
  const path = `/${randomness.id()}`;
  closed.add(path);
  const { port } = accounts.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}${path}`, open: () => closed.delete(path) };
};

const payhook = (...args: string[]) => runHere([...args, ...AWS], {});

interface Shown {
  readonly webhookId: string;
  readonly status: string;
  readonly attempts: number;
  readonly traceId: string;
  readonly audit: readonly {
    readonly event: string;
    readonly change: { readonly to: string } | null;
    readonly actor: { readonly id: string };
  }[];
}

const show = async (webhookId: string): Promise<Shown | undefined> => {
  const { code, stdout } = await payhook('webhooks', 'show', webhookId, '--json');
  return code === 0 ? (JSON.parse(stdout) as Shown) : undefined;
};

/** The webhook once it has the status and everything that happened to it is in the audit trail. */
const whenAudited = (webhookId: string, status: string): Promise<Shown> =>
  eventually(`${webhookId} as ${status}`, async () => {
    const shown = await show(webhookId);
    return shown?.status === status && shown.audit.at(-1)?.change?.to === status ? shown : undefined;
  });

/** A realistic event, signed as the provider signs. */
const signed = (
  name: ProviderName,
  metadata?: Readonly<Record<string, string>>,
  secret: string = SECRETS[name],
): SignedDelivery => {
  const provider = providerNamed(name)!;
  const sample = samplesOf(name)[0]!;
  const plain = sampleBody(name, sample, { eventId: randomness.id(), now: Date.now(), randomness });
  return provider.sign({
    body: metadata === undefined ? plain : withMetadata(plain, metadata),
    secret,
    settings: undefined,
    publicUrl: SQUARE_URL,
    now: Date.now(),
    deliveryId: randomness.id(),
    certificate: name === 'paypal' ? { url: CERTIFICATE_URL, privateKeyPem: certificates.privateKeyPem } : null,
  });
};

const withMetadata = (body: Uint8Array, metadata: Readonly<Record<string, string>>): Uint8Array => {
  const event = JSON.parse(Buffer.from(body).toString('utf8'));
  event.data.object.metadata = metadata;
  return Buffer.from(JSON.stringify(event));
};

/** As a provider does it: again until it is answered with a 2xx. */
const postUntilTaken = async (name: ProviderName, delivery: SignedDelivery): Promise<string> =>
  eventually('a 200', async () => {
    const { status, body } = await stack.post(name, delivery);
    return status === 200 ? String(body.webhookId) : undefined;
  });

beforeAll(async () => {
  // Never skipped without a word: a machine that cannot run the functions as Lambda does has to say so.
  const noMounts = whyNoMounts();
  if (noMounts !== null) throw new Error(`functions cannot be run here as on Lambda: ${noMounts}`);
  await once(accounts.listen(0, '127.0.0.1'), 'listening');
  certificates = await startPaypalCertificates();
  apis = await openFakeApis(Date.now);
  stack = await startTestStack({
    authorityPem: certificates.authorityPem,
    httpsProxyUrl: certificates.proxyUrl,
    apiUrls: apis.urls,
  });
  for (const [name, value] of Object.entries(stack.operatorEnvironment)) vi.stubEnv(name, value);
  for (const [name, secret] of Object.entries(SECRETS)) {
    const { code, stderr } = await runHere(['secrets', 'set', name, ...AWS], {}, { input: `${secret}\n` });
    expect(code, stderr).toBe(0);
  }
  for (const { type, reason } of stack.removed) console.log(`not deployed to the emulator: ${type}: ${reason}`);
}, 120_000);
afterEach(() => stack.proxy.clearRules());
afterAll(async () => {
  vi.unstubAllEnvs();
  await stack?.[Symbol.asyncDispose]();
  await certificates?.[Symbol.asyncDispose]();
  await apis?.[Symbol.asyncDispose]();
  accounts.close();
});

describe('the AWS home', () => {
  test('is verified by synthetic webhooks of each provider, which are audited and no payment', async () => {
    const args = ['verify', 'home', '--url', stack.webhookUrl, '--json', ...AWS];
    const { code, stdout, stderr } = await runHere(args, { PAYHOOK_CONFIG: stack.configPath });

    expect([code, stderr]).toEqual([0, '']);
    const verified = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const audited = { outcome: 'verified', status: 'processed', ms: { audited: expect.any(Number) } };
    expect(verified).toMatchObject([
      { provider: 'stripe', ...audited },
      { provider: 'paypal', outcome: 'turned_away' },
      { provider: 'square', ...audited },
    ]);
    const shown = await show(verified[0].webhookId);
    expect(shown).toMatchObject({ synthetic: 'kept', handlers: [] });
    expect((await payhook('payments', 'list', '--json')).stdout).toBe('');
  });

  // Before others are rejected: of one stranger, an execution environment keeps two in a minute.
  test('keeps what was signed with another secret, says so, and takes it once the secret is set', async () => {
    const rolled = 'whsec_canary_of_the_stripe_secret_0002';
    const delivery = signed('stripe', {}, rolled);
    expect((await stack.post('stripe', delivery)).status).toBe(401);
    const rejected = (...args: string[]) => payhook('rejected', ...args);
    const { id } = JSON.parse((await rejected('list', '--json', '--provider', 'stripe')).stdout);
    expect((await rejected('show', id)).stdout).toContain('signature_mismatch');
    expect(await rejected('verify', id)).toMatchObject({ code: 1, stdout: `${id} rejected (signature_mismatch)\n` });
    expect((await rejected('accept', id, '--reason', 'please')).code).toBe(1);

    const both = { input: `${SECRETS.stripe}\n${rolled}\n` };
    expect((await runHere(['secrets', 'set', 'stripe', ...AWS], {}, both)).code).toBe(0);

    expect((await rejected('doctor', id)).stdout).toContain(
      `It is genuine: ${secretIdOf('stripe', rolled)} verifies it.`,
    );
    const { code, stdout } = await rejected('accept', id, '--reason', 'the secret was rolled');
    const webhookId = `stripe:${JSON.parse(Buffer.from(delivery.body).toString('utf8')).id}`;
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${id} accepted: ${webhookId}\n` });
    expect((await rejected('accept', id, '--reason', 'again')).stdout).toBe(`${id} was stored before: ${webhookId}\n`);
    await whenAudited(webhookId, 'processed');
    expect((await payhook('audit', 'show', '--limit', '20')).stdout).toContain('REJECTED_ACCEPTED');
  });

  for (const name of ['stripe', 'paypal', 'square'] as const) {
    test(`receives, stores, processes and audits a signed ${name} delivery`, async () => {
      const { status, body } = await stack.post(name, signed(name));

      expect({ status, body }).toMatchObject({ status: 200, body: { status: 'accepted' } });
      const shown = await whenAudited(String(body.webhookId), 'processed');
      expect(shown.attempts).toBe(1);
      expect(shown.traceId).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/);
      expect(shown.audit.map(({ event, actor }) => [event, actor.id])).toEqual([
        ['WEBHOOK_ACCEPTED', name],
        ['STATUS_CHANGED', 'processor'],
      ]);
    });

    test(`stores a ${name} delivery once that comes twice at the same time and once more`, async () => {
      const delivery = signed(name);

      const racing = await Promise.all([stack.post(name, delivery), stack.post(name, delivery)]);
      const later = await stack.post(name, delivery);

      expect(racing.map(({ body }) => body.status).sort()).toEqual(['accepted', 'duplicate']);
      expect(later).toMatchObject({ status: 200, body: { status: 'duplicate' } });
      const shown = await whenAudited(String(later.body.webhookId), 'processed');
      expect(shown.audit.filter(({ event }) => event === 'WEBHOOK_ACCEPTED')).toHaveLength(1);
    });
  }

  test('refuses a forged delivery, stores nothing of it, and has it in the audit trail', async () => {
    const genuine = signed('stripe');
    const forged = { ...genuine, body: Buffer.concat([genuine.body, Buffer.from(' ')]) };

    const answer = await stack.post('stripe', forged);

    expect(answer).toMatchObject({ status: 401, body: { error: 'signature_verification_failed' } });
    const id = JSON.parse(Buffer.from(genuine.body).toString('utf8')).id;
    expect(await show(`stripe:${id}`)).toBeUndefined();
    await eventually('the rejection in the trail', async () => {
      const { stdout } = await payhook('audit', 'show', '--json', '--limit', '20');
      return stdout.includes('"REJECTED_SIGNATURE"') && stdout.includes('signature_mismatch') ? true : undefined;
    });
  });

  test('asks PayPal to come again while its certificate cannot be had, and takes the delivery then', async () => {
    const elsewhere = `${CERTIFICATE_URL}-other`;
    const delivery = signed('paypal');
    const headers = Object.fromEntries(
      Object.entries(delivery.headers).map(([name, value]) => [name, value.replace(CERTIFICATE_URL, elsewhere)]),
    );
    certificates.isServing = false;
    try {
      const answer = await stack.post('paypal', { ...delivery, headers });
      expect(answer).toMatchObject({ status: 503, body: { error: 'certificate_unavailable' } });
      expect(answer.retryAfter).not.toBeNull();
    } finally {
      certificates.isServing = true;
    }
  });

  test('takes one DynamoDB write and one SQS send for a delivery once it is warm, and nothing else of AWS', async () => {
    await stack.post('stripe', signed('stripe'));
    stack.proxy.forgetCalls();
    const deliveries = Array.from({ length: 5 }, () => signed('stripe'));

    for (const delivery of deliveries) expect((await stack.post('stripe', delivery)).status).toBe(200);

    const caller = stack.names.receiver;
    expect(stack.proxy.counts({ caller })).toEqual({ 'dynamodb.PutItem': 5, 'sqs.SendMessage': 5 });
  });

  test('takes a small load as the simulation says: as many are received, refused, rested and processed, and none is lost', async () => {
    const model = new AwsHome(AS_DEPLOYED, seededDraws(11));
    for (let now = 0; now < 5 || !model.isDone; now += 1) {
      model.second(now, { arrivals: now < 5 ? 4 : 0, isDownstreamOut: false, isDynamodbBrown: false }, true);
    }
    const { arrived, received, throttled, rested, processed } = model.totals;
    expect(arrived, 'the model has something to say').toBeGreaterThan(10);
    stack.proxy.forgetCalls();

    const deliveries = Array.from({ length: arrived }, () => signed('stripe'));
    const answers = await Promise.all(deliveries.map((delivery) => stack.post('stripe', delivery)));
    // A machine that starts twenty functions at once may leave one unanswered in time; its provider sends that again.
    const ids = await Promise.all(
      answers.map(({ status, body }, index) =>
        status === 200 ? String(body.webhookId) : postUntilTaken('stripe', deliveries[index] as SignedDelivery),
      ),
    );
    const puts = stack.proxy.counts({ caller: stack.names.receiver })['dynamodb.PutItem'] ?? 0;
    const shown: Shown[] = [];
    for (const id of ids) shown.push(await whenAudited(id, 'processed'));
    expect({
      received: new Set(ids).size,
      throttled: answers.filter(({ status }) => status === 429).length,
      processed: shown.length,
      rested: shown.reduce((sum, { attempts }) => sum + attempts - 1, 0),
      lost: arrived - shown.length,
    }).toEqual({ received, throttled, processed, rested, lost: model.retries.givenUp });
    // One data key for each environment of the receiver that was new.
    expect(puts).toBeGreaterThanOrEqual(received * USAGE.receiveUnits);
    expect(puts).toBeLessThanOrEqual(2 * received * USAGE.receiveUnits);
  });

  test('takes a load in bad weather as the simulation says: what is throttled comes again, what fails rests, and none is lost', async () => {
    const model = new AwsHome(AS_DEPLOYED, seededDraws(11));
    const isOut = (): boolean => model.totals.rested < model.totals.arrived;
    for (let now = 0; now < 1 || !model.isDone; now += 1) {
      const isFirst = now === 0;
      const weather = { arrivals: isFirst ? 8 : 0, isDownstreamOut: isFirst || isOut(), isDynamodbBrown: isFirst };
      model.second(now, weather, true);
    }
    const { arrived, received, throttled, rested, processed } = model.totals;
    expect(arrived, 'the model has something to say').toBeGreaterThan(4);
    const deliveries = Array.from({ length: arrived }, () => signed('stripe', { failOnce: 'yes' }));
    const match = { service: 'dynamodb', operation: 'PutItem', caller: stack.names.receiver } as const;
    stack.proxy.inject({ match, fault: { kind: 'throttle' } });

    const refused = await Promise.all(deliveries.map((delivery) => stack.post('stripe', delivery)));
    stack.proxy.clearRules();
    const ids = await Promise.all(deliveries.map((delivery) => postUntilTaken('stripe', delivery)));

    const shown: Shown[] = [];
    for (const id of ids) shown.push(await whenAudited(id, 'processed'));
    expect({
      received: new Set(ids).size,
      throttled: refused.filter(({ status }) => status === 503).length,
      processed: shown.length,
      lost: arrived - shown.length,
    }).toEqual({ received, throttled, processed, lost: model.retries.givenUp });
    // How often one rests is a matter of luck and of circuits; that each has to is not.
    expect(rested).toBeGreaterThanOrEqual(processed);
    expect(shown.filter(({ attempts }) => attempts > 1)).toHaveLength(processed);
  });

  test('tries again what failed, and says so in the trail', async () => {
    const { body } = await stack.post('stripe', signed('stripe', { failOnce: 'yes' }));

    const shown = await whenAudited(String(body.webhookId), 'processed');

    expect(shown.attempts).toBe(2);
    expect(shown.audit.map(({ change }) => change?.to)).toEqual(['received', 'retrying', 'processed']);
  });

  test('puts a poison webhook on the dead-letter queue, from where an operator redrives it', async () => {
    const account = closeAccount();
    const { body } = await stack.post('stripe', signed('stripe', { accountUrl: account.url }));
    const webhookId = String(body.webhookId);
    await whenAudited(webhookId, 'dead_lettered');
    expect(await countDeadLetters()).toBe(1);
    const { stdout: listed } = await payhook('dead-letters', 'list', '--json');
    expect(listed).toContain(webhookId);

    account.open();
    const { code, stdout } = await payhook('dead-letters', 'redrive', webhookId, '--reason', 'the account is open now');

    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('queued again') });
    const shown = await whenAudited(webhookId, 'processed');
    expect(shown.audit.map(({ event }) => event)).toEqual([
      'WEBHOOK_ACCEPTED',
      'STATUS_CHANGED',
      'REDRIVEN',
      'STATUS_CHANGED',
    ]);
    expect(await countDeadLetters(), 'the alarm must end').toBe(0);
  });

  test('redrives many as a job, which the command carries on until each has ended', async () => {
    const account = closeAccount();
    const posted = [1, 2, 3].map(() => stack.post('stripe', signed('stripe', { accountUrl: account.url })));
    const ids = (await Promise.all(posted)).map(({ body }) => String(body.webhookId));
    for (const id of ids) await whenAudited(id, 'dead_lettered');
    const redrive = (...args: string[]) => payhook('dead-letters', 'redrive', '--all', '--json', ...args);
    const { preview } = JSON.parse((await redrive('--dry-run')).stdout);
    expect(preview).toMatchObject({ webhooks: 3, impossible: [] });

    account.open();
    const { code, stdout, stderr } = await redrive('--reason', 'the accounts are open now');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const done = JSON.parse(stdout);
    expect(done).toMatchObject({ state: 'done', preview, counts: { processed: 3, failed_again: 0, not_done: 0 } });
    for (const id of ids) {
      const { audit } = await whenAudited(id, 'processed');
      expect(audit.filter(({ event }) => event === 'REDRIVEN')).toHaveLength(1);
    }
    const shown = JSON.parse((await payhook('jobs', 'show', done.jobId, '--all', '--json')).stdout);
    expect(shown.webhooks.map(({ webhookId }: { webhookId: string }) => webhookId).toSorted()).toEqual(ids.toSorted());
    expect((await payhook('jobs', 'resume', done.jobId)).stdout).toBe(
      `job ${done.jobId} is done: it cannot resume now\n`,
    );
    expect(await countDeadLetters(), 'the alarm must end').toBe(0);
  });

  test('holds a webhook beyond its time, and lets it go, each in its chain and with nothing unexplained', async () => {
    const { body } = await stack.post('stripe', signed('stripe'));
    const webhookId = String(body.webhookId);
    await whenAudited(webhookId, 'processed');
    const hold = (action: string) => payhook('legal-holds', action, webhookId, '--reason', `${action}, dispute 4711`);
    const timeToLive = async () => {
      const dynamodb = new DynamoDB(emulatorClientOptions(stack.emulator.url));
      const { Items: [item] = [] } = await dynamodb.query({
        TableName: stack.names.webhookTable,
        KeyConditionExpression: 'webhookId = :id',
        ExpressionAttributeValues: { ':id': { S: webhookId } },
        ConsistentRead: true,
      });
      dynamodb.destroy();
      return item?.expiresAt;
    };
    const before = await timeToLive();

    expect(await hold('add')).toMatchObject({
      code: 0,
      stdout: `webhook ${webhookId} stays until the hold is removed\n`,
    });
    expect([before?.N, await timeToLive()]).toEqual([expect.stringMatching(/^\d+$/), undefined]);
    expect(JSON.parse((await payhook('legal-holds', 'list', '--json')).stdout)).toMatchObject({ id: webhookId });
    expect((await hold('remove')).code).toBe(0);
    expect([(await hold('remove')).code, await timeToLive()]).toEqual([1, before]);

    const shown = await eventually('both in the trail', async () => {
      const found = await show(webhookId);
      return found?.audit.at(-1)?.event === 'LEGAL_HOLD_REMOVED' ? found : undefined;
    });
    expect(shown.audit.map(({ event }) => event).slice(2)).toEqual(['LEGAL_HOLD_ADDED', 'LEGAL_HOLD_REMOVED']);
    expect((await payhook('audit', 'show', '--json')).stdout).not.toContain('UNEXPLAINED_CHANGE');
  });

  test('takes a dead letter that SQS itself moved back for a redrive', async () => {
    const account = closeAccount();
    const { body } = await stack.post('stripe', signed('stripe', { accountUrl: account.url }));
    const webhookId = String(body.webhookId);
    await whenAudited(webhookId, 'dead_lettered');
    account.open();

    await moveDeadLetterBack();

    const shown = await whenAudited(webhookId, 'processed');
    expect(shown.audit.map(({ event, actor }) => `${event} by ${actor.id}`)).toContain('REDRIVEN by sqs-redrive');
  });

  let editedWebhookId = '';
  test('shows a webhook that somebody changed behind its back, and audits the others all the same', async () => {
    const first = await stack.post('stripe', signed('stripe'));
    const shown = await whenAudited(String(first.body.webhookId), 'processed');
    const [summary] = (await payhook('webhooks', 'list', '--json', '--limit', '1')).stdout.trim().split('\n');
    const { webhookId, timestamp } = JSON.parse(summary ?? '{}');
    expect(webhookId).toBe(shown.webhookId);
    editedWebhookId = webhookId;
    const dynamodb = new DynamoDB(emulatorClientOptions(stack.emulator.url));

    await dynamodb.send(
      new UpdateItemCommand({
        TableName: stack.names.webhookTable,
        Key: { webhookId: { S: webhookId }, timestamp: { N: String(Date.parse(timestamp)) } },
        UpdateExpression: 'SET #status = :status',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':status': { S: 'ignored' } },
      }),
    );
    const next = await stack.post('stripe', signed('stripe'));

    await whenAudited(String(next.body.webhookId), 'processed');
    await eventually('the unexplained change in the trail', async () => {
      const { stdout } = await payhook('audit', 'show', '--json', '--limit', '20');
      return stdout.includes('"UNEXPLAINED_CHANGE"') && stdout.includes('changed_without_entry') ? true : undefined;
    });
  });

  const FAULTS = [
    ['DynamoDB throttles', { service: 'dynamodb', operation: 'PutItem' }, { kind: 'throttle' }],
    ['DynamoDB stores and the answer is lost', { service: 'dynamodb', operation: 'PutItem' }, { kind: 'reply_lost' }],
    [
      'DynamoDB is broken when an outcome is written',
      { service: 'dynamodb', operation: 'UpdateItem' },
      { kind: 'server_error' },
    ],
    [
      'an outcome is written and the answer is lost',
      { service: 'dynamodb', operation: 'UpdateItem' },
      { kind: 'reply_lost' },
    ],
    ['SQS is broken', { service: 'sqs', operation: 'SendMessage' }, { kind: 'server_error' }],
    ['SQS delivers twice', { service: 'sqs', operation: 'SendMessage' }, { kind: 'duplicate' }],
    ['AWS is slow', { service: 'dynamodb', operation: 'PutItem' }, { kind: 'delay', ms: 300 }],
  ] as const;
  for (const [what, match, fault] of FAULTS) {
    test(`loses nothing and does nothing twice when ${what}`, async () => {
      const injection = stack.proxy.inject({ match, when: { every: 2 }, timesMax: 4, fault });
      const deliveries = Array.from({ length: 4 }, () => signed('stripe'));

      const ids = await Promise.all(deliveries.map((delivery) => postUntilTaken('stripe', delivery)));

      for (const id of ids) {
        const shown = await whenAudited(id, 'processed');
        expect(shown.audit.filter(({ event }) => event === 'WEBHOOK_ACCEPTED')).toHaveLength(1);
        expect(shown.audit.filter(({ change }) => change?.to === 'processed')).toHaveLength(1);
      }
      expect(injection.fired(), 'the fault has to have happened').toBeGreaterThan(0);
    });
  }

  test('recovers by the clock what no delivery brought, with a credential that only the reconciler reads', async () => {
    const credential = API_CREDENTIALS.stripe;
    const reconciling = { PAYHOOK_CONFIG: stack.configPath, PAYHOOK_STRIPE_API_CREDENTIALS: credential };
    const round = () =>
      new LambdaClient(emulatorClientOptions(stack.emulator.url)).send(
        new InvokeCommand({ FunctionName: stack.names.reconciler, Payload: Buffer.from('{}') }),
      );
    const set = await runHere(['secrets', 'set', 'stripe-api', ...AWS], {}, { input: `${credential}\n` });
    expect(set).toMatchObject({ code: 0, stdout: expect.stringContaining('the reconciler notices') });
    // Reconciled up to a quarter of an hour ago; then an event comes into the list late.
    const first = await runHere(['reconcile', '--since', '2h', ...AWS], reconciling);
    expect([first.code, first.stdout]).toEqual([0, expect.stringContaining('stripe:test')]);
    const delivery = signed('stripe');
    const at = Math.floor(Date.now() / 1000) - 2400;
    const event = { ...JSON.parse(Buffer.from(delivery.body).toString('utf8')), created: at };
    apis.stripe.happened.push({ id: event.id, at: at * 1000, body: JSON.stringify(event) });

    const shown = await eventually('a recovered webhook', async () => {
      expect((await round()).FunctionError).toBeUndefined();
      return show(`stripe:${event.id}`);
    });

    expect(shown).toMatchObject({ origin: 'reconciliation', secretId: 'stripe-api#1' });
    const { audit } = await whenAudited(`stripe:${event.id}`, 'processed');
    expect(audit.map(({ event: what, actor }) => [what, actor.id])).toEqual([
      ['RECOVERED', 'reconciler'],
      ['STATUS_CHANGED', 'processor'],
    ]);
    const status = await runHere(['reconcile', 'status', '--json', ...AWS], reconciling);
    expect(JSON.parse(status.stdout)).toMatchObject({ source: 'stripe:test', missing: 1, recovered: 1 });
    const held = await runHere(['reconcile', 'payments', '--since', '2h', '--json', ...AWS], reconciling);
    expect(held.stderr).toContain('stripe:test paid here');
    const examined = await runHere(['doctor', '--json', ...AWS], reconciling);
    expect(JSON.parse(examined.stdout)).toMatchObject({ drifts: [{ drift: 'not_registered' }] });
    const late = providerNamed('stripe')!.sign({
      body: Buffer.from(JSON.stringify(event)),
      secret: SECRETS.stripe,
      settings: undefined,
      publicUrl: null,
      now: Date.now(),
      deliveryId: 'late',
      certificate: null,
    });
    expect((await stack.post('stripe', late)).body).toMatchObject({ status: 'duplicate' });
  }, 180_000);

  test('closes the trail with signed digests, and names the webhook that was edited and nothing else after all of this', async () => {
    const lambda = new LambdaClient(emulatorClientOptions(stack.emulator.url));
    await lambda.send(new InvokeCommand({ FunctionName: stack.names.auditLogger, Payload: Buffer.from('{}') }));

    const { code, stdout } = await payhook('audit', 'verify');

    const edited = `webhook ${editedWebhookId} was edited: it is ignored and should be processed`;
    expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringContaining(edited) });
    expect(stdout).toMatch(/checked \d+ entries and [1-9]\d* digests? .*\(1 problem\)/);
  });

  test('shows a payload to an operator, who is then in the trail', async () => {
    const { body } = await stack.post('stripe', signed('stripe', { order: 'order-4711' }));
    const webhookId = String(body.webhookId);
    await whenAudited(webhookId, 'processed');

    const { stdout } = await payhook('webhooks', 'show', webhookId, '--payload', '--reason', 'ticket 4711');

    expect(stdout).toContain('order-4711');
    const { stdout: trail } = await payhook('audit', 'show', '--json', '--limit', '3');
    expect(trail).toContain('"PAYLOAD_READ"');
  });

  test('masks a card number before it is stored, and lets no log line have it, nor any secret', async () => {
    const { body } = await stack.post(
      'stripe',
      signed('stripe', { note: `card ${CARD_NUMBER}`, order: 'canary-order' }),
    );
    await whenAudited(String(body.webhookId), 'processed');

    const { stdout } = await payhook(
      'webhooks',
      'show',
      String(body.webhookId),
      '--payload',
      '--reason',
      'ticket 4711',
    );
    expect(stdout).not.toContain(CARD_NUMBER);
    const { receiver, processor, auditLogger } = stack.names;
    const lines = [receiver, processor, auditLogger].flatMap((name) => stack.host.lines(name).map(({ text }) => text));
    expect(lines.length).toBeGreaterThan(20);
    for (const canary of [...Object.values(SECRETS), CARD_NUMBER, 'canary-order']) {
      expect(lines.filter((line) => line.includes(canary))).toEqual([]);
    }
  });
});

const queueUrl = async (client: SQS, name: string): Promise<string> =>
  (await client.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl ?? '';

/** Messages on the dead-letter queue, which are visible again at once. */
const receiveDeadLetters = async () => {
  const client = new SQS(emulatorClientOptions(stack.emulator.url));
  const { Messages: messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: await queueUrl(client, stack.names.deadLetterQueue),
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
    }),
  );
  return { client, messages };
};

const countDeadLetters = async (): Promise<number> => (await receiveDeadLetters()).messages.length;

/** What "Start DLQ redrive" in the console does: the body goes to the source queue, unchanged. */
const moveDeadLetterBack = async (): Promise<void> => {
  const { client, messages } = await receiveDeadLetters();
  const [message] = messages;
  await client.send(
    new SendMessageCommand({
      QueueUrl: await queueUrl(client, stack.names.workQueue),
      MessageBody: message?.Body ?? '',
    }),
  );
};
