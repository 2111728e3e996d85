import { CreateQueueCommand, SQS } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSqsDraftOutbox } from '../../../src/adapters/aws/audit/sqs-draft-outbox.ts';
import { ATTEMPTS_MAX } from '../../../src/adapters/aws/clients.ts';
import type { SqsCalls } from '../../../src/adapters/aws/service-calls.ts';
import { openSqsBatch } from '../../../src/adapters/aws/work-queue/batch-queue.ts';
import { createSqsDeadLetters } from '../../../src/adapters/aws/work-queue/dead-letters.ts';
import { writeDeadLetter, writeMessage } from '../../../src/adapters/aws/work-queue/message.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import type { Queue, QueueEntry } from '../../../src/core/ports/queue.ts';
import { createTestClock, NOW } from '../../support/clock.ts';
import { type FaultProxy, startFaultProxy } from '../servers/fault-proxy.ts';
import type { Fault } from '../servers/fault-proxy-rules.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { signedCalls } from '../tools/signed-clients.ts';
import { createClaimingSqsQueue } from './claiming-sqs-queue.ts';

let moto: Moto;
let proxy: FaultProxy;
let sdk: SQS;
let client: SqsCalls;
let opened = 0;

/** As the functions make it, but with less patience. */
const REQUEST_MS_MAX = 1_500;

beforeAll(async () => {
  moto = await startMoto();
  proxy = await startFaultProxy(moto.url);
  sdk = new SQS(emulatorClientOptions(proxy.url));
  client = signedCalls(proxy.url, { attemptsMax: ATTEMPTS_MAX, requestMsMax: REQUEST_MS_MAX }).sqs;
});

afterEach(() => {
  proxy.clearRules();
  proxy.forgetCalls();
});

afterAll(async () => {
  sdk.destroy();
  await proxy[Symbol.asyncDispose]();
  await moto[Symbol.asyncDispose]();
});

const ENTRY: QueueEntry = { webhookId: 'stripe:evt_1', timestamp: NOW, provider: 'stripe', traceId: 'trace-1' };
const LEASE_MS = LIMITS.leaseMs;

const createQueue = async (name: string): Promise<string> => {
  const { QueueUrl: url = '' } = await sdk.send(new CreateQueueCommand({ QueueName: `${name}-${opened}` }));
  return url;
};

const openQueue = async () => {
  opened += 1;
  const deps = {
    client,
    sdk,
    clock: createTestClock(),
    workQueueUrl: await createQueue('work'),
    deadLetterQueueUrl: await createQueue('dead-letters'),
  };
  proxy.forgetCalls();
  return { ...deps, queue: createClaimingSqsQueue(deps) };
};

const breakEvery = (operation: string, fault: Fault) => proxy.inject({ match: { service: 'sqs', operation }, fault });

const BROKEN: readonly { readonly fault: Fault; readonly sentence: RegExp }[] = [
  { fault: { kind: 'throttle' }, sentence: /did not answer as it should \(RequestThrottled\): try again later/ },
  { fault: { kind: 'server_error' }, sentence: /did not answer as it should/ },
  { fault: { kind: 'hang' }, sentence: /did not answer as it should \(TimeoutError\)/ },
  {
    fault: { kind: 'error', code: 'KmsThrottled', status: 400 },
    sentence: /did not answer as it should \(KmsThrottled\)/,
  },
  { fault: { kind: 'error', code: 'AccessDenied', status: 403 }, sentence: /may not be used by this principal/ },
  {
    fault: { kind: 'error', code: 'ExpiredToken', status: 403 },
    sentence: /cannot be used with these AWS credentials .* sign in again/,
  },
];

describe('createClaimingSqsQueue, when SQS is in trouble', () => {
  test('sends exactly one message for an entry when all is well, and asks nothing else', async () => {
    const { queue } = await openQueue();

    await queue.enqueue(ENTRY);

    expect(proxy.counts()).toEqual({ 'sqs.SendMessage': 1 });
  });

  for (const { fault, sentence } of BROKEN) {
    const name = 'code' in fault ? fault.code : fault.kind;

    test(`says queue_unavailable and gives up after three tries: ${name}`, async () => {
      const { queue } = await openQueue();
      breakEvery('SendMessage', fault);

      await expect(queue.enqueue(ENTRY)).rejects.toMatchObject({
        code: 'queue_unavailable',
        isRetryable: true,
        message: expect.stringMatching(sentence),
      });

      expect(proxy.calls().length).toBeLessThanOrEqual(3);
      expect(await queue.depth()).toMatchObject({ ready: 0 });
    });
  }

  test('tries again by itself after one throttle', async () => {
    const { queue } = await openQueue();
    proxy.inject({ match: { operation: 'SendMessage' }, when: { nth: 1 }, fault: { kind: 'throttle' } });

    await queue.enqueue(ENTRY);

    expect(await queue.depth()).toMatchObject({ ready: 1 });
  });

  test('has the entry on the queue, perhaps twice, when an answer was lost', async () => {
    const { queue } = await openQueue();
    proxy.inject({ match: { operation: 'SendMessage' }, when: { nth: 1 }, fault: { kind: 'reply_lost' } });

    await queue.enqueue(ENTRY);

    const claims = await queue.claim(10, LEASE_MS);
    expect(claims.length).toBeGreaterThan(0);
    for (const { entry } of claims) expect(entry).toEqual(ENTRY);
  });

  for (const [operation, call] of Object.entries({
    ReceiveMessage: (queue: Queue) => queue.claim(1, LEASE_MS),
    GetQueueAttributes: (queue: Queue) => queue.depth(),
  })) {
    test(`says queue_unavailable when ${operation} fails`, async () => {
      const { queue } = await openQueue();
      breakEvery(operation, { kind: 'server_error' });

      await expect(call(queue)).rejects.toMatchObject({ code: 'queue_unavailable' });
    });
  }

  for (const [operation, settle] of [
    ['DeleteMessage', 'complete'],
    ['ChangeMessageVisibility', 'putBack'],
  ] as const) {
    test(`tells a receipt that is lost from a queue that is in trouble: ${settle}`, async () => {
      const { queue } = await openQueue();
      await queue.enqueue(ENTRY);
      const [claim] = await queue.claim(1, LEASE_MS);
      if (claim === undefined) throw new Error('one entry was enqueued');
      const call = () => (settle === 'complete' ? queue.complete(claim) : queue.putBack(claim, 0));
      const broken = breakEvery(operation, { kind: 'server_error' });

      await expect(call()).rejects.toMatchObject({ code: 'queue_unavailable' });
      broken.remove();
      for (const code of ['ReceiptHandleIsInvalid', 'InvalidParameterValue', 'MessageNotInflight']) {
        const lost = breakEvery(operation, { kind: 'error', code, status: 400 });
        expect(await call()).toBe('lost');
        lost.remove();
      }

      expect(await call()).toBe('settled');
    });
  }
});

describe('openSqsBatch, when SQS is in trouble', () => {
  const openBatch = async () => {
    const home = await openQueue();
    const record = { messageId: 'message-1', receiptHandle: 'handle', body: writeMessage(ENTRY), attributes: {} };
    const batch = openSqsBatch(home, {
      Records: [record, { ...record, messageId: 'message-2', receiptHandle: '2', body: '' }],
    });
    const [item] = batch.items;
    if (item === undefined) throw new Error('one message is a pointer');
    return { ...home, batch, claim: item.claim };
  };

  test('keeps a dead letter that could not be put aside, and takes it the next time', async () => {
    const { batch, claim, deadLetterQueueUrl } = await openBatch();
    const broken = breakEvery('SendMessage', { kind: 'throttle' });

    await expect(batch.queue.deadLetter(claim, 2)).rejects.toMatchObject({ code: 'queue_unavailable' });
    expect(batch.failures()).toContainEqual({ itemIdentifier: 'message-1' });
    broken.remove();

    expect(await batch.queue.deadLetter(claim, 2)).toBe('settled');
    expect(batch.failures()).toEqual([{ itemIdentifier: 'message-2' }]);
    expect(await createSqsDeadLetters({ client: sdk, deadLetterQueueUrl }).count()).toBe(1);
  });

  test('keeps an unreadable message that could not be put aside', async () => {
    const { batch } = await openBatch();
    const [message] = batch.unreadable;
    if (message === undefined) throw new Error('one message is no pointer');
    breakEvery('SendMessage', { kind: 'server_error' });

    await expect(batch.setAside(message)).rejects.toMatchObject({ code: 'queue_unavailable' });

    expect(batch.failures()).toContainEqual({ itemIdentifier: 'message-2' });
  });

  test('keeps a message that could not be sent again to rest', async () => {
    const { batch, claim } = await openBatch();
    breakEvery('SendMessage', { kind: 'hang' });

    await expect(batch.queue.retryIn(claim, 1000)).rejects.toMatchObject({ code: 'queue_unavailable' });

    expect(batch.failures()).toContainEqual({ itemIdentifier: 'message-1' });
  });
});

describe('hold, when SQS is in trouble', () => {
  test('says queue_unavailable, and changes nothing about what is reported', async () => {
    const home = await openQueue();
    const record = { messageId: 'message-1', receiptHandle: 'handle', body: writeMessage(ENTRY), attributes: {} };
    const batch = openSqsBatch(home, { Records: [record] });
    breakEvery('ChangeMessageVisibilityBatch', { kind: 'throttle' });

    await expect(batch.hold(60_000)).rejects.toMatchObject({ code: 'queue_unavailable' });

    expect(batch.failures()).toEqual([{ itemIdentifier: 'message-1' }]);
  });
});

describe('createSqsDeadLetters, when SQS is in trouble', () => {
  test('leaves what it did not remove to be seen at once, also when it fails half-way', async () => {
    const { deadLetterQueueUrl } = await openQueue();
    // Waiting for more takes a second of its own.
    const patient = new SQS({ ...emulatorClientOptions(proxy.url), maxAttempts: 1 });
    const queue = createClaimingSqsQueue({
      client,
      sdk,
      workQueueUrl: deadLetterQueueUrl,
      deadLetterQueueUrl,
      clock: createTestClock(),
    });
    for (let index = 0; index < 12; index += 1) await queue.enqueue({ ...ENTRY, webhookId: `stripe:evt_${index}` });
    breakEvery('DeleteMessageBatch', { kind: 'server_error' });
    const deadLetters = createSqsDeadLetters({ client: patient, deadLetterQueueUrl });

    await expect(deadLetters.forget(new Set(['stripe:evt_11']))).rejects.toMatchObject({ code: 'queue_unavailable' });

    expect(await queue.depth()).toMatchObject({ ready: 11, waiting: 1 });
    patient.destroy();
  });
});

describe('createSqsDraftOutbox, when SQS is in trouble', () => {
  test('says audit_unavailable', async () => {
    const { workQueueUrl: auditQueueUrl } = await openQueue();
    breakEvery('SendMessage', { kind: 'throttle' });
    const body = JSON.parse(writeDeadLetter(ENTRY, 1));

    await expect(createSqsDraftOutbox({ client, auditQueueUrl }).append([body])).rejects.toMatchObject({
      code: 'audit_unavailable',
      isRetryable: true,
    });
  });
});
