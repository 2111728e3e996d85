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
import { createDay, type Day, isAsPlanned, meaningOf, NAMES, paymentsOr, type Told } from '../reconcile/day.ts';
import { API_CREDENTIALS, type FakeApis, openFakeApis } from '../support/fake-apis.ts';
import { waitUntil } from '../support/running-server.ts';
import { SQUARE_URL, SUFFIX, startTestStack, type TestStack } from './deploy/test-stack.ts';
import { whyNoMounts } from './servers/lambda-host-mounts.ts';
import { CERTIFICATE_URL, type PaypalCertificates, startPaypalCertificates } from './servers/paypal-certificates.ts';
import { emulatorClientOptions } from './tools/emulator-clients.ts';

const PAYMENTS = paymentsOr(45);
const WAIT_MS_MAX = Math.max(120_000, PAYMENTS * 400);
const SENDERS = 12;
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
let stack: TestStack;
let apis: FakeApis;
let day: Day;

const client = <Client>(make: new (options: ReturnType<typeof emulatorClientOptions>) => Client): Client =>
  new make(emulatorClientOptions(stack.emulator.url));

const sign = ({ provider: name, body }: Told): SignedDelivery =>
  providerNamed(name)!.sign({
    body,
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

/** Once they have ended, in the order of the day. */
const endedOf = async (told: readonly Told[]): Promise<readonly Webhook[]> => {
  const store = openStore();
  const ended: Webhook[] = [];
  for (const { webhookId } of told) {
    await waitUntil(
      `the end of ${webhookId}`,
      async () => {
        const [found] = await store.find(webhookId);
        if (found !== undefined && hasEnded(found.status)) ended.push(found);
        return ended.at(-1)?.webhookId === webhookId;
      },
      WAIT_MS_MAX,
    );
  }
  return ended;
};

/** As if the stack had last reconciled before anything happened. */
const beginBefore = async (): Promise<void> => {
  const counts = { window: null, restsUntil: null, gap: null, listed: 0, missing: 0, recovered: 0, differing: 0 };
  const at = { startedAt: day.begun, checkedUntil: day.begun, lastRunAt: day.begun, lastOutcome: 'complete' };
  const checkpoints = openCheckpoints();
  for (const name of NAMES) await checkpoints.put({ source: `${name}:test`, ...counts, ...at }, 0);
};

const isReconciled = async (): Promise<boolean> => {
  const checkpoints = openCheckpoints();
  const all = await Promise.all(NAMES.map((name) => checkpoints.get(`${name}:test`)));
  return all.every((each) => each !== undefined && each.window === null && each.checkedUntil > day.begun);
};

const round = () =>
  client(LambdaClient).send(new InvokeCommand({ FunctionName: stack.names.reconciler, Payload: Buffer.from('{}') }));

const namedSoFar = (): readonly Record<string, unknown>[] =>
  stack.host
    .lines(stack.names.reconciler)
    .filter(({ text }) => text.includes('"webhook.recovered"'))
    .map(({ text }) => JSON.parse(text));

beforeAll(async () => {
  const noMounts = whyNoMounts();
  if (noMounts !== null) throw new Error(`functions cannot be run here as on Lambda: ${noMounts}`);
  day = createDay(Math.floor((Date.now() - HOUR_MS) / 1000) * 1000, PAYMENTS);
  certificates = await startPaypalCertificates();
  effects = await startEndpoint((response) => void response.writeHead(204).end());
  apis = await openFakeApis(Date.now);
  for (const { provider, webhookId, at, body } of day.told) {
    apis[provider].happened.push({ id: webhookId.slice(provider.length + 1), at, body: body.toString('utf8') });
  }
  stack = await startTestStack({
    authorityPem: certificates.authorityPem,
    httpsProxyUrl: certificates.proxyUrl,
    apiUrls: apis.urls,
    paypal: { isConfirmedByApi: true },
    handlersFile: 'payment-handlers.ts',
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
      await endedOf(delivered);
      await beginBefore();

      const named: Record<string, unknown>[] = [];
      // In the middle of a list: its first page is stored, its second is asked for, and no answer comes.
      apis.stripe.faults.push('none', 'hung');
      const cut = round();
      await waitUntil('it asks for the second page', () => apis.stripe.requests() >= 2 && namedSoFar().length > 0);
      named.push(...namedSoFar());
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
      }
      named.push(...namedSoFar());
      expect(rounds).toBeGreaterThan(2);

      const ended = await endedOf(day.told);
      const dead = ended.filter(({ status }) => status === 'dead_lettered');
      expect(dead.map(({ webhookId, lastError }) => [webhookId, lastError])).toEqual([]);
      expect(
        ended
          .filter(({ origin }) => origin === 'reconciliation')
          .map(({ webhookId }) => webhookId)
          .sort(),
      ).toEqual([...day.dropped].sort());
      const payments = createDynamodbPaymentStore({
        client: client(DynamoDB),
        tableName: stack.names.paymentTable,
        randomness,
      });
      const wrong: string[] = [];
      for (const { paymentId, provider, planned } of day.payments) {
        const view = (await payments.find(paymentId)).find(({ payment }) => payment.provider === provider);
        if (!isAsPlanned(view?.payment, planned)) wrong.push(paymentId);
      }
      expect(wrong).toEqual([]);

      const meanings = new Map(day.told.map((one) => [one.webhookId, meaningOf(one)]));
      const ids = named.map(({ webhook_id: id }) => String(id));
      expect(new Set(ids).size).toBe(ids.length);
      expect(named.filter(({ webhook_id: id, message }) => message !== meanings.get(String(id)))).toEqual([]);
      expect(ids.length).toBeGreaterThanOrEqual(day.dropped.size - LIMITS.reconcileConcurrencyMax);
      // What was delivered of PayPal was confirmed, and what was recovered came from its API.
      const confirmed = ended.filter(({ effects: { confirmedAt } }) => confirmedAt !== undefined);
      expect(new Set(confirmed.map(({ provider, origin }) => `${provider} ${origin ?? 'delivery'}`))).toEqual(
        new Set(['paypal delivery']),
      );
      // An effect may be asked for again, always under the id of its webhook.
      const asked = new Set(effects.requests.map(({ headers }) => String(headers['idempotency-key']).split('#')[0]));
      expect([...asked].filter((id) => !meanings.has(String(id)))).toEqual([]);
      expect(asked.size).toBeGreaterThanOrEqual(day.payments.filter(({ planned }) => planned.captured > 0n).length);
    },
    WAIT_MS_MAX * 4,
  );

  test('a delivery of PayPal that verifies and says another amount than its API is a dead letter, and no payment', async () => {
    const genuine = day.told.find(({ provider, body }) => provider === 'paypal' && body.includes('PAYMENT.CAPTURE.'));
    if (genuine === undefined) throw new Error('the day has no capture at PayPal');
    const rename = (text: string): string => text.replaceAll(genuine.webhookId.slice('paypal:'.length), 'WH-FORGED-1');
    const body = rename(genuine.body.toString('utf8'));
    apis.paypal.happened.push({ id: 'WH-FORGED-1', at: genuine.at, body });
    const forged = body.replace(/"value":\s*"[\d.]+"/, '"value": "99999.99"');

    await deliver([{ ...genuine, body: Buffer.from(forged) }]);
    const [ended] = await endedOf([{ ...genuine, webhookId: 'paypal:WH-FORGED-1' }]);

    expect(ended).toMatchObject({ status: 'dead_lettered', lastError: expect.stringContaining('99999.99') });
    expect(ended?.effects.events).toEqual([]);
  });
});
