import type { SQSEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../../test/support/clock.ts';
import { detachQueue } from '../../../test/support/detached-queue.ts';
import { createTestHome, LEASE_MS, stripeDelivery, type TestHomeOptions } from '../../../test/support/test-home.ts';
import type { SqsBatch } from '../../adapters/aws/work-queue/batch-queue.ts';
import type { UnreadableMessage } from '../../adapters/aws/work-queue/open-records.ts';
import { readRecord, webhookChain } from '../../audit/audit.ts';
import { PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Claim } from '../../core/ports/queue.ts';
import { beginAlone } from '../../process/alone.ts';
import { createReplay } from '../../process/replay.ts';
import { createProcessBatch } from './process-batch.ts';

const metrics: Metrics = {
  delivery: () => {},
  attempt: () => {},
  destination: () => {},
  cardDataFound: () => {},
  duplicateDiffers: () => {},
};
type Home = ReturnType<typeof createTestHome>;

const NO_EVENT: SQSEvent = { Records: [] };

/** A home with stored webhooks, and its function over a batch that holds what a test puts into it. */
const open = async (options: TestHomeOptions & { readonly breakSetAside?: boolean } = {}) => {
  const clock = createTestClock();
  const { ports = (memory) => memory, ...others } = options;
  // As on AWS: the store leaves all queueing to its callers.
  const home = createTestHome({ ...others, clock, ports: (memory) => ports(detachQueue(memory, clock)) });
  const settled: string[] = [];
  const open = new Set<string>();
  const batch = {
    items: [] as { claim: Claim; deadLetteredRevision: number | null }[],
    unreadable: [] as UnreadableMessage[],
    queue: {
      ...home.queue,
      complete: async (claim: Claim) => {
        settled.push(`complete ${claim.entry.webhookId}`);
        open.delete(claim.receipt);
        return 'settled' as const;
      },
      deadLetter: async (claim: Claim, revision: number) => {
        settled.push(`dead letter ${claim.entry.webhookId} at revision ${revision}`);
        open.delete(claim.receipt);
        return 'settled' as const;
      },
      retryIn: async (claim: Claim, delayMs: number) => {
        settled.push(`retry ${claim.entry.webhookId} in ${delayMs} ms`);
        return 'settled' as const;
      },
    },
    setAside: async ({ messageId }: UnreadableMessage) => {
      if (options.breakSetAside === true) throw new PayhookError('queue_unavailable', 'the queue is away');
      settled.push(`set aside ${messageId}`);
      open.delete(messageId);
    },
    failures: () => [...open].map((itemIdentifier) => ({ itemIdentifier })),
  } satisfies SqsBatch;
  const processBatch = createProcessBatch({
    openBatch: () => batch,
    processOn: (queue) => home.processOn(queue),
    store: home.store,
    redrive: createReplay(home),
    randomness: { fraction: () => 0.5 },
    clock: home.clock,
    drainAlerts: async () => {},
    logger: home.logger,
    metrics,
  });
  /** Delivers events and puts their messages into the batch. */
  const receive = async (...ids: string[]): Promise<void> => {
    for (const id of ids) await home.deliver(stripeDelivery(home.clock, id));
    for (const claim of await home.queue.claim(10, LEASE_MS)) {
      batch.items.push({ claim: { ...claim, claimedTimes: 1 }, deadLetteredRevision: null });
      open.add(claim.receipt);
    }
  };
  return { home, batch, settled, receive, run: () => processBatch(NO_EVENT), open };
};

/** What is left of as many attempts alone after which nobody was there to say how they ended. */
const killTimes = async ({ store, clock }: Home, times: number): Promise<void> => {
  for (let time = 0; time < times; time += 1) {
    const [webhook] = await store.find('stripe:evt_1');
    if (webhook === undefined) throw new Error('nothing is stored');
    const begun = beginAlone(webhook, clock.now(), { type: 'component', id: 'processor' });
    await store.change(webhook, webhook.revision, begun);
  }
};

describe('processBatch', () => {
  test('processes every message of the batch and reports none as failed', async () => {
    const { home, settled, receive, run } = await open();
    await receive('evt_1', 'evt_2');

    expect(await run()).toEqual({ batchItemFailures: [] });

    expect(settled.sort()).toEqual(['complete stripe:evt_1', 'complete stripe:evt_2']);
    expect((await home.store.list({ limit: 10 })).map(({ status }) => status)).toEqual(['processed', 'processed']);
  });

  test('reports only the message whose handler failed, after hiding it for its backoff', async () => {
    const { home, settled, receive, run, batch } = await open({
      handler: ({ webhookId }) => {
        if (webhookId === 'stripe:evt_1') throw new Error('not today');
      },
    });
    await receive('evt_1', 'evt_2');

    const { batchItemFailures } = await run();

    const failed = batch.items.find(({ claim }) => claim.entry.webhookId === 'stripe:evt_1');
    expect(batchItemFailures).toEqual([{ itemIdentifier: failed?.claim.receipt }]);
    expect(settled).toContain('complete stripe:evt_2');
    const [retrying] = await home.store.find('stripe:evt_1');
    expect(retrying).toMatchObject({ status: 'retrying', attempts: 1 });
  });

  test('puts what is given up on the dead-letter queue, with the revision that it has as dead letter', async () => {
    const { settled, receive, run } = await open({
      handler: () => ({ outcome: 'give_up', reason: 'unknown account' }),
    });
    await receive('evt_1');

    expect(await run()).toEqual({ batchItemFailures: [] });

    expect(settled).toEqual(['dead letter stripe:evt_1 at revision 2']);
  });

  test('gives up on a webhook that kills whoever processes it, and says so', async () => {
    const { home, settled, receive, run, batch } = await open();
    await receive('evt_1');
    const [item] = batch.items;
    batch.items[0] = { claim: { ...item!.claim, claimedTimes: 2 }, deadLetteredRevision: null };
    await killTimes(home, LIMITS.brokenAttemptsMax);

    await run();

    expect(settled).toEqual([`dead letter stripe:evt_1 at revision ${LIMITS.brokenAttemptsMax + 2}`]);
    const [webhook] = await home.store.find('stripe:evt_1');
    expect(webhook).toMatchObject({ status: 'dead_lettered' });
    expect(webhook?.lastError).toContain('processing broke off 9 times');
  });

  test('hides a message for a while, and reports it, when a machine of ours broke', async () => {
    const { home, settled, receive, run } = await open({
      ports: (memory) => ({
        ...memory,
        store: {
          ...memory.store,
          get: async () => {
            throw new PayhookError('store_busy', 'the table is busy');
          },
        },
      }),
    });
    await receive('evt_1');

    expect((await run()).batchItemFailures).toHaveLength(1);

    expect(settled).toEqual(['retry stripe:evt_1 in 2500 ms']);
    expect(home.logger.lines.filter(({ event }) => event === 'attempt.broken')).toHaveLength(1);
  });

  test('takes a dead letter that was moved back by SQS for a redrive, audited', async () => {
    const { home, settled, receive, run, batch } = await open({
      handler: () => ({ outcome: 'give_up', reason: 'no' }),
    });
    await receive('evt_1');
    await run();
    const [item] = batch.items;
    batch.items[0] = { claim: item!.claim, deadLetteredRevision: 2 };

    await run();

    expect(settled.at(-1)).toBe('complete stripe:evt_1');
    const [webhook] = await home.store.find('stripe:evt_1');
    expect(webhook).toMatchObject({ status: 'received', attempts: 0 });
    const entries = await home.auditLog.chain(webhookChain('stripe:evt_1', webhook!.timestamp), 10);
    expect(entries.map(readRecord).at(-1)).toMatchObject({
      event: 'REDRIVEN',
      actor: { type: 'operator', id: 'sqs-redrive' },
    });
  });

  test('lets a dead letter be that was put back before it was moved back', async () => {
    const { home, settled, receive, run, batch } = await open({
      handler: () => ({ outcome: 'give_up', reason: 'no' }),
    });
    await receive('evt_1');
    await run();
    const [item] = batch.items;
    batch.items[0] = { claim: item!.claim, deadLetteredRevision: 1 };

    await run();

    expect(settled.at(-1)).toBe('complete stripe:evt_1');
    expect(await home.store.find('stripe:evt_1')).toMatchObject([{ status: 'dead_lettered', revision: 2 }]);
  });

  test('sets aside what is no pointer to a webhook', async () => {
    const { batch, settled, run, open: unsettled } = await open();
    batch.unreadable.push({ messageId: 'message-1', reason: 'not JSON' });
    unsettled.add('message-1');

    expect(await run()).toEqual({ batchItemFailures: [] });
    expect(settled).toEqual(['set aside message-1']);
  });

  test('reports a message that could not even be set aside', async () => {
    const { home, batch, run, open: unsettled } = await open({ breakSetAside: true });
    batch.unreadable.push({ messageId: 'message-1', reason: 'not JSON' });
    unsettled.add('message-1');

    expect(await run()).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] });
    expect(home.logger.lines.map(({ event }) => event)).toEqual(['message.unreadable', 'message.not_set_aside']);
  });
});
