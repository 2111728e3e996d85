import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQS } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSqsDeadLetters } from '../../../src/adapters/aws/work-queue/dead-letters.ts';
import { writeDeadLetter } from '../../../src/adapters/aws/work-queue/message.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';

let moto: Moto;
let opened = 0;

beforeAll(async () => {
  moto = await startMoto();
});

afterAll(() => moto[Symbol.asyncDispose]());

// On the server's own clock: waiting for messages would never end on one that stands still.
const openDeadLetters = async (bodies: readonly string[]) => {
  opened += 1;
  const client = new SQS(emulatorClientOptions(moto.url));
  const { QueueUrl: deadLetterQueueUrl = '' } = await client.send(
    new CreateQueueCommand({ QueueName: `dead-letters-${opened}` }),
  );
  for (const body of bodies) {
    await client.send(new SendMessageCommand({ QueueUrl: deadLetterQueueUrl, MessageBody: body }));
  }
  return {
    deadLetters: createSqsDeadLetters({ client, deadLetterQueueUrl }),
    /** What anybody would be handed now. */
    visible: async (): Promise<readonly string[]> => {
      const seen: string[] = [];
      for (;;) {
        const { Messages: messages = [] } = await client.send(
          new ReceiveMessageCommand({ QueueUrl: deadLetterQueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
        );
        if (messages.length === 0) return seen.sort();
        seen.push(...messages.map(({ Body: body = '' }) => body));
      }
    },
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
};

const deadLetterOf = (name: string, revision = 2): string =>
  writeDeadLetter({ webhookId: `stripe:${name}`, timestamp: 0, provider: 'stripe', traceId: 'trace-1' }, revision);

describe('createSqsDeadLetters', () => {
  test('removes every copy of the webhooks that were put back and leaves the others to be seen at once', async () => {
    const others = Array.from({ length: 25 }, (_, index) => deadLetterOf(`other-${index}`));
    await using queue = await openDeadLetters([
      deadLetterOf('evt_1'),
      ...others,
      deadLetterOf('evt_2'),
      deadLetterOf('evt_1', 5),
      'no pointer at all',
    ]);

    await queue.deadLetters.forget(new Set(['stripe:evt_1', 'stripe:evt_2', 'stripe:never']));

    expect(await queue.deadLetters.count()).toBe(26);
    expect(await queue.visible()).toEqual([...others, 'no pointer at all'].sort());
  });

  test('asks for nothing when there is nothing to forget', async () => {
    const client = new SQS({ ...emulatorClientOptions('http://127.0.0.1:9'), maxAttempts: 1 });
    const deadLetters = createSqsDeadLetters({ client, deadLetterQueueUrl: 'http://127.0.0.1:9/1/dead-letters' });

    await expect(deadLetters.forget(new Set())).resolves.toBeUndefined();
  });

  test('finds nothing in an empty queue', async () => {
    await using queue = await openDeadLetters([]);

    await queue.deadLetters.forget(new Set(['stripe:evt_1']));

    expect(await queue.deadLetters.count()).toBe(0);
  });

  test('names the queue that cannot be asked', async () => {
    const client = new SQS(emulatorClientOptions(moto.url));
    const deadLetters = createSqsDeadLetters({ client, deadLetterQueueUrl: `${moto.url}/123456789012/missing` });

    await expect(deadLetters.forget(new Set(['stripe:evt_1']))).rejects.toMatchObject({
      code: 'queue_unavailable',
      message: expect.stringContaining('queue missing is not there'),
    });
    await expect(deadLetters.count()).rejects.toMatchObject({ code: 'queue_unavailable' });
  });
});
