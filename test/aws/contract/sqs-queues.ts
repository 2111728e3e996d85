/** Work queues on SQS, each with its queue for dead letters, on a clock that tests move. */
import { CreateQueueCommand, SQS } from '@aws-sdk/client-sqs';
import type { SqsQueueDeps } from '../../../src/adapters/aws/work-queue/queue.ts';
import { createMemoryHome } from '../../../src/adapters/memory/memory-home.ts';
import type { HomeHarness } from '../../contract/homes.ts';
import { createTestClock } from '../../support/clock.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { signedCalls } from '../tools/signed-clients.ts';
import { createClaimingSqsQueue } from './claiming-sqs-queue.ts';
import { emulated } from './emulated-adapter.ts';
import { useMoto } from './use-moto.ts';

const useSqsQueues = () => {
  const moto = useMoto();
  let opened = 0;

  const createQueue = async (client: SQS, name: string): Promise<string> => {
    const { QueueUrl: url = '' } = await client.send(new CreateQueueCommand({ QueueName: name }));
    return url;
  };

  const open = async (overrides: Pick<SqsQueueDeps, 'traceHeader'> = {}) => {
    opened += 1;
    const clock = createTestClock();
    const sdk = new SQS(emulatorClientOptions(moto().url));
    moto().follow(sdk, clock);
    const { sqs: client } = signedCalls(moto().url, { before: () => moto().setClock(clock.now()) });
    const workQueueUrl = await createQueue(sdk, `work-${opened}`);
    const deadLetterQueueUrl = await createQueue(sdk, `dead-letters-${opened}`);
    const deps = { client, sdk, workQueueUrl, deadLetterQueueUrl, clock, ...overrides };
    const { store, auditLog, webhooks } = createMemoryHome(clock);
    return {
      ...deps,
      store,
      auditLog,
      webhooks,
      queue: createClaimingSqsQueue(deps),
      [Symbol.asyncDispose]: async () => sdk.destroy(),
    } satisfies HomeHarness & SqsQueueDeps;
  };
  return { open };
};

export const SQS_QUEUE = emulated('SQS', useSqsQueues);
