/** The webhook store on DynamoDB, beyond the contract: what its calls are, and what becomes of broken ones. */

import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { createDynamodbDataKeyItems } from '../../../src/adapters/aws/keys/data-key-items.ts';
import { createDynamodbWebhookStore } from '../../../src/adapters/aws/webhooks/webhook-store.ts';
import { createSystemRandomness } from '../../../src/adapters/system/system-randomness.ts';
import { NO_EFFECTS } from '../../../src/core/effects.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import type { StatusChange } from '../../../src/core/ports/webhook-store.ts';
import { NOW } from '../../support/clock.ts';
import { insertionOf } from '../../support/insertion.ts';
import { type DynamodbHarness, loseAnswerOf, useDynamodbHomes } from './dynamodb-homes.ts';

const open = useDynamodbHomes();

const { webhook } = insertionOf();
const paypal = (body = 'a', webhookId = 'paypal:WH-1') =>
  insertionOf({ provider: 'paypal', webhookId, bodySha256: body.repeat(64) }, { transmission: { id: 't-1' } });

const processed: StatusChange = {
  status: 'processed',
  attempts: 1,
  lastError: null,
  nextAttemptAt: null,
  effects: NO_EFFECTS,
  changedAt: NOW + 1,
  actor: { type: 'component', id: 'processor' },
  reason: null,
};

/** The names of the calls that the home makes from now on. */
const watchCalls = (home: DynamodbHarness): string[] => {
  const calls: string[] = [];
  home.client.middlewareStack.add(
    (next, context) => (args) => {
      calls.push(context.commandName ?? '');
      return next(args);
    },
    { step: 'initialize', name: 'watchCalls' },
  );
  return calls;
};

/** Answers the next calls with these errors, without asking the table; returns how many are left. */
const answerWith = (home: DynamodbHarness, ...errors: object[]): (() => number) => {
  const left = [...errors];
  home.client.middlewareStack.add(
    (next) => (args) => {
      const error = left.shift();
      if (error !== undefined) throw Object.assign(new Error('as DynamoDB answers'), error);
      return next(args);
    },
    { step: 'initialize', name: 'answerWith' },
  );
  return () => left.length;
};

const cancelled = (...codes: string[]) => ({
  name: 'TransactionCanceledException',
  CancellationReasons: codes.map((Code) => ({ Code })),
});

describe('calls of the webhook store on DynamoDB', () => {
  test('are one for an insert, and one for a duplicate with its status', async () => {
    await using home = await open();
    const calls = watchCalls(home);

    await home.store.insert(insertionOf());
    const duplicate = await home.store.insert(insertionOf());

    expect(calls).toEqual(['PutItemCommand', 'PutItemCommand']);
    expect(duplicate).toEqual({ outcome: 'duplicate', status: 'received', isQueued: false });
  });

  test('are one also where a transmission is remembered, for its duplicate and its forgery too', async () => {
    await using home = await open();
    const calls = watchCalls(home);

    const outcomes = [];
    for (const insertion of [paypal(), paypal(), paypal('b'), paypal('b', 'paypal:WH-2')]) {
      outcomes.push((await home.store.insert(insertion)).outcome);
    }

    expect(outcomes).toEqual(['inserted', 'duplicate', 'conflict', 'conflict']);
    expect(calls).toEqual(Array.from({ length: 4 }, () => 'TransactWriteItemsCommand'));
  });

  test('are two for a webhook that is read and then changed', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    const calls = watchCalls(home);

    const stored = await home.store.get(webhook);
    await home.store.change(webhook, stored!.revision, processed);

    expect(calls).toEqual(['GetItemCommand', 'UpdateItemCommand']);
  });
});

describe('a call of the webhook store on DynamoDB whose answer is lost', () => {
  test('is healed by repetition when it stored a webhook', async () => {
    await using home = await open();
    loseAnswerOf(home.client, 'PutItemCommand');

    await expect(home.store.insert(insertionOf())).rejects.toMatchObject({ code: 'store_unavailable' });

    expect(await home.store.insert(insertionOf())).toMatchObject({ outcome: 'duplicate', status: 'received' });
    await home.settle();
    expect(await home.auditLog.read(0, 10)).toHaveLength(1);
  });

  test('is healed by repetition when it stored a webhook and a transmission', async () => {
    await using home = await open();
    loseAnswerOf(home.client, 'TransactWriteItemsCommand');

    await expect(home.store.insert(paypal())).rejects.toMatchObject({ code: 'store_unavailable' });

    expect(await home.store.insert(paypal())).toMatchObject({ outcome: 'duplicate', status: 'received' });
  });

  test('leaves one change, which whoever repeats it is told to read again', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    loseAnswerOf(home.client, 'UpdateItemCommand');

    await expect(home.store.change(webhook, 1, processed)).rejects.toMatchObject({ code: 'store_unavailable' });

    expect(await home.store.change(webhook, 1, processed)).toEqual({ outcome: 'stale' });
    expect(await home.store.get(webhook)).toMatchObject({ status: 'processed', revision: 2 });
    await home.settle();
    expect(await home.auditLog.read(0, 10)).toHaveLength(2);
    expect(home.unexplained).toEqual([]);
  });

  test('has stored a data key, and may store it again', async () => {
    await using home = await open();
    const items = createDynamodbDataKeyItems({ client: home.client, tableName: home.webhookTable });
    loseAnswerOf(home.client, 'PutItemCommand');
    const wrapped = new Uint8Array([1, 0, 255]);

    await expect(items.put('key-1', wrapped)).rejects.toMatchObject({ code: 'store_unavailable' });
    await items.put('key-1', wrapped);

    expect(await items.get('key-1')).toEqual(wrapped);
    expect(await items.get('key-2')).toBeUndefined();
    await home.settle();
    expect(home.unexplained).toEqual([]);
  });
});

describe('trouble with DynamoDB', () => {
  test.each([
    { name: 'ProvisionedThroughputExceededException' },
    { name: 'ThrottlingException' },
    { name: 'RequestLimitExceeded' },
  ])('is called busy for $name', async (error) => {
    await using home = await open();
    answerWith(home, error);

    await expect(home.store.insert(insertionOf())).rejects.toMatchObject({ code: 'store_busy', isRetryable: true });
  });

  test.each([['ThrottlingError'], ['ProvisionedThroughputExceeded']])(
    'is called busy for a transaction that was cancelled with %s',
    async (code) => {
      await using home = await open();
      answerWith(home, cancelled('None', code));

      await expect(home.store.insert(paypal())).rejects.toMatchObject({ code: 'store_busy' });
    },
  );

  test('is called unavailable for anything else', async () => {
    await using home = await open();
    answerWith(home, { name: 'InternalServerError' }, cancelled('None', 'ItemCollectionSizeLimitExceeded'));

    await expect(home.store.insert(insertionOf())).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(home.store.insert(paypal())).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('is nothing when two transactions meet: the one that was told to come again does so', async () => {
    await using home = await open();
    const left = answerWith(home, cancelled('TransactionConflict', 'None'), cancelled('None', 'TransactionConflict'));

    expect(await home.store.insert(paypal())).toEqual({ outcome: 'inserted', isQueued: false });
    expect(left()).toBe(0);
  });

  test('ends after ten tries when transactions meet all the time', async () => {
    await using home = await open();
    const left = answerWith(home, ...Array.from({ length: 10 }, () => cancelled('TransactionConflict', 'None')));

    await expect(home.store.insert(paypal())).rejects.toMatchObject({ code: 'store_busy' });
    expect(left()).toBe(0);
  });

  test('says in one sentence that the table is not there, and what to do', async () => {
    await using home = await open();
    const store = createDynamodbWebhookStore({
      client: home.client,
      tableName: 'table-PaymentWebhooks-nowhere',
      randomness: createSystemRandomness(home.clock),
    });

    await expect(store.get(webhook)).rejects.toThrow(
      'table table-PaymentWebhooks-nowhere is not there (ResourceNotFoundException): deploy the stack first',
    );
  });

  test('says in one sentence which item was not written by Payhook', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    await home.client.send(
      new UpdateItemCommand({
        TableName: home.webhookTable,
        Key: { webhookId: { S: webhook.webhookId }, timestamp: { N: String(webhook.timestamp) } },
        UpdateExpression: 'SET #status = :status',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':status': { S: 'paid' } },
      }),
    );
    const damaged = { code: 'store_damaged', message: expect.stringContaining('item stripe:evt_1 of table webhooks-') };

    await expect(home.store.get(webhook)).rejects.toMatchObject(damaged);
    await expect(home.store.find(webhook.webhookId)).rejects.toMatchObject(damaged);
    await expect(home.store.list({ limit: 1 })).rejects.toMatchObject(damaged);
    await expect(home.store.insert(insertionOf())).rejects.toMatchObject(damaged);
  });
});

describe('large answers of DynamoDB', () => {
  test('are read to their end when webhooks of one id fill more than one', async () => {
    await using home = await open();
    const payload = { keyId: 'key-1', bytes: new Uint8Array(LIMITS.sealedBytesMax) };
    const timestamps = [5, 4, 3, 2, 1].map((age) => NOW - age);
    for (const timestamp of timestamps) await home.store.insert(insertionOf({ timestamp, payload }));

    const found = await home.store.find(webhook.webhookId);

    expect(found.map(({ timestamp }) => timestamp)).toEqual(timestamps.toReversed());
  });

  test('are asked for again where a list was answered in part', async () => {
    await using home = await open();
    const payload = { keyId: 'key-1', bytes: new Uint8Array(LIMITS.sealedBytesMax) };
    // 17 MB: one answer holds 16.
    const names = Array.from({ length: 50 }, (_, index) => `stripe:evt_${index}`);
    for (const [index, webhookId] of names.entries()) {
      await home.store.insert(insertionOf({ webhookId, payload, receivedAt: NOW - index }));
    }
    const calls = watchCalls(home);

    expect((await home.store.list({ limit: 50 })).items.map(({ webhookId }) => webhookId)).toEqual(names);
    expect(calls.filter((name) => name === 'BatchGetItemCommand').length).toBeGreaterThan(1);
  });
});

describe('lists of webhooks on DynamoDB', () => {
  /** A few at a time, so that none waits long for its turn, however slow the machine is. */
  const insertMany = async (home: DynamodbHarness, count: number): Promise<void> => {
    const left = Array.from({ length: count }, (_, index) =>
      insertionOf({ webhookId: `stripe:evt_${index}`, receivedAt: NOW + index }),
    );
    while (left.length > 0) await Promise.all(left.splice(0, 25).map((insertion) => home.store.insert(insertion)));
  };

  test('are in order over more webhooks than one page of an index and one batch hold', async () => {
    await using home = await open();
    await insertMany(home, 350);

    const listed = (await home.store.list({ limit: 330 })).items;

    expect(listed.map(({ webhookId }) => webhookId)).toEqual(
      Array.from({ length: 330 }, (_, index) => `stripe:evt_${349 - index}`),
    );
  });

  test('find what is rare among webhooks that are not asked for', async () => {
    await using home = await open();
    await home.store.insert(insertionOf({ webhookId: 'square:1', provider: 'square', receivedAt: NOW - 2 }));
    await home.store.insert(insertionOf({ webhookId: 'stripe:done', receivedAt: NOW - 1 }));
    await home.store.change({ webhookId: 'stripe:done', timestamp: webhook.timestamp }, 1, processed);
    await insertMany(home, 250);

    expect((await home.store.list({ provider: 'square', limit: 1 })).items).toMatchObject([{ webhookId: 'square:1' }]);
    expect((await home.store.list({ status: 'processed', limit: 1 })).items).toMatchObject([
      { webhookId: 'stripe:done' },
    ]);
    expect((await home.store.list({ status: 'ignored', limit: 1 })).items).toEqual([]);
  });

  test('say how far they looked rather than look at everything that was ever stored', async () => {
    await using home = await open();
    await insertMany(home, 250);
    const { list } = home.store;

    const first = await list({ status: 'processed', limit: 10, lookAtMax: 200 });
    expect(first).toMatchObject({ items: [], scannedUntil: NOW + 50 });
    const rest = await list({ status: 'processed', limit: 10, lookAtMax: 200, after: first.next ?? '' });
    expect(rest).toMatchObject({ items: [], next: null, scannedUntil: null });
  });

  test('ask only for what needs attention when that is asked for', async () => {
    await using home = await open();
    await insertMany(home, 120);
    const key = { webhookId: 'stripe:evt_0', timestamp: webhook.timestamp };
    await home.store.change(key, 1, { ...processed, status: 'dead_lettered' });
    const filter = { status: 'dead_lettered', limit: 10, lookAtMax: 5 } as const;

    expect((await home.store.list(filter)).items).toMatchObject([{ webhookId: 'stripe:evt_0' }]);
    await home.store.change(key, 2, { ...processed, status: 'received' });
    expect((await home.store.list(filter)).items).toEqual([]);
  });

  test('go on behind a webhook of one partition in all others, of one millisecond and of several', async () => {
    await using home = await open();
    await insertMany(home, 40);
    for (let index = 0; index < 40; index += 1) {
      await home.store.insert(insertionOf({ webhookId: `stripe:same_${index}`, receivedAt: NOW + 20 }));
    }
    const all = await home.store.list({ limit: 100 });
    expect(all.items).toHaveLength(80);

    for (const [index, after] of all.cursors.entries()) {
      const { items } = await home.store.list({ limit: 100, after, since: NOW, until: NOW + 40 });
      expect(items).toEqual(all.items.slice(index + 1));
    }
  });

  test('show neither transmissions nor data keys', async () => {
    await using home = await open();
    await home.store.insert(paypal());
    await createDynamodbDataKeyItems({ client: home.client, tableName: home.webhookTable }).put('1', new Uint8Array(1));

    expect((await home.store.list({ limit: 10 })).items).toMatchObject([{ webhookId: 'paypal:WH-1' }]);
    expect(await home.store.find('transmission:paypal:t-1')).toEqual([]);
    expect(await home.store.find('data-key:1')).toEqual([]);
  });
});
