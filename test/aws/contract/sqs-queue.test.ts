import { type Message, ReceiveMessageCommand, SendMessageCommand, type SQS } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/core/limits.ts';
import type { Claim, QueueEntry } from '../../../src/core/ports/queue.ts';
import type { HomeHarness } from '../../contract/homes.ts';
import { describeQueue } from '../../contract/queue-contract.ts';
import { NOW } from '../../support/clock.ts';
import { createClaimingSqsQueue } from './claiming-sqs-queue.ts';
import { SQS_QUEUE } from './sqs-queues.ts';

const { open: openSqs } = SQS_QUEUE.use();

const STANDARD_QUEUE = 'a standard queue of SQS';

describeQueue(SQS_QUEUE.name, openSqs, {
  skip: [
    {
      test: 'merges a webhook that is enqueued twice',
      reason: `${STANDARD_QUEUE} delivers it twice; processing asks the store before it acts`,
    },
    {
      test: 'hands out the entry that has been due the longest first',
      reason: `${STANDARD_QUEUE} keeps no order, and its delays are whole seconds`,
    },
    {
      test: 'counts what can be claimed now and what waits, and knows the oldest',
      reason: 'SQS does not tell when the oldest message was sent; the counts are tested below',
    },
    ...['complete', 'retryIn', 'putBack'].map((action) => ({
      test: `says lost and changes nothing for ${action} with the receipt of a lease that ran out`,
      reason: 'SQS may accept the receipt of an earlier claim: the lease is longer than a function can run',
    })),
    {
      test: 'says lost for complete with a claim that was completed before',
      reason: 'SQS answers a second removal as it did the first',
    },
    ...[
      'says lost for retryIn with a claim that was completed before',
      'regression: says lost for retryIn with a claim from before the webhook was enqueued anew',
    ].map((test) => ({
      test,
      reason:
        'a rest is a new message, and SQS removes the old one twice; the batch of a function knows what it has settled',
    })),
    {
      test: 'regression: says lost for complete with a claim from before the webhook was enqueued anew',
      reason: 'SQS answers a second removal as it did the first; that the new message stays is tested below',
    },
  ],
});

const ENTRY: QueueEntry = { webhookId: 'stripe:evt_1', timestamp: NOW - 5000, provider: 'stripe', traceId: 'trace-1' };
const LEASE_MS = LIMITS.leaseMs;

const claimOne = async ({ queue }: Pick<HomeHarness, 'queue'>): Promise<Claim> => {
  const [claim] = await queue.claim(1, LEASE_MS);
  if (claim === undefined) throw new Error('nothing was there to be claimed');
  return claim;
};

const receiveAll = async (client: SQS, queueUrl: string): Promise<readonly Message[]> => {
  const { Messages: messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return messages;
};

describe('createClaimingSqsQueue', () => {
  test('delivers a webhook twice that was enqueued twice', async () => {
    await using home = await openSqs();
    await home.queue.enqueue(ENTRY);
    await home.queue.enqueue(ENTRY);

    const claims = await home.queue.claim(10, LEASE_MS);

    expect(claims.map(({ entry }) => entry)).toEqual([ENTRY, ENTRY]);
    expect(await home.queue.depth()).toEqual({ ready: 0, waiting: 2, oldestEnqueuedAt: null });
  });

  test('counts what can be claimed now and what waits, and does not know the oldest', async () => {
    await using home = await openSqs();
    await home.queue.enqueue(ENTRY, 5000);
    for (const name of ['evt_2', 'evt_3', 'evt_4']) await home.queue.enqueue({ ...ENTRY, webhookId: name });

    await home.queue.claim(1, LEASE_MS);

    expect(await home.queue.depth()).toEqual({ ready: 2, waiting: 2, oldestEnqueuedAt: null });
    home.clock.advance(5000);
    expect(await home.queue.depth()).toEqual({ ready: 3, waiting: 1, oldestEnqueuedAt: null });
  });

  test('leaves the message of a webhook that was enqueued anew to its own claim', async () => {
    await using home = await openSqs();
    await home.queue.enqueue(ENTRY);
    const old = await claimOne(home);
    await home.queue.complete(old);
    await home.queue.enqueue(ENTRY);

    await home.queue.complete(old);

    expect((await claimOne(home)).entry).toEqual(ENTRY);
  });

  test('claims more than SQS hands out at once', async () => {
    await using home = await openSqs();
    const names = Array.from({ length: 23 }, (_, index) => `stripe:evt_${index}`);
    for (const webhookId of names) await home.queue.enqueue({ ...ENTRY, webhookId });

    const claims = await home.queue.claim(21, LEASE_MS);

    expect(new Set(claims.map(({ entry }) => entry.webhookId)).size).toBe(21);
    expect(await home.queue.claim(21, LEASE_MS)).toHaveLength(2);
  });

  test('counts how often a message was claimed, this time included', async () => {
    await using home = await openSqs();
    await home.queue.enqueue(ENTRY);

    const counts: (number | null)[] = [];
    for (let time = 1; time <= 3; time += 1) {
      counts.push((await claimOne(home)).claimedTimes);
      home.clock.advance(LEASE_MS);
    }

    expect(counts).toEqual([1, 2, 3]);
  });

  test('puts a dead letter on the queue for dead letters, with its revision, and takes it off the work queue', async () => {
    await using home = await openSqs();
    await home.queue.enqueue(ENTRY);

    expect(await home.queue.deadLetter(await claimOne(home), 7)).toBe('settled');

    home.clock.advance(10 * LEASE_MS);
    expect(await home.queue.claim(10, LEASE_MS)).toEqual([]);
    const [message] = await receiveAll(home.sdk, home.deadLetterQueueUrl);
    expect(JSON.parse(message?.Body ?? '')).toEqual({ v: 1, ...ENTRY, deadLetteredRevision: 7 });
  });

  test('puts what is no pointer to a webhook on the queue for dead letters, as it came', async () => {
    await using home = await openSqs();
    await home.sdk.send(new SendMessageCommand({ QueueUrl: home.workQueueUrl, MessageBody: 'canary, no JSON' }));
    await home.queue.enqueue(ENTRY);

    const claims = await home.queue.claim(10, LEASE_MS);

    expect(claims.map(({ entry }) => entry)).toEqual([ENTRY]);
    expect((await receiveAll(home.sdk, home.deadLetterQueueUrl)).map(({ Body }) => Body)).toEqual(['canary, no JSON']);
  });

  const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

  test('sends the trace header of the invocation, and each provider as a group of its own', async () => {
    await using home = await openSqs({ traceHeader: () => HEADER });

    await home.queue.enqueue(ENTRY);

    const [message] = await receiveAll(home.sdk, home.workQueueUrl);
    expect(message?.Attributes).toMatchObject({ AWSTraceHeader: HEADER, MessageGroupId: 'stripe' });
  });

  for (const header of [undefined, '', 'Root=1-nonsense', `${HEADER}\nforged`, `${HEADER};${'x'.repeat(2000)}`]) {
    test(`sends no trace header that is none: “${header?.slice(0, 20)}”`, async () => {
      await using home = await openSqs({ traceHeader: () => header });

      await home.queue.enqueue(ENTRY);

      const [message] = await receiveAll(home.sdk, home.workQueueUrl);
      expect(message?.Body).toBeDefined();
      expect(message?.Attributes).not.toHaveProperty('AWSTraceHeader');
    });
  }

  test('rounds a delay up to the whole seconds of SQS: never before it is due', async () => {
    await using home = await openSqs();
    await home.queue.enqueue(ENTRY, 300);

    home.clock.advance(999);
    expect(await home.queue.claim(1, LEASE_MS)).toEqual([]);
    home.clock.advance(1);
    expect(await home.queue.claim(1, LEASE_MS)).toHaveLength(1);
  });

  test('refuses a delay that SQS cannot keep', async () => {
    await using home = await openSqs();

    await expect(home.queue.enqueue(ENTRY, 901_000)).rejects.toThrow('SQS delays by 0 to 900 seconds');
  });

  test('says what to do when the queue is not there', async () => {
    await using home = await openSqs();
    const queue = createClaimingSqsQueue({ ...home, workQueueUrl: `${home.workQueueUrl}-missing` });

    await expect(queue.enqueue(ENTRY)).rejects.toMatchObject({
      code: 'queue_unavailable',
      message: expect.stringMatching(/^queue work-\d+-missing is not there .* deploy the stack first/),
    });
  });
});
