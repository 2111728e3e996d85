import type { SQSEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../../test/support/clock.ts';
import { detachQueue } from '../../../test/support/detached-queue.ts';
import { createTestHome, LEASE_MS, stripeDelivery, type TestHomeOptions } from '../../../test/support/test-home.ts';
import type { SqsBatch, SqsBatchItem } from '../../adapters/aws/work-queue/batch-queue.ts';
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
  unknownType: () => {},
};
type Home = ReturnType<typeof createTestHome>;

const NO_EVENT: SQSEvent = { Records: [] };
const HANDLER_MS_MAX = 30_000;

const itemOf = (claim: Claim, overrides: Partial<Claim> = {}): SqsBatchItem => ({
  claim: { ...claim, claimedTimes: 1, ...overrides },
  deadLetteredRevision: null,
  restMsLeft: 0,
});

/** A home with stored webhooks, and its function over a batch that holds what a test puts into it. */
interface OpenOptions extends TestHomeOptions {
  readonly breakSetAside?: boolean;
  readonly onHold?: (ms: number) => Promise<void> | void;
  /** @default always five minutes */
  readonly remainingMs?: () => number;
}

const open = async (options: OpenOptions = {}) => {
  const clock = createTestClock();
  const { ports = (memory) => memory, ...others } = options;
  // As on AWS: the store leaves all queueing to its callers.
  const home = createTestHome({ ...others, clock, ports: (memory) => ports(detachQueue(memory, clock)) });
  const settled: string[] = [];
  const open = new Set<string>();
  const batch = {
    items: [] as SqsBatchItem[],
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
        open.delete(claim.receipt);
        return 'settled' as const;
      },
      putBack: async (claim: Claim, delayMs: number) => {
        settled.push(`put back ${claim.entry.webhookId} for ${delayMs} ms`);
        return 'settled' as const;
      },
    },
    async hold(ms: number) {
      await options.onHold?.(ms);
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
    processOn: (queue, alone) => home.processOn(queue, alone),
    handlerMsMax: HANDLER_MS_MAX,
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
      batch.items.push(itemOf(claim));
      open.add(claim.receipt);
    }
  };
  return {
    home,
    batch,
    settled,
    receive,
    run: () => processBatch(NO_EVENT, { getRemainingTimeInMillis: options.remainingMs ?? (() => 300_000) }),
    open,
  };
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
    expect((await home.store.list({ limit: 10 })).items.map(({ status }) => status)).toEqual([
      'processed',
      'processed',
    ]);
  });

  test('lets the message rest whose handler failed, and reports nothing as failed: all are settled', async () => {
    const { home, settled, receive, run } = await open({
      handler: ({ webhookId }) => {
        if (webhookId === 'stripe:evt_1') throw new Error('not today');
      },
    });
    await receive('evt_1', 'evt_2');

    expect(await run()).toEqual({ batchItemFailures: [] });

    expect(settled.sort()).toEqual(['complete stripe:evt_2', expect.stringMatching(/^retry stripe:evt_1 in \d+ ms$/)]);
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
    batch.items[0] = itemOf(item!.claim, { claimedTimes: 2 });
    await killTimes(home, LIMITS.brokenAttemptsMax);

    await run();

    expect(settled).toEqual([`dead letter stripe:evt_1 at revision ${LIMITS.brokenAttemptsMax + 2}`]);
    const [webhook] = await home.store.find('stripe:evt_1');
    expect(webhook).toMatchObject({ status: 'dead_lettered' });
    expect(webhook?.lastError).toContain('processing broke off 9 times');
  });

  test('lets a message rest for a while when a machine of ours broke', async () => {
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

    expect(await run()).toEqual({ batchItemFailures: [] });

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
    batch.items[0] = { ...item!, deadLetteredRevision: 2 };

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
    batch.items[0] = { ...item!, deadLetteredRevision: 1 };

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

/** Brings back the messages of these webhooks as an execution that died leaves them: received for the second time. */
const bringBack = ({ batch }: Pick<Awaited<ReturnType<typeof open>>, 'batch'>, ...ids: string[]): void => {
  batch.items.forEach((item, index) => {
    if (ids.includes(item.claim.entry.webhookId)) batch.items[index] = itemOf(item.claim, { claimedTimes: 2 });
  });
};

describe('processBatch, with messages that came back from an execution that died', () => {
  test('runs those that came for the first time together, and the others afterwards, one by one', async () => {
    const running = new Set<string>();
    const together: string[][] = [];
    const opened = await open({
      async handler({ webhookId }) {
        running.add(webhookId);
        together.push([...running].sort());
        await new Promise((resolve) => setImmediate(resolve));
        running.delete(webhookId);
      },
    });
    await opened.receive('evt_1', 'evt_2', 'evt_3', 'evt_4');
    bringBack(opened, 'stripe:evt_1', 'stripe:evt_2');

    expect(await opened.run()).toEqual({ batchItemFailures: [] });

    expect(together[1]).toEqual(['stripe:evt_3', 'stripe:evt_4']);
    expect(together.slice(2).sort()).toEqual([['stripe:evt_1'], ['stripe:evt_2']]);
    expect((await opened.home.store.list({ limit: 10 })).items).toMatchObject(Array(4).fill({ status: 'processed' }));
  });

  test('says of each that runs alone that its attempt has failed, before it starts', async () => {
    const before: unknown[] = [];
    const opened = await open({
      async handler({ webhookId }) {
        before.push(...(await opened.home.store.find(webhookId)));
      },
    });
    await opened.receive('evt_1');
    bringBack(opened, 'stripe:evt_1');

    await opened.run();

    expect(before).toMatchObject([{ status: 'retrying', attempts: 1, effects: { round: { brokenAttempts: 1 } } }]);
    expect(await opened.home.store.find('stripe:evt_1')).toMatchObject([
      { status: 'processed', attempts: 1, effects: { round: { brokenAttempts: 0 } } },
    ]);
  });

  test('also lets wait for its turn what took an execution down alone, whose message is received for the first time', async () => {
    const order: string[] = [];
    const opened = await open({
      async handler({ webhookId }) {
        await new Promise((resolve) => setImmediate(resolve));
        order.push(webhookId);
      },
    });
    await opened.receive('evt_1', 'evt_2');
    await killTimes(opened.home, 1);

    await opened.run();

    expect(order).toEqual(['stripe:evt_2', 'stripe:evt_1']);
  });

  test('puts back unblamed those for which no time is left, to be there again in a second', async () => {
    const called: string[] = [];
    let remainingMs = 300_000;
    const opened = await open({
      handler({ webhookId }) {
        called.push(webhookId);
        remainingMs = HANDLER_MS_MAX + LIMITS.aloneReserveMs - 1;
      },
      remainingMs: () => remainingMs,
    });
    await opened.receive('evt_1', 'evt_2', 'evt_3');
    bringBack(opened, 'stripe:evt_1', 'stripe:evt_2', 'stripe:evt_3');

    const { batchItemFailures } = await opened.run();

    expect(called).toHaveLength(1);
    expect(batchItemFailures).toHaveLength(2);
    expect(opened.settled.filter((one) => one.startsWith('put back') && one.endsWith(' 500 ms'))).toHaveLength(2);
    const left = (await opened.home.store.list({ limit: 10 })).items.filter(({ status }) => status !== 'processed');
    expect(left).toMatchObject([
      { status: 'received', attempts: 0 },
      { status: 'received', attempts: 0 },
    ]);
  });

  test('runs one even where handlers may take all the time that a function has', async () => {
    const opened = await open({ remainingMs: () => HANDLER_MS_MAX + LIMITS.aloneReserveMs });
    await opened.receive('evt_1');
    bringBack(opened, 'stripe:evt_1');

    expect(await opened.run()).toEqual({ batchItemFailures: [] });
  });

  test('has its messages back soon should it die: from the start of the batch, and again before each that runs alone', async () => {
    const held: string[] = [];
    const opened = await open({
      onHold: (ms) => void held.push(`hold ${ms}`),
      handler: ({ webhookId }) => void held.push(webhookId),
    });
    await opened.receive('evt_1', 'evt_2');
    bringBack(opened, 'stripe:evt_2');

    await opened.run();

    const hold = `hold ${HANDLER_MS_MAX + LIMITS.holdReserveMs}`;
    expect(held).toEqual([hold, 'stripe:evt_1', hold, 'stripe:evt_2']);
  });

  test('goes on when SQS does not take word of when they are to come back', async () => {
    const opened = await open({
      onHold: () => Promise.reject(new PayhookError('queue_unavailable', 'the queue is away')),
    });
    await opened.receive('evt_1', 'evt_2');
    bringBack(opened, 'stripe:evt_2');

    expect(await opened.run()).toEqual({ batchItemFailures: [] });

    expect(opened.home.logger.lines.filter(({ event }) => event === 'batch.not_held')).toHaveLength(2);
  });
});

describe('processBatch, with messages that rest for longer than SQS can delay them', () => {
  test('lets them rest on, and reads and attempts nothing', async () => {
    const { home, settled, receive, run, batch } = await open({
      ports: (memory) => ({
        ...memory,
        store: { ...memory.store, get: () => Promise.reject(new Error('was read')) },
      }),
    });
    await receive('evt_1');
    batch.items[0] = { ...batch.items[0]!, restMsLeft: 7_200_000 };

    expect(await run()).toEqual({ batchItemFailures: [] });

    expect(settled).toEqual(['retry stripe:evt_1 in 7200000 ms']);
    expect(await home.store.find('stripe:evt_1')).toMatchObject([{ status: 'received', attempts: 0 }]);
  });

  test('reports one that could not be sent again: it comes back, and rests on then', async () => {
    const { home, receive, run, batch } = await open();
    await receive('evt_1');
    batch.items[0] = { ...batch.items[0]!, restMsLeft: 7_200_000 };
    batch.queue.retryIn = () => Promise.reject(new PayhookError('queue_unavailable', 'the queue is away'));

    expect((await run()).batchItemFailures).toHaveLength(1);

    expect(home.logger.lines.map(({ event }) => event)).toContain('message.not_rested');
  });
});
