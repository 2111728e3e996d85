/**
 * Payments and destinations of the AWS home end to end, without AWS: whole lives of payments over three providers, shuffled
 * and duplicated, with faults on the way, against the deployed stack on an emulator.
 */
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQS,
} from '@aws-sdk/client-sqs';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDynamodbPaymentStore } from '../../src/adapters/aws/payments/payment-store.ts';
import { createDynamodbWebhookStore } from '../../src/adapters/aws/webhooks/webhook-store.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../src/adapters/system/system-randomness.ts';
import type { SignedDelivery } from '../../src/core/ports/provider.ts';
import { hasEnded } from '../../src/core/status.ts';
import type { PaymentView } from '../../src/payments/payment.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { detailDraw } from '../../src/samples/sample-draw.ts';
import { deliveryOrder } from '../../src/samples/scenarios/delivery-order.ts';
import type { ScenarioPayment, ScenarioWebhook } from '../../src/samples/scenarios/scenario.ts';
import { paymentsOf, scenarioNamed } from '../../src/samples/scenarios/scenarios.ts';
import { createSeededRandomness } from '../../src/samples/scenarios/seeded-randomness.ts';
import { runHere } from '../cli/run-here.ts';
import { type Endpoint, type ReceivedRequest, startEndpoint } from '../destinations/endpoint.ts';
import { SQUARE_URL, SUFFIX, startTestStack, type TestStack } from './deploy/test-stack.ts';
import { whyNoMounts } from './servers/lambda-host-mounts.ts';
import { CERTIFICATE_URL, type PaypalCertificates, startPaypalCertificates } from './servers/paypal-certificates.ts';
import { emulatorClientOptions } from './tools/emulator-clients.ts';

const LEDGER_SECRET = `whsec_${Buffer.from('canary-of-the-ledger-secret-0001').toString('base64')}`;
const SECRETS: Readonly<Record<string, string>> = {
  stripe: 'whsec_canary_of_the_stripe_secret_0002',
  paypal: '1AB23456CD789012F',
  square: 'canary-of-the-square-key-0002',
  'destination-ledger': LEDGER_SECRET,
};
/** `TEST_PAYMENTS=1000` takes some six minutes on two cores. */
const PAYMENTS = Number(process.env.TEST_PAYMENTS ?? '140');
const WAIT_MS_MAX = 120_000;
const POLL_MS = 200;
/** Providers send side by side. */
const SENDERS = 12;
const AWS = ['--home', 'aws', '--environment-suffix', SUFFIX];

const randomness = createSystemRandomness(systemClock);
let certificates: PaypalCertificates;
let ledger: Endpoint;
let effects: Endpoint;
let stack: TestStack;
let eventsQueueUrl: string;
/** While set, the ledger answers with it. */
let ledgerAnswer: number | null = null;

const eventually = async <Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> => {
  const until = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > until) throw new Error(`${what} did not come about within ${WAIT_MS_MAX} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

const client = <Client>(make: new (options: ReturnType<typeof emulatorClientOptions>) => Client): Client =>
  new make(emulatorClientOptions(stack.emulator.url));

const payhook = (...args: string[]) => runHere([...args, ...AWS], { PAYHOOK_CONFIG: stack.configPath });

const sign = ({ provider: name, body }: ScenarioWebhook): SignedDelivery =>
  providerNamed(name)!.sign({
    body,
    secret: SECRETS[name]!,
    settings: undefined,
    publicUrl: SQUARE_URL,
    now: Date.now(),
    deliveryId: randomness.id(),
    certificate: name === 'paypal' ? { url: CERTIFICATE_URL, privateKeyPem: certificates.privateKeyPem } : null,
  });

/** As a provider does it: again until it is answered with a 2xx. */
const postUntilTaken = (webhook: ScenarioWebhook): Promise<string> =>
  eventually('a 200', async () => {
    const { status, body } = await stack.post(webhook.provider, sign(webhook));
    return status === 200 ? String(body.webhookId) : undefined;
  });

/** Sends everything, some side by side; the ids of the webhooks that it became. */
const play = async (payments: readonly ScenarioPayment[], seed: string): Promise<readonly string[]> => {
  const order = deliveryOrder(
    payments.map(({ webhooks }) => webhooks),
    { isShuffled: true, isDuplicated: true, draw: detailDraw({ randomness: createSeededRandomness(seed) }) },
  ).flat();
  const ids = new Set<string>();
  const rest = order[Symbol.iterator]();
  const sender = async (): Promise<void> => {
    for (const webhook of rest) ids.add(await postUntilTaken(webhook));
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  return [...ids];
};

const planOf = ({ planned }: ScenarioPayment) => ({
  status: planned.status,
  captured: planned.captured,
  refunded: planned.refunded,
  disputed: planned.disputed,
  disputes: planned.disputes,
});

const stateOf = (view: PaymentView | undefined) =>
  view && {
    status: view.status,
    captured: view.captured?.minor ?? 0n,
    refunded: view.refunded?.minor ?? 0n,
    disputed: view.disputed?.minor ?? 0n,
    disputes: view.disputes.map(({ state }) => state),
  };

const webhooks = () =>
  createDynamodbWebhookStore({ client: client(DynamoDB), tableName: stack.names.webhookTable, randomness });

/** Ids of the events that the webhooks became, once all of them have ended. */
const eventIdsOf = async (webhookIds: readonly string[]): Promise<readonly string[]> => {
  const store = webhooks();
  const eventIds: string[] = [];
  for (const id of webhookIds) {
    const webhook = await eventually(`the end of ${id}`, async () => {
      const [found] = await store.find(id);
      return found !== undefined && hasEnded(found.status) ? found : undefined;
    });
    expect(webhook.status, `${id}: ${webhook.lastError}`).not.toBe('dead_lettered');
    eventIds.push(...webhook.effects.events.map((_, index) => (index === 0 ? id : `${id}#${index + 1}`)));
  }
  return eventIds.sort();
};

const headerOf = (value: string | string[] | undefined): string => String(value ?? '');

const verifier = new StandardWebhook(LEDGER_SECRET);
let notVerified = 0;
const isVerified = ({ body, headers }: ReceivedRequest): boolean => {
  try {
    verifier.verify(body, {
      'webhook-id': headerOf(headers['webhook-id']),
      'webhook-timestamp': headerOf(headers['webhook-timestamp']),
      'webhook-signature': headerOf(headers['webhook-signature']),
    });
    return true;
  } catch {
    return false;
  }
};

const ledgerIds = (): readonly string[] => ledger.requests.map(({ body }): string => JSON.parse(body).data.id);

/** What has come out of the bus so far, by a rule of the test. */
const busDetails: {
  readonly id: string;
  readonly type: string;
  readonly detailType: string;
  readonly source: string;
}[] = [];
const drainBus = async (): Promise<void> => {
  const sqs = client(SQS);
  for (;;) {
    const { Messages: messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: eventsQueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (messages.length === 0) return;
    for (const { Body: body = '{}' } of messages) {
      const event = JSON.parse(body);
      busDetails.push({
        id: event.detail.data.id,
        type: event.detail.type,
        detailType: event['detail-type'],
        source: event.source,
      });
    }
    const entries = messages.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: eventsQueueUrl, Entries: entries }));
  }
};

const listenToBus = async (): Promise<void> => {
  const sqs = client(SQS);
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'queue-listener-of-the-test' }));
  const { Attributes: attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  const events = client(EventBridgeClient);
  const rule = { Name: 'listener-of-the-test', EventBusName: stack.names.paymentBus };
  await events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: ['payhook'] }) }));
  await events.send(
    new PutTargetsCommand({
      Rule: rule.Name,
      EventBusName: rule.EventBusName,
      Targets: [{ Id: 'queue', Arn: attributes?.QueueArn }],
    }),
  );
  eventsQueueUrl = url;
};

beforeAll(async () => {
  const noMounts = whyNoMounts();
  if (noMounts !== null) throw new Error(`functions cannot be run here as on Lambda: ${noMounts}`);
  certificates = await startPaypalCertificates();
  ledger = await startEndpoint((response, request) => {
    // On arrival: whoever verifies refuses what is more than five minutes old.
    if (!isVerified(request)) notVerified += 1;
    response.writeHead(ledgerAnswer ?? 204).end();
  });
  effects = await startEndpoint((response) => void response.writeHead(204).end());
  stack = await startTestStack({
    authorityPem: certificates.authorityPem,
    httpsProxyUrl: certificates.proxyUrl,
    ledgerUrl: ledger.url,
    handlersFile: 'payment-handlers.ts',
    functionEnvironment: { EFFECTS_URL: effects.url },
  });
  for (const [name, value] of Object.entries(stack.operatorEnvironment)) vi.stubEnv(name, value);
  for (const [name, secret] of Object.entries(SECRETS)) {
    const { code, stderr } = await runHere(
      ['secrets', 'set', name, ...AWS],
      { PAYHOOK_CONFIG: stack.configPath },
      { input: `${secret}\n` },
    );
    expect(code, stderr).toBe(0);
  }
  await listenToBus();
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await stack?.[Symbol.asyncDispose]();
  for (const each of [certificates, ledger, effects]) await each?.[Symbol.asyncDispose]();
});

describe('payments and destinations of the AWS home', () => {
  test(
    'a shuffled, duplicated scenario over three providers ends in the right payments, with faults on the way',
    async () => {
      const scenario = scenarioNamed('three-providers')!;
      const key = randomness.id();
      const payments = paymentsOf(scenario, { key, now: Date.now(), settingsOf: () => undefined }, PAYMENTS);
      const rules = [
        {
          match: { service: 'dynamodb', operation: 'TransactWriteItems' },
          when: { every: 7 },
          fault: { kind: 'reply_lost' },
        },
        { match: { service: 'dynamodb', operation: 'PutItem' }, when: { every: 11 }, fault: { kind: 'throttle' } },
        {
          match: { service: 'dynamodb', operation: 'UpdateItem' },
          when: { every: 13 },
          fault: { kind: 'server_error' },
        },
        { match: { service: 'sqs', operation: 'SendMessage' }, when: { every: 17 }, fault: { kind: 'duplicate' } },
        { match: { service: 'sqs', operation: 'SendMessageBatch' }, when: { every: 9 }, fault: { kind: 'reply_lost' } },
      ] as const;
      const injections = rules.map((rule) => stack.proxy.inject({ ...rule, timesMax: 30 }));
      const startedAt = Date.now();

      const ids = await play(payments, 'seed-1');
      const sentMs = Date.now() - startedAt;
      const eventIds = await eventIdsOf(ids);
      console.log(
        `${payments.length} payments, ${ids.length} webhooks, sent in ${sentMs} ms, ended after ${Date.now() - startedAt} ms`,
      );
      stack.proxy.clearRules();

      const store = createDynamodbPaymentStore({
        client: client(DynamoDB),
        tableName: stack.names.paymentTable,
        randomness,
      });
      for (const payment of payments) {
        const found = await store.find(payment.paymentId);
        expect(stateOf(found[0]?.payment), payment.paymentId).toEqual(planOf(payment));
      }
      expect(injections.map((injection) => injection.fired()).every((fired) => fired > 0)).toBe(true);

      await eventually('every event at the ledger', async () =>
        new Set(ledgerIds()).size >= eventIds.length ? true : undefined,
      );
      await eventually('every event on the bus', async () => {
        await drainBus();
        return new Set(busDetails.map(({ id }) => id)).size >= eventIds.length ? true : undefined;
      });
      console.log(
        `delivered after ${Date.now() - startedAt} ms, ${ledger.requests.length} requests for ${eventIds.length} events`,
      );
      expect([...new Set(ledgerIds())].sort()).toEqual(eventIds);
      expect([...new Set(busDetails.map(({ id }) => id))].sort()).toEqual(eventIds);
    },
    15 * 60_000,
  );

  test('every message at the HTTP destination verifies with the official library, with the same bytes each time', () => {
    const bodies = new Map<string, string>();

    for (const { body, headers } of ledger.requests) {
      const id = headerOf(headers['webhook-id']);
      expect(bodies.get(id) ?? body).toBe(body);
      bodies.set(id, body);
    }
    expect(bodies.size).toBeGreaterThan(PAYMENTS);
    expect(notVerified).toBe(0);
  });

  test('events on the bus have the type as detail-type, the message as detail and payhook as source', () => {
    expect(busDetails.length).toBeGreaterThan(PAYMENTS);
    for (const { type, detailType, source } of busDetails) {
      expect(detailType).toBe(type);
      expect(source).toBe('payhook');
    }
  });

  test('each payment that succeeded was shipped under one idempotency id', () => {
    const shipped = new Set(
      effects.requests.filter(({ url }) => url.endsWith('?ship')).map(({ headers }) => headers['idempotency-key']),
    );
    const news = ledger.requests
      .map(({ body }) => JSON.parse(body))
      .filter(({ type, data }) => type === 'payment.succeeded' && data.news === 'news');

    expect(shipped).toEqual(new Set(news.map(({ data }) => data.id)));
    expect(new Set(news.map(({ data }) => data.paymentId)).size).toBe(shipped.size);
  });

  test('a destination that answers 500 for a while holds back nothing, and has everything afterwards', async () => {
    ledgerAnswer = 500;
    const [payment] = paymentsOf(
      scenarioNamed('stripe-checkout-refund')!,
      { key: randomness.id(), now: Date.now(), settingsOf: () => undefined },
      1,
    );
    const before = ledger.requests.length;

    const ids = await play([payment!], 'seed-2');
    const eventIds = await eventIdsOf(ids);
    await eventually('the bus, which is another destination', async () => {
      await drainBus();
      return eventIds.every((id) => busDetails.some((event) => event.id === id)) ? true : undefined;
    });
    await eventually('failures', async () => (ledger.requests.length > before ? true : undefined));
    const { stdout: listed } = await payhook('destinations', 'list', '--json');
    ledgerAnswer = null;

    const waiting = listed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(waiting.find(({ name }) => name === 'ledger').waiting).toBeGreaterThanOrEqual(eventIds.length);
    const since = ledger.requests.length;
    await eventually('everything at the ledger', async () => {
      const after = new Set(ledgerIds().slice(since));
      return eventIds.every((id) => after.has(id)) ? true : undefined;
    });
  });

  test('no log line of the sender has a secret', () => {
    const lines = stack.host.lines(stack.names.sender).map(({ text }) => text);

    expect(lines.length).toBeGreaterThan(20);
    for (const canary of Object.values(SECRETS)) {
      expect(lines.filter((line) => line.includes(canary))).toEqual([]);
    }
  });
});
