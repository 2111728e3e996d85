/** A store with its queue apart from it, as on AWS, and the sweep over both. */
import { createMemoryLogger } from '../../src/adapters/memory/memory-recorders.ts';
import { createMemoryWaitingWebhooks } from '../../src/adapters/memory/memory-waiting-webhooks.ts';
import type { WaitingWebhooks } from '../../src/core/ports/waiting-webhooks.ts';
import { createSweep } from '../../src/process/sweep.ts';
import { detachQueue } from '../support/detached-queue.ts';
import type { Adapter } from './contract-tests.ts';
import { HOMES, type HomeHarness } from './homes.ts';
import type { WaitingWebhooksHarness } from './waiting-webhooks-contract.ts';

/** The claim and with it the only entry of its webhook are gone for good: what becomes of a message that expires. */
export const withSweep = <Home extends HomeHarness>(home: Home, waiting: WaitingWebhooks) => {
  const sweep = createSweep({ ...home, waiting, logger: createMemoryLogger(), onQueuedAgain: () => undefined });
  return {
    ...home,
    waiting,
    sweep,
    lose: async (claim: Parameters<Home['queue']['complete']>[0]) => void (await home.queue.complete(claim)),
  };
};

export const WAITING_WEBHOOKS: readonly Adapter<() => Promise<WaitingWebhooksHarness>>[] = HOMES.filter(
  ({ name }) => name === 'memory',
).map(({ name, open }) => ({
  name: `${name}, its queue apart`,
  open: async () => {
    const home = await open();
    const detached = { ...home, ...detachQueue(home, home.clock) };
    return withSweep(detached, createMemoryWaitingWebhooks(detached.store, 50));
  },
}));
