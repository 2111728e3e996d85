/**
 * Webhooks that end whatever processes them, among good ones: the function over a queue on moto, in execution environments
 * that die as Lambda's do. No answer leaves, and nothing more is read or written.
 */
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQS } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqsBatch } from '../../src/adapters/aws/work-queue/batch-queue.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { createCallHandlers } from '../../src/handlers/call-handlers.ts';
import type { Handler } from '../../src/handlers/handler.ts';
import { createHandlerCircuits } from '../../src/handlers/handler-circuits.ts';
import { createProcessBatch } from '../../src/homes/aws/process-batch.ts';
import { createActOnWebhook } from '../../src/process/act-on-webhook.ts';
import { createProcess } from '../../src/process/process.ts';
import { createTestClock } from '../support/clock.ts';
import { detachQueue } from '../support/detached-queue.ts';
import { createTestHome, stripeDelivery } from '../support/test-home.ts';
import { createClaimingSqsQueue } from './contract/claiming-sqs-queue.ts';
import { type Moto, startMoto } from './servers/moto.ts';
import { emulatorClientOptions } from './tools/emulator-clients.ts';

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
});
afterAll(() => moto[Symbol.asyncDispose]());

/** As the stack sets them. */
const VISIBILITY_SECONDS = 1800;
const FUNCTION_MS = 300_000;
const HANDLER_MS_MAX = 30_000;

const GOOD = Array.from({ length: 500 }, (_, index) => `stripe:good_${index}`);
/** What each does when it is called: end at once, or when whatever is beside it has been called, too. */
const KILLERS: Readonly<Record<string, () => Promise<void>>> = {
  'stripe:exit': async () => {},
  'stripe:out_of_memory': () => new Promise((resolve) => setImmediate(resolve)),
  'stripe:endless_loop': async () => {},
};
const NEVER = new Promise<never>(() => {});

const openFunction = async () => {
  const clock = createTestClock();
  const client = new SQS(emulatorClientOptions(moto.url));
  moto.follow(client, clock);
  const create = async (name: string): Promise<string> => {
    const { QueueUrl: url = '' } = await client.send(new CreateQueueCommand({ QueueName: name }));
    return url;
  };
  const deps = { client, clock, workQueueUrl: await create('work'), deadLetterQueueUrl: await create('dead-letters') };
  let environment = { isAlive: false, die: (): void => undefined };
  const calls = new Map<string, number>();
  const handler: Handler = async ({ webhookId }) => {
    const { die } = environment;
    calls.set(webhookId, (calls.get(webhookId) ?? 0) + 1);
    const kill = KILLERS[webhookId];
    if (kill === undefined) return;
    await kill();
    die();
    await NEVER;
  };
  const home = createTestHome({
    clock,
    attemptsMax: LIMITS.attemptsMax,
    ports: (memory) => ({ ...detachQueue(memory, clock), queue: createClaimingSqsQueue({ ...deps, sdk: client }) }),
  });

  const receive = async (queueUrl: string) => {
    const { Messages: messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: VISIBILITY_SECONDS,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return messages.map((message) => ({
      messageId: message.MessageId ?? '',
      receiptHandle: message.ReceiptHandle ?? '',
      body: message.Body ?? '',
      attributes: message.Attributes ?? {},
    }));
  };

  /** One batch in an environment of its own. */
  const invoke = async (): Promise<'nothing_to_do' | 'answered' | 'died'> => {
    const records = await receive(deps.workQueueUrl);
    if (records.length === 0) return 'nothing_to_do';
    const died = Promise.withResolvers<'died'>();
    const own = { isAlive: true, die: (): void => undefined };
    own.die = () => {
      own.isAlive = false;
      died.resolve('died');
    };
    environment = own;
    const whileAlive = <Port extends object>(port: Port): Port =>
      new Proxy(port, { get: (of, name) => (own.isAlive ? Reflect.get(of, name) : () => NEVER) });
    // Each environment begins with circuits of its own.
    const callHandlers = createCallHandlers({
      ...home,
      handlers: { webhookHandler: handler, eventHandlers: [] },
      circuits: createHandlerCircuits(home),
      handlerMsMax: HANDLER_MS_MAX,
      stopping: new AbortController().signal,
    });
    const act = createActOnWebhook({ ...home.actDeps, callHandlers });
    const processBatch = createProcessBatch({
      openBatch: () => openSqsBatch(deps, { Records: records }),
      processOn: (queue, alone) =>
        createProcess({ ...home.processDeps, act, store: whileAlive(home.store), queue: whileAlive(queue), alone }),
      handlerMsMax: HANDLER_MS_MAX,
      store: whileAlive(home.store),
      redrive: home.redrive,
      randomness: home.randomness,
      clock,
      drainAlerts: async () => {},
      logger: home.logger,
      metrics: { attempt: () => {} },
    });
    const answer = processBatch({ Records: [] }, { getRemainingTimeInMillis: () => FUNCTION_MS });
    const ended = await Promise.race([answer, died.promise]);
    if (ended === 'died') return 'died';
    const failed = new Set(ended.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { messageId, receiptHandle } of records) {
      if (failed.has(messageId)) continue;
      await client.send(new DeleteMessageCommand({ QueueUrl: deps.workQueueUrl, ReceiptHandle: receiptHandle }));
    }
    return 'answered';
  };
  return { clock, home, calls, invoke, deadLetters: () => receive(deps.deadLetterQueueUrl) };
};

test('killers among 500 good webhooks: each is a dead letter within ten runs, and no good one is blamed or held up', async () => {
  const { clock, home, calls, invoke, deadLetters } = await openFunction();
  const names = [...GOOD];
  for (const [index, killer] of Object.keys(KILLERS).entries()) names.splice(100 * index + 4, 0, killer);
  for (const webhookId of names) await home.deliver(stripeDelivery(clock, webhookId.slice('stripe:'.length)));
  const startedAt = clock.now();
  let deaths = 0;

  for (let idle = 0; idle < 100; ) {
    const outcome = await invoke();
    if (outcome === 'died') deaths += 1;
    if (outcome !== 'nothing_to_do') continue;
    const { ready, waiting } = await home.queue.depth();
    if (ready + waiting === 0) break;
    idle += 1;
    clock.advance(10_000);
  }

  const webhooks = (await home.store.list({ limit: 1000 })).items;
  const good = webhooks.filter(({ webhookId }) => !(webhookId in KILLERS));
  expect(good).toHaveLength(500);
  expect(good.filter(({ status, attempts }) => status !== 'processed' || attempts !== 1)).toEqual([]);
  const dead = webhooks.filter(({ webhookId }) => webhookId in KILLERS);
  expect(dead).toHaveLength(3);
  for (const { webhookId, status, lastError } of dead) {
    expect({ status, lastError }).toMatchObject({
      status: 'dead_lettered',
      lastError: expect.stringMatching(/^processing broke off 9 times with nothing beside it/),
    });
    expect(calls.get(webhookId)).toBeLessThanOrEqual(10);
  }
  expect(deaths).toBeLessThanOrEqual(30);
  expect((await deadLetters()).map(({ body }) => JSON.parse(body).webhookId).sort()).toEqual(
    Object.keys(KILLERS).sort(),
  );
  // Not half an hour for each time that one of them was received.
  expect(clock.now() - startedAt).toBeLessThan(20 * 60_000);
  // At least once, as ever: what had been called beside a killer is called again.
  const calledTwice = good.filter(({ webhookId }) => calls.get(webhookId) !== 1);
  expect(calledTwice.length).toBeLessThanOrEqual(27);
});
