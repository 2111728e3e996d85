/** The life stories of payments told to the AWS home: each body posted to the deployed stack, each payment shown by the command line. */
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createDynamodbWebhookStore } from '../../src/adapters/aws/webhooks/webhook-store.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../src/adapters/system/system-randomness.ts';
import { hasEnded } from '../../src/core/status.ts';
import type { Webhook } from '../../src/core/webhook.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { OWN_STORIES } from '../payments/own-stories.ts';
import { readStories, STORIES_MISSING, type Story, type Told } from '../payments/stories.ts';
import {
  isAutomatic,
  problemsBackwards,
  problemsInOrder,
  problemsShuffled,
  type Teller,
} from '../payments/story-problems.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { SQUARE_URL, SUFFIX, startTestStack, type TestStack } from './deploy/test-stack.ts';
import { whyNoMounts } from './servers/lambda-host-mounts.ts';
import { CERTIFICATE_URL, type PaypalCertificates, startPaypalCertificates } from './servers/paypal-certificates.ts';
import { emulatorClientOptions } from './tools/emulator-clients.ts';

const SECRETS: Readonly<Record<string, string>> = {
  stripe: 'whsec_of_the_stories_0001',
  paypal: '1AB23456CD789012F',
  square: 'key-of-the-stories-0001',
  adyen: '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056',
};
const WAIT_MS_MAX = 150_000;
const POLL_MS = 50;
const STORIES_AT_ONCE = 8;
const AWS = ['--home', 'aws', '--environment-suffix', SUFFIX];

const randomness = createSystemRandomness(systemClock);

const signAs = (provider: string, body: object, { privateKeyPem }: PaypalCertificates) =>
  providerNamed(provider)!.sign({
    body: Buffer.from(JSON.stringify(body)),
    secret: SECRETS[provider]!,
    settings: undefined,
    publicUrl: SQUARE_URL,
    now: Date.now(),
    deliveryId: randomness.id(),
    certificate: provider === 'paypal' ? { url: CERTIFICATE_URL, privateKeyPem } : null,
  });

const setSecrets = async (env: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, secret] of Object.entries(SECRETS)) {
    const { code, stderr } = await runHere(['secrets', 'set', name, ...AWS], env, { input: `${secret}\n` });
    expect(code, stderr).toBe(0);
  }
};

/** The webhook once it was processed, however it ended. */
const endOf = async (stack: TestStack, webhookId: string): Promise<Webhook> => {
  const client = new DynamoDB(emulatorClientOptions(stack.emulator.url));
  const store = createDynamodbWebhookStore({ client, tableName: stack.names.webhookTable, randomness });
  const until = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const [webhook] = await store.find(webhookId);
    if (webhook !== undefined && hasEnded(webhook.status)) return webhook;
    if (Date.now() > until) throw new Error(`${webhookId} is ${webhook?.status} after ${WAIT_MS_MAX} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

/** A deployed stack, and a way to tell it a story over HTTP and read the answers. */
const openTeller = async (isCaptureAutomatic: boolean): Promise<Teller & AsyncDisposable> => {
  const cleanUp = new AsyncDisposableStack();
  const certificates = cleanUp.use(await startPaypalCertificates());
  const stack = cleanUp.use(
    await startTestStack({
      authorityPem: certificates.authorityPem,
      httpsProxyUrl: certificates.proxyUrl,
      adyen: { isCaptureAutomatic },
    }),
  );
  for (const [name, value] of Object.entries(stack.operatorEnvironment)) vi.stubEnv(name, value);
  const env = { PAYHOOK_CONFIG: stack.configPath };
  await setSecrets(env);

  const sendBody = async ({ provider, bodies }: Story, body: number): Promise<Told> => {
    const answer = await stack.post(provider, signAs(provider, bodies[body - 1]!, certificates));
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const webhook = await endOf(stack, String(answer.body.webhookId));
    return { body, status: webhook.status as Told['status'], events: webhook.effects.events };
  };
  return {
    storiesAtOnce: STORIES_AT_ONCE,
    async tell(story, order) {
      const told: Told[] = [];
      for (const body of order) told.push(await sendBody(story, body));
      return { told, find: async (id) => jsonLines(await runHere(['payments', 'show', id, '--json', ...AWS], env)) };
    },
    [Symbol.asyncDispose]: () => cleanUp.disposeAsync(),
  };
};

describeUnless(STORIES_MISSING, 'On the AWS home', () => {
  beforeAll(() => {
    const noMounts = whyNoMounts();
    if (noMounts !== null) throw new Error(`functions cannot be run here as on Lambda: ${noMounts}`);
  });
  afterEach(() => vi.unstubAllEnvs());

  test.each([false, true])('every story is right where Adyen captures by itself: %s', async (isCaptureAutomatic) => {
    await using teller = await openTeller(isCaptureAutomatic);
    const stories = [...readStories(), ...OWN_STORIES].filter((story) => isAutomatic(story) === isCaptureAutomatic);

    expect(await problemsInOrder(teller, stories)).toEqual([]);
  });

  test.each([
    ['backwards', problemsBackwards],
    ['shuffled', problemsShuffled],
  ])('every story adds up to the same %s, each delivery sent twice', async (_, problemsOf) => {
    await using teller = await openTeller(false);
    const stories = [...readStories(), ...OWN_STORIES].filter((story) => !isAutomatic(story));

    expect(await problemsOf(teller, stories)).toEqual([]);
  });
});
