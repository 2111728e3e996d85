import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQS,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqsBatch, type SqsBatch } from '../../../src/adapters/aws/work-queue/batch-queue.ts';
import type { SqsRecord } from '../../../src/adapters/aws/work-queue/open-records.ts';
import { createSqsQueue } from '../../../src/adapters/aws/work-queue/queue.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import type { QueueEntry } from '../../../src/core/ports/queue.ts';
import { MINUTE_MS } from '../../../src/core/time.ts';
import { createTestClock, NOW } from '../../support/clock.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { signedCalls } from '../tools/signed-clients.ts';

let moto: Moto;
let opened = 0;

beforeAll(async () => {
  moto = await startMoto();
});

afterAll(() => moto[Symbol.asyncDispose]());

/** As long as SQS can delay a message. */
const QUARTER_MS = 15 * MINUTE_MS;
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
  const sdk = new SQS(emulatorClientOptions(moto.url));
  moto.follow(sdk, clock);
  const { sqs: client } = signedCalls(moto.url, { before: () => moto.setClock(clock.now()) });
  const create = async (name: string): Promise<string> => {
    const { QueueUrl: url = '' } = await sdk.send(new CreateQueueCommand({ QueueName: `${name}-${opened}` }));
    return url;
  };
  const deps = {
    client,
    sdk,
    clock,
    workQueueUrl: await create('work'),
    deadLetterQueueUrl: await create('dead-letters'),
  };

  const receive = async (queueUrl: string): Promise<SqsRecord[]> => {
    const { Messages: messages = [] } = await sdk.send(
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
        await sdk.send(new DeleteMessageCommand({ QueueUrl: deps.workQueueUrl, ReceiptHandle: receiptHandle }));
      }
      return [...failed];
    },
    attributes: async () => (await receive(deps.workQueueUrl)).map(({ attributes }) => attributes),
    counts: async () => {
      const { Attributes: counted = {} } = await sdk.send(
        new GetQueueAttributesCommand({ QueueUrl: deps.workQueueUrl, AttributeNames: ['All'] }),
      );
      return {
        visible: Number(counted.ApproximateNumberOfMessages),
        inFlight: Number(counted.ApproximateNumberOfMessagesNotVisible),
        delayed: Number(counted.ApproximateNumberOfMessagesDelayed),
      };
    },
    /** Ids of the webhooks that Lambda would be handed now. */
    visible: async (): Promise<readonly string[]> =>
      (await receive(deps.workQueueUrl)).map(({ body }) => JSON.parse(body).webhookId).sort(),
    [Symbol.asyncDispose]: async () => sdk.destroy(),
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
          restMsLeft: 0,
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

    expect(failed).toHaveLength(1);
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
      await queues.sdk.send(
        new DeleteMessageCommand({ QueueUrl: queues.workQueueUrl, ReceiptHandle: item.claim.receipt }),
      );
      expect(await queue.putBack(item.claim, 1000)).toBe('lost');
    });

    expect(failed).toHaveLength(1);
  });

  for (const { asked, delayed } of [
    { asked: 300, delayed: 1000 },
    { asked: -5, delayed: 0 },
    { asked: QUARTER_MS, delayed: QUARTER_MS },
  ]) {
    test(`delays a message for ${delayed} ms that is to rest for ${asked} ms, and counts its receives anew`, async () => {
      await using queues = await openQueues();
      await queues.send('evt_1');
      await queues.invoke(async ({ items: [item], queue }) => {
        if (item !== undefined) await queue.putBack(item.claim, 0);
      });
      queues.clock.advance(1);

      await queues.invoke(async ({ items: [item], queue }) => {
        expect(item?.claim.claimedTimes).toBe(2);
        if (item !== undefined) expect(await queue.retryIn(item.claim, asked)).toBe('settled');
      });

      if (delayed > 0) {
        queues.clock.advance(delayed - 1);
        expect(await queues.visible()).toEqual([]);
        queues.clock.advance(1);
      }
      await queues.invoke(async ({ items: [item] }) => {
        expect(item).toMatchObject({
          claim: { entry: entryOf('evt_1'), enqueuedAt: NOW, claimedTimes: 1 },
          restMsLeft: 0,
        });
      });
    });
  }

  test('lets a message rest for twelve hours in quarters of an hour, never due before its time, and keeps since when it waits', async () => {
    await using queues = await openQueues();
    await queues.send('evt_1');
    await queues.invoke(async ({ items: [item], queue }) => {
      if (item !== undefined) await queue.retryIn(item.claim, LIMITS.retryInMsMax);
    });
    let handedOut = 0;
    let dueAt: number | null = null;

    while (dueAt === null && queues.clock.now() < NOW + 2 * LIMITS.retryInMsMax) {
      queues.clock.advance(QUARTER_MS);
      await queues.invoke(async ({ items, queue }) => {
        for (const { claim, restMsLeft } of items) {
          handedOut += 1;
          expect(claim).toMatchObject({ entry: entryOf('evt_1'), enqueuedAt: NOW, claimedTimes: 1 });
          if (restMsLeft === 0) dueAt = queues.clock.now();
          else await queue.retryIn(claim, restMsLeft);
        }
      });
    }

    expect(dueAt).toBe(NOW + LIMITS.retryInMsMax);
    expect(handedOut).toBe(48);
  });

  test('regression: webhooks that rest, hundreds of them, leave no message in flight, of which a queue has room for 120,000', async () => {
    await using queues = await openQueues();
    await queues.send(...Array.from({ length: 200 }, (_, index) => `evt_${index}`));
    let rested = 0;

    while (rested < 200) {
      await queues.invoke(async ({ items, queue }) => {
        for (const { claim } of items) expect(await queue.retryIn(claim, 3 * QUARTER_MS)).toBe('settled');
        rested += items.length;
      });
    }

    expect(await queues.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 200 });
  });

  test('goes on with the trace of a message that rests', async () => {
    await using queues = await openQueues();
    const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    await createSqsQueue({ ...queues, traceHeader: () => HEADER }).enqueue(entryOf('evt_1'));
    await queues.invoke(async ({ items: [item], queue }) => {
      if (item !== undefined) await queue.retryIn(item.claim, 0);
    });

    expect(await queues.attributes()).toMatchObject([{ AWSTraceHeader: HEADER, MessageGroupId: 'stripe' }]);
  });

  test('has back soon what is not settled, when nobody is left to say how it ended', async () => {
    await using queues = await openQueues();
    await queues.send('evt_1', 'evt_2', 'evt_3');
    await queues.invoke(async ({ items, queue, hold }) => {
      for (const { claim } of items) if (claim.entry.webhookId === 'stripe:evt_1') await queue.complete(claim);
      await hold(60_000);
    });

    queues.clock.advance(59_999);
    expect(await queues.visible()).toEqual([]);
    queues.clock.advance(1);
    expect(await queues.visible()).toEqual(['stripe:evt_2', 'stripe:evt_3']);
  });

  test('tells a dead letter that was moved back by its revision', async () => {
    await using queues = await openQueues();
    await queues.send('evt_1');
    await queues.invoke(async ({ items: [item], queue }) => {
      if (item !== undefined) await queue.deadLetter(item.claim, 12);
    });
    const [body] = await queues.deadLetters();
    const moved = JSON.stringify(body);
    await queues.sdk.send(new SendMessageCommand({ QueueUrl: queues.workQueueUrl, MessageBody: moved }));

    await queues.invoke(async ({ items }) => {
      expect(items).toMatchObject([{ claim: { entry: entryOf('evt_1') }, deadLetteredRevision: 12 }]);
    });
  });

  test('keeps what is no pointer to a webhook until somebody sets it aside', async () => {
    await using queues = await openQueues();
    const body = JSON.stringify({ canary: 'what is this?' });
    await queues.sdk.send(new SendMessageCommand({ QueueUrl: queues.workQueueUrl, MessageBody: body }));
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
