/**
 * The day of missed webhooks against the deployed stack on an emulator: the reconciler is ended in the middle of its rounds, and
 * the providers' APIs hang, fail, limit and refuse on the way. Afterwards every payment is as its provider has it, and each
 * webhook that was missed was named with its money.
 */
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDynamodbPaymentStore } from '../../src/adapters/aws/payments/payment-store.ts';
import { createDynamodbReconcileCheckpoints } from '../../src/adapters/aws/webhooks/reconcile-checkpoints.ts';
import { createDynamodbWebhookStore } from '../../src/adapters/aws/webhooks/webhook-store.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../src/adapters/system/system-randomness.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { SignedDelivery } from '../../src/core/ports/provider.ts';
import { hasEnded } from '../../src/core/status.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import type { Webhook } from '../../src/core/webhook.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { runHere } from '../cli/run-here.ts';
import { type Endpoint, startEndpoint } from '../destinations/endpoint.ts';
import {
  createDay,
  createNamed,
  type Day,
  firstWrong,
  isAsPlanned,
  NAMES,
  paymentsOr,
  type Told,
} from '../reconcile/day.ts';
import { API_CREDENTIALS, type FakeApis, openFakeApis } from '../support/fake-apis.ts';
import { waitUntil } from '../support/running-server.ts';
import { SQUARE_URL, SUFFIX, startTestStack, type TestStack } from './deploy/test-stack.ts';
import type { LogLine } from './servers/lambda-host.ts';
import { whyNoMounts } from './servers/lambda-host-mounts.ts';
import { CERTIFICATE_URL, type PaypalCertificates, startPaypalCertificates } from './servers/paypal-certificates.ts';
import { emulatorClientOptions } from './tools/emulator-clients.ts';

const PAYMENTS = paymentsOr(45);
const WAIT_MS_MAX = Math.max(120_000, PAYMENTS * 400);
const SENDERS = 12;
const SOURCES = [...NAMES.map((name) => `${name}:test`), 'stripe:test:thin'];
/** More rounds than it takes. */
const ROUNDS_MAX = 60;
const AWS = ['--home', 'aws', '--environment-suffix', SUFFIX];

const SECRETS: Readonly<Record<string, string>> = {
  stripe: 'whsec_canary_of_the_stripe_secret_0003',
  paypal: '1AB23456CD789012G',
  square: 'canary-of-the-square-key-0003',
  ...Object.fromEntries(NAMES.map((name) => [`${name}-api`, API_CREDENTIALS[name]])),
};

const randomness = createSystemRandomness(systemClock);
let certificates: PaypalCertificates;
let effects: Endpoint;
/** Of webhooks for which an effect was asked for. */
const effectIds = new Set<string>();
let stack: TestStack;
let apis: FakeApis;
let day: Day;

const client = <Client>(make: new (options: ReturnType<typeof emulatorClientOptions>) => Client): Client =>
  new make(emulatorClientOptions(stack.emulator.url));

const sign = ({ provider: name, body }: Told): SignedDelivery =>
  providerNamed(name)!.sign({
    body: Buffer.from(body),
    secret: SECRETS[name]!,
    settings: undefined,
    publicUrl: SQUARE_URL,
    now: Date.now(),
    deliveryId: randomness.id(),
    certificate: name === 'paypal' ? { url: CERTIFICATE_URL, privateKeyPem: certificates.privateKeyPem } : null,
  });

const deliver = async (told: readonly Told[]): Promise<void> => {
  const rest = told.values();
  const sender = async (): Promise<void> => {
    for (const one of rest) {
      await waitUntil('it is taken', async () => (await stack.post(one.provider, sign(one))).status === 200);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
};

const openStore = () =>
  createDynamodbWebhookStore({ client: client(DynamoDB), tableName: stack.names.webhookTable, randomness });
const openCheckpoints = () =>
  createDynamodbReconcileCheckpoints({ client: client(DynamoDB), tableName: stack.names.webhookTable });

/** Each once it has ended, in the order of the day. */
async function* endedOf(told: readonly Pick<Told, 'webhookId'>[]): AsyncGenerator<Webhook> {
  const store = openStore();
  for (const { webhookId } of told) {
    let ended: Webhook | undefined;
    const hasCome = async (): Promise<boolean> => {
      const [found] = await store.find(webhookId);
      ended = found !== undefined && hasEnded(found.status) ? found : undefined;
      return ended !== undefined;
    };
    await waitUntil(`the end of ${webhookId}`, hasCome, WAIT_MS_MAX);
    if (ended !== undefined) yield ended;
  }
}

/** As if the stack had last reconciled before anything happened. */
const beginBefore = async (): Promise<void> => {
  const counts = { window: null, restsUntil: null, gap: null, listed: 0, missing: 0, recovered: 0, differing: 0 };
  const at = { startedAt: day.begun, checkedUntil: day.begun, lastRunAt: day.begun, lastOutcome: 'complete' };
  const checkpoints = openCheckpoints();
  for (const source of SOURCES) await checkpoints.put({ source, ...counts, ...at }, 0);
};

const isReconciled = async (): Promise<boolean> => {
  const checkpoints = openCheckpoints();
  const all = await Promise.all(SOURCES.map((source) => checkpoints.get(source)));
  return all.every((each) => each !== undefined && each.window === null && each.checkedUntil > day.begun);
};

const round = () =>
  client(LambdaClient).send(new InvokeCommand({ FunctionName: stack.names.reconciler, Payload: Buffer.from('{}') }));

/** The host keeps the last lines of a function: they are read after each round. */
const createReadNamed = (named: ReturnType<typeof createNamed>) => {
  let read: LogLine | undefined;
  return {
    forget: (): void => {
      read = undefined;
    },
    read(): void {
      const lines = stack.host.lines(stack.names.reconciler);
      for (const line of lines.slice(read === undefined ? 0 : lines.lastIndexOf(read) + 1)) {
        read = line;
        if (!line.text.includes('"webhook.recovered"')) continue;
        const { webhook_id: id, message } = JSON.parse(line.text);
        named.add(id, message);
      }
    },
  };
};

beforeAll(async () => {
  const noMounts = whyNoMounts();
  if (noMounts !== null) throw new Error(`functions cannot be run here as on Lambda: ${noMounts}`);
  day = createDay(Math.floor((Date.now() - HOUR_MS) / 1000) * 1000, PAYMENTS);
  certificates = await startPaypalCertificates();
  effects = await startEndpoint((response, { headers }) => {
    effectIds.add(String(headers['idempotency-key']).split('#')[0] ?? '');
    response.writeHead(204).end();
  });
  apis = await openFakeApis(Date.now);
  for (const { provider, webhookId, at, body } of day.told) {
    apis[provider].happened.push({ id: webhookId.slice(provider.length + 1), at, body, isThin: false });
  }
  stack = await startTestStack({
    authorityPem: certificates.authorityPem,
    httpsProxyUrl: certificates.proxyUrl,
    apiUrls: apis.urls,
    paypal: { isConfirmedByApi: true, isPresentStateAsked: true },
    areThinEventsAsked: true,
    handlersFile: 'missed-day-handlers.ts',
    functionEnvironment: { EFFECTS_URL: effects.url },
  });
  for (const [name, value] of Object.entries(stack.operatorEnvironment)) vi.stubEnv(name, value);
  for (const [name, secret] of Object.entries(SECRETS)) {
    const environment = { PAYHOOK_CONFIG: stack.configPath };
    const { code, stderr } = await runHere(['secrets', 'set', name, ...AWS], environment, { input: `${secret}\n` });
    expect(code, stderr).toBe(0);
  }
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await stack?.[Symbol.asyncDispose]();
  for (const each of [certificates, effects, apis]) await each?.[Symbol.asyncDispose]();
});

describe(`a day of ${PAYMENTS} payments on AWS, and a reconciler that is ended`, () => {
  test(
    'comes out as its providers have it, and each missed webhook is named with its money',
    async () => {
      const delivered = day.told.filter(({ isDelivered }) => isDelivered);
      await deliver(delivered);
      for await (const _each of endedOf(delivered));
      await beginBefore();

      const named = createNamed(day);
      const lines = createReadNamed(named);
      // In the middle of a list: its first page is stored, its second is asked for, and no answer comes.
      apis.stripe.faults.push('none', 'hung');
      const cut = round();
      await waitUntil('it asks for the second page', () => {
        lines.read();
        return apis.stripe.requests() >= 2 && named.count() > 0;
      });
      lines.forget();
      // Not the processor's: SQS hides for half an hour what it was handed before it could say otherwise.
      await stack.host.reset(stack.names.reconciler);
      await cut.catch(() => undefined);

      apis.stripe.faults.push({ status: 500 });
      apis.paypal.faults.push({ status: 401 });
      apis.square.faults.push({ status: 429, retryAfter: '2' });
      let rounds = 1;
      for (; !(await isReconciled()); rounds += 1) {
        expect(rounds).toBeLessThan(ROUNDS_MAX);
        await round();
        lines.read();
      }
      expect(rounds).toBeGreaterThan(2);

      // What was delivered of PayPal was confirmed, and what was recovered came from its API.
      const isAsTold = ({ status, origin, provider, webhookId, effects: { confirmedAt } }: Webhook): boolean =>
        status !== 'dead_lettered' &&
        (origin === 'reconciliation') === day.dropped.has(webhookId) &&
        (confirmedAt === undefined || (provider === 'paypal' && origin === undefined));
      const otherwise: unknown[] = [];
      let confirmed = 0;
      for await (const webhook of endedOf(day.told)) {
        const { webhookId, status, origin, lastError } = webhook;
        if (webhook.effects.confirmedAt !== undefined) confirmed += 1;
        if (!isAsTold(webhook) && otherwise.length < 20) otherwise.push([webhookId, status, origin, lastError]);
      }
      expect(otherwise).toEqual([]);
      expect(confirmed).toBeGreaterThan(0);
      const payments = createDynamodbPaymentStore({
        client: client(DynamoDB),
        tableName: stack.names.paymentTable,
        randomness,
      });
      const wrong = await firstWrong(
        day.payments,
        ({ paymentId }) => paymentId,
        async ({ paymentId, provider, planned }) =>
          isAsPlanned(
            (await payments.find(paymentId)).find((one) => one.payment.provider === provider)?.payment,
            planned,
          ),
      );
      expect(wrong).toEqual([]);
      expect(named.wrong()).toEqual([]);
      expect(named.count()).toBeGreaterThanOrEqual(day.dropped.size - LIMITS.reconcileConcurrencyMax);
      // An effect may be asked for again, always under the id of its webhook.
      const ids = new Set(day.told.map(({ webhookId }) => webhookId));
      expect([...effectIds].filter((id) => !ids.has(id)).slice(0, 20)).toEqual([]);
      expect(effectIds.size).toBeGreaterThanOrEqual(day.payments.filter(({ planned }) => planned.captured > 0n).length);
    },
    WAIT_MS_MAX * 4,
  );

  test('a thin event is fetched for its handler without anybody doing anything, delivered or recovered', async () => {
    const at = Math.floor((Date.now() - HOUR_MS) / 1000) * 1000;
    const thinOf = (id: string): string =>
      JSON.stringify({
        id,
        object: 'v2.core.event',
        type: 'v1.billing.meter.error_report_triggered',
        created: new Date(at).toISOString(),
        livemode: false,
        related_object: { id: `mtr_${id}`, type: 'billing.meter', url: `/v1/billing/meters/mtr_${id}` },
      });
    for (const id of ['evt_thin_delivered', 'evt_thin_missed']) {
      apis.stripe.happened.push({ id, at, body: thinOf(id), isThin: true });
      apis.stripe.objects.set(`/v1/billing/meters/mtr_${id}`, `{"id":"mtr_${id}","object":"billing.meter"}`);
    }
    const told = { provider: 'stripe', at, isDelivered: true } as const;
    await deliver([{ ...told, webhookId: 'stripe:evt_thin_delivered', body: thinOf('evt_thin_delivered') }]);

    await round();

    for (const [id, origin] of [
      ['evt_thin_delivered', undefined] as const,
      ['evt_thin_missed', 'reconciliation'] as const,
    ]) {
      const { value: ended } = await endedOf([{ webhookId: `stripe:${id}` }]).next();
      expect(ended).toMatchObject({ lastError: null });
      expect(ended?.origin).toBe(origin);
      const [asked] = effects.requests.filter(({ headers }) => headers['idempotency-key'] === `stripe:${id}`);
      expect(JSON.parse(asked?.body ?? '{}')).toMatchObject({ event: { id }, object: { id: `mtr_${id}` } });
    }
  });

  test('a refund that names no payment is attributed by what its provider has now, in the attempt after the one that asked', async () => {
    const at = Math.floor((Date.now() - HOUR_MS) / 1000) * 1000;
    const usd = (value: string) => ({ currency_code: 'USD', value });
    const [capture, refund] = ['3C679366HH908993F', '1JU08902781691411'];
    const toldOf = (id: string, type: string, resource: object): Told => ({
      provider: 'paypal',
      webhookId: `paypal:${id}`,
      at,
      isDelivered: true,
      body: JSON.stringify({
        id,
        event_version: '1.0',
        create_time: new Date(at).toISOString(),
        event_type: `PAYMENT.CAPTURE.${type}`,
        resource: { status: 'COMPLETED', ...resource },
      }),
    });
    const told = [
      toldOf('WH-PRESENT-1', 'COMPLETED', { id: capture, amount: usd('20.00') }),
      toldOf('WH-PRESENT-2', 'REFUNDED', { id: refund, amount: usd('5.00') }),
    ];
    for (const { webhookId, body } of told) {
      apis.paypal.happened.push({ id: webhookId.slice('paypal:'.length), at, body });
    }
    const href = `https://api.sandbox.paypal.com/v2/payments/captures/${capture}`;
    const now = { id: refund, status: 'COMPLETED', amount: usd('5.00'), links: [{ rel: 'up', href }] };
    apis.paypal.held.push({ list: 'refunds', id: refund, at, body: JSON.stringify(now) });

    await deliver(told);
    const ended: Webhook[] = [];
    for await (const webhook of endedOf(told)) ended.push(webhook);

    expect(ended.map(({ status, attempts }) => [status, attempts])).toEqual([
      ['processed', 1],
      ['processed', 2],
    ]);
    expect(ended[1]?.effects).toMatchObject({
      round: { restedAttempts: 1 },
      present: [{ outcome: 'attributed', names: [{ kind: 'capture', id: capture }] }],
    });
    const shown = await runHere(['payments', 'show', capture, '--json', ...AWS], { PAYHOOK_CONFIG: stack.configPath });
    expect(JSON.parse(shown.stdout)).toMatchObject({ refunded: { minor: '500' }, captured: { minor: '2000' } });
  });

  test('a delivery of PayPal that verifies and says another amount than its API is a dead letter, and no payment', async () => {
    const genuine = day.told.find(({ provider, body }) => provider === 'paypal' && body.includes('PAYMENT.CAPTURE.'));
    if (genuine === undefined) throw new Error('the day has no capture at PayPal');
    const rename = (text: string): string => text.replaceAll(genuine.webhookId.slice('paypal:'.length), 'WH-FORGED-1');
    const body = rename(genuine.body);
    apis.paypal.happened.push({ id: 'WH-FORGED-1', at: genuine.at, body });
    const forged = body.replace(/"value":\s*"[\d.]+"/, '"value": "99999.99"');

    await deliver([{ ...genuine, body: forged }]);
    const { value: ended } = await endedOf([{ webhookId: 'paypal:WH-FORGED-1' }]).next();

    expect(ended).toMatchObject({ status: 'dead_lettered', lastError: expect.stringContaining('99999.99') });
    expect(ended?.effects.events).toEqual([]);
  });
});
