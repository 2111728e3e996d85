import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqsBatch, type SqsBatch } from '../../../src/adapters/aws/work-queue/batch-queue.ts';
import type { SqsRecord } from '../../../src/adapters/aws/work-queue/open-records.ts';
import { createSqsQueue } from '../../../src/adapters/aws/work-queue/queue.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import type { QueueEntry } from '../../../src/core/ports/queue.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import { createTestClock, NOW } from '../../support/clock.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';

let moto: Moto;
let opened = 0;

beforeAll(async () => {
  moto = await startMoto();
});

afterAll(() => moto[Symbol.asyncDispose]());

/** As the stack sets it: six times as long as the processor may run. */
const VISIBILITY_SECONDS = 1800;

const entryOf = (name: string): QueueEntry => ({
  webhookId: `stripe:${name}`,
  timestamp: NOW,
  provider: 'stripe',
  traceId: `trace-${name}`,
});

const openQueues = async () => {
  opened += 1;
  const clock = createTestClock();
  const client = new SQSClient(emulatorClientOptions(moto.url));
  moto.follow(client, clock);
  const create = async (name: string): Promise<string> => {
    const { QueueUrl: url = '' } = await client.send(new CreateQueueCommand({ QueueName: `${name}-${opened}` }));
    return url;
  };
  const deps = { client, clock, workQueueUrl: await create('work'), deadLetterQueueUrl: await create('dead-letters') };

  const receive = async (queueUrl: string): Promise<SqsRecord[]> => {
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

  return {
    ...deps,
    send: async (...names: string[]): Promise<void> => {
      for (const name of names) await createSqsQueue(deps).enqueue(entryOf(name));
    },
    deadLetters: async (): Promise<unknown[]> =>
      (await receive(deps.deadLetterQueueUrl)).map(({ body }) => JSON.parse(body)),
    /** Hands one batch to the function and then does with its answer what Lambda does. */
    invoke: async (work: (batch: SqsBatch) => Promise<void>): Promise<readonly string[]> => {
      const records = await receive(deps.workQueueUrl);
      const batch = openSqsBatch(deps, { Records: records });
      await work(batch);
      const failed = new Set(batch.failures().map(({ itemIdentifier }) => itemIdentifier));
      for (const { messageId, receiptHandle } of records) {
        if (failed.has(messageId)) continue;
        await client.send(new DeleteMessageCommand({ QueueUrl: deps.workQueueUrl, ReceiptHandle: receiptHandle }));
      }
      return [...failed];
    },
    /** Ids of the webhooks that Lambda would be handed now. */
    visible: async (): Promise<readonly string[]> =>
      (await receive(deps.workQueueUrl)).map(({ body }) => JSON.parse(body).webhookId).sort(),
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
};
describe('openSqsBatch', () => {
  test('hands out each message as a claim: entry, when it was sent and how often it was received', async () => {
    await using queues = await openQueues();
    await queues.send('evt_1');
    queues.clock.advance(1234);

    await queues.invoke(async ({ items, unreadable }) => {
      expect(items).toEqual([
        {
          claim: { entry: entryOf('evt_1'), receipt: expect.any(String), enqueuedAt: NOW, claimedTimes: 1 },
          deadLetteredRevision: null,
        },
      ]);
      expect(unreadable).toEqual([]);
    });
  });

  test('reports as failed what was not settled, and nothing else', async () => {
    await using queues = await openQueues();
    await queues.send('done', 'dead', 'again', 'forgotten');

    const failed = await queues.invoke(async ({ items, queue }) => {
      for (const { claim } of items) {
        const { webhookId } = claim.entry;
        if (webhookId === 'stripe:done') expect(await queue.complete(claim)).toBe('settled');
        if (webhookId === 'stripe:dead') expect(await queue.deadLetter(claim, 3)).toBe('settled');
        if (webhookId === 'stripe:again') expect(await queue.retryIn(claim, 5000)).toBe('settled');
      }
    });

    expect(failed).toHaveLength(2);
    expect(await queues.deadLetters()).toEqual([{ v: 1, ...entryOf('dead'), deadLetteredRevision: 3 }]);
    queues.clock.advance(4999);
    expect(await queues.visible()).toEqual([]);
    queues.clock.advance(1);
    expect(await queues.visible()).toEqual(['stripe:again']);
    queues.clock.advance(VISIBILITY_SECONDS * 1000);
    expect(await queues.visible()).toEqual(['stripe:again', 'stripe:forgotten']);
  });

  test('reports everything as failed when nothing was tried, with ids that are not empty', async () => {
    await using queues = await openQueues();
    await queues.send('evt_1', 'evt_2', 'evt_3');

    const failed = await queues.invoke(async () => undefined);

    expect(failed).toHaveLength(3);
    for (const id of failed) expect(id).toMatch(/./);
  });

  test('reports nothing for an empty batch', async () => {
    await using queues = await openQueues();

    expect(await queues.invoke(async () => undefined)).toEqual([]);
  });

  test('regression: refuses a message without an id, which an answer could not name', async () => {
    await using queues = await openQueues();
    const record = { messageId: '', receiptHandle: 'handle', body: '{}', attributes: {} };

    expect(() => openSqsBatch(queues, { Records: [record] })).toThrow('a message of a batch has an id');
  });

  test('says lost for a claim that was settled before, and does nothing', async () => {
    await using queues = await openQueues();
    await queues.send('evt_1');

    const failed = await queues.invoke(async ({ items: [item], queue }) => {
      if (item === undefined) throw new Error('one message was sent');
      await queue.complete(item.claim);
      expect(await queue.complete(item.claim)).toBe('lost');
      expect(await queue.retryIn(item.claim, 0)).toBe('lost');
      expect(await queue.deadLetter(item.claim, 1)).toBe('lost');
    });

    expect(failed).toEqual([]);
    expect(await queues.deadLetters()).toEqual([]);
  });

  test('says lost for a claim of another batch', async () => {
    await using queues = await openQueues();
    await queues.send('evt_1');
    await queues.invoke(async ({ items: [item] }) => {
      if (item === undefined) throw new Error('one message was sent');
      const { queue } = openSqsBatch(queues, { Records: [] });

      expect(await queue.complete(item.claim)).toBe('lost');
      expect(await queue.retryIn(item.claim, 0)).toBe('lost');
    });
  });

  test('says lost when SQS does not know the receipt any more, and still reports the message', async () => {
    await using queues = await openQueues();
    await queues.send('evt_1');

    const failed = await queues.invoke(async ({ items: [item], queue }) => {
      if (item === undefined) throw new Error('one message was sent');
      const [, receiptHandle] = item.claim.receipt.split(/:(.*)/s);
      await queues.client.send(
        new DeleteMessageCommand({ QueueUrl: queues.workQueueUrl, ReceiptHandle: receiptHandle }),
      );
      expect(await queue.retryIn(item.claim, 1000)).toBe('lost');
    });

    expect(failed).toHaveLength(1);
  });

  for (const { held, asked, hidden } of [
    { held: 0, asked: 300, hidden: 1000 },
    { held: 0, asked: -5, hidden: 0 },
    { held: 0, asked: LIMITS.retryInMsMax, hidden: 12 * HOUR_MS - 60_000 },
    { held: 240_000, asked: LIMITS.retryInMsMax, hidden: 12 * HOUR_MS - 60_000 - 240_000 },
    { held: 240_000, asked: HOUR_MS, hidden: HOUR_MS },
  ]) {
    test(`hides a message for ${hidden} ms that was held for ${held} ms and is to rest for ${asked} ms`, async () => {
      await using queues = await openQueues();
      await queues.send('evt_1');

      await queues.invoke(async ({ items: [item], queue }) => {
        if (item === undefined) throw new Error('one message was sent');
        queues.clock.advance(held);
        expect(await queue.retryIn(item.claim, asked)).toBe('settled');
      });

      if (hidden > 0) {
        queues.clock.advance(hidden - 1);
        expect(await queues.visible()).toEqual([]);
        queues.clock.advance(1);
      }
      expect(await queues.visible()).toEqual(['stripe:evt_1']);
    });
  }

  test('tells a dead letter that was moved back by its revision', async () => {
    await using queues = await openQueues();
    await queues.send('evt_1');
    await queues.invoke(async ({ items: [item], queue }) => {
      if (item !== undefined) await queue.deadLetter(item.claim, 12);
    });
    const [body] = await queues.deadLetters();
    const moved = JSON.stringify(body);
    await queues.client.send(new SendMessageCommand({ QueueUrl: queues.workQueueUrl, MessageBody: moved }));

    await queues.invoke(async ({ items }) => {
      expect(items).toMatchObject([{ claim: { entry: entryOf('evt_1') }, deadLetteredRevision: 12 }]);
    });
  });

  test('keeps what is no pointer to a webhook until somebody sets it aside', async () => {
    await using queues = await openQueues();
    const body = JSON.stringify({ canary: 'what is this?' });
    await queues.client.send(new SendMessageCommand({ QueueUrl: queues.workQueueUrl, MessageBody: body }));
    await queues.send('evt_1');
    const complete = async ({ items, queue }: SqsBatch): Promise<void> => {
      for (const { claim } of items) await queue.complete(claim);
    };

    const failed = await queues.invoke(complete);
    expect(failed).toHaveLength(1);
    queues.clock.advance(VISIBILITY_SECONDS * 1000);
    const failedLater = await queues.invoke(async (batch) => {
      expect(batch.unreadable).toEqual([{ messageId: failed[0], reason: 'webhookId is missing or not a text' }]);
      for (const message of batch.unreadable) await batch.setAside(message);
    });

    expect(failedLater).toEqual([]);
    expect(await queues.deadLetters()).toEqual([{ canary: 'what is this?' }]);
  });
});
