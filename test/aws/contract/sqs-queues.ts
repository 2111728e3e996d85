/** Work queues on SQS, each with its queue for dead letters, on a clock that tests move. */
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SqsQueueDeps } from '../../../src/adapters/aws/work-queue/queue.ts';
import { createMemoryHome } from '../../../src/adapters/memory/memory-home.ts';
import type { HomeHarness } from '../../contract/homes.ts';
import { createTestClock } from '../../support/clock.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { createClaimingSqsQueue } from './claiming-sqs-queue.ts';
import { emulated } from './emulated-adapter.ts';
import { useMoto } from './use-moto.ts';

const useSqsQueues = () => {
  const moto = useMoto();
  let opened = 0;

  const createQueue = async (client: SQSClient, name: string): Promise<string> => {
    const { QueueUrl: url = '' } = await client.send(new CreateQueueCommand({ QueueName: name }));
    return url;
  };

  const open = async (overrides: Pick<SqsQueueDeps, 'traceHeader'> = {}) => {
    opened += 1;
    const clock = createTestClock();
    const client = new SQSClient(emulatorClientOptions(moto().url));
    moto().follow(client, clock);
    const workQueueUrl = await createQueue(client, `work-${opened}`);
    const deadLetterQueueUrl = await createQueue(client, `dead-letters-${opened}`);
    const deps = { client, workQueueUrl, deadLetterQueueUrl, clock, ...overrides };
    const { store, auditLog, webhooks } = createMemoryHome(clock);
    return {
      ...deps,
      store,
      auditLog,
      webhooks,
      queue: createClaimingSqsQueue(deps),
      [Symbol.asyncDispose]: async () => client.destroy(),
    } satisfies HomeHarness & SqsQueueDeps;
  };
  return { open };
};

export const SQS_QUEUE = emulated('SQS', useSqsQueues);
