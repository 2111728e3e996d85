/** The audit trail on DynamoDB: what the change feed makes of the table's stream, and what a check of it finds. */
import { DeleteItemCommand, PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { readChange, type StreamRecord } from '../../../src/adapters/aws/change-feed.ts';
import { createDynamodbAuditLog } from '../../../src/adapters/aws/dynamodb-audit-log.ts';
import { createDynamodbWebhookStore } from '../../../src/adapters/aws/dynamodb-webhook-store.ts';
import { createMemoryDigestAnchor, createMemoryDigestSigner } from '../../../src/adapters/memory/memory-digest-keys.ts';
import { createMemoryLogger } from '../../../src/adapters/memory/memory-recorders.ts';
import { createSystemRandomness } from '../../../src/adapters/system/system-randomness.ts';
import { HOME_CHAIN, OPERATORS_CHAIN, readRecord, webhookChain } from '../../../src/core/audit.ts';
import { createCheckAudit } from '../../../src/core/audit-check.ts';
import { createCloseDigests } from '../../../src/core/audit-digests.ts';
import { NOW } from '../../support/clock.ts';
import { insertionOf } from '../../support/insertion.ts';
import { type DynamodbHarness, useDynamodbHomes } from './dynamodb-homes.ts';

const openHome = useDynamodbHomes();

const FEED_GRACE_MS = 61_000;

const open = async () => {
  const home = await openHome();
  const { auditLog, clock } = home;
  const deps = { auditLog, signer: createMemoryDigestSigner(), anchor: createMemoryDigestAnchor() };
  return Object.assign(home, {
    check: createCheckAudit(deps),
    closeDigests: createCloseDigests({ ...deps, clock, logger: createMemoryLogger() }),
  });
};

const insertAll = async (home: DynamodbHarness, ...names: string[]): Promise<void> => {
  for (const name of names)
    await home.store.insert(insertionOf({ webhookId: `stripe:${name}`, providerEventId: name }));
};

const process = (home: DynamodbHarness, name: string, revision = 1) =>
  home.store.change(insertionOf({ webhookId: `stripe:${name}` }).webhook, revision, {
    status: 'processed',
    attempts: 1,
    lastError: null,
    nextAttemptAt: null,
    changedAt: home.clock.now(),
    actor: { type: 'component', id: 'processor' },
    reason: null,
  });

const keyOf = (name: string) => ({
  webhookId: { S: `stripe:${name}` },
  timestamp: { N: String(insertionOf().webhook.timestamp) },
});

describe('the audit trail on DynamoDB', () => {
  test('is whole after webhooks were stored and processed, with and without digests', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1', 'evt_2');
    await process(home, 'evt_1');
    await home.settle();
    await home.closeDigests();
    await process(home, 'evt_2');
    await home.settle();

    expect(await home.check()).toEqual({ outcome: 'whole', entries: 4, digests: 1, undigested: 1 });
    expect(home.unexplained).toEqual([]);
  });

  const TAMPERINGS: readonly [string, string, (home: DynamodbHarness) => Promise<unknown>][] = [
    [
      'a status that was set by hand',
      'changed_without_entry',
      (home) =>
        home.client.send(
          new UpdateItemCommand({
            TableName: home.webhookTable,
            Key: keyOf('evt_1'),
            UpdateExpression: 'SET #status = :status',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':status': { S: 'processed' } },
          }),
        ),
    ],
    [
      'a payload that was exchanged',
      'changed_without_entry',
      (home) =>
        home.client.send(
          new UpdateItemCommand({
            TableName: home.webhookTable,
            Key: keyOf('evt_1'),
            UpdateExpression: 'SET payload = :payload',
            ExpressionAttributeValues: { ':payload': { B: new Uint8Array([6, 6, 6]) } },
          }),
        ),
    ],
    [
      'a revision that was counted up without the hash that belongs to it',
      'changed_without_entry',
      (home) =>
        home.client.send(
          new UpdateItemCommand({
            TableName: home.webhookTable,
            Key: keyOf('evt_1'),
            UpdateExpression: 'SET revision = :two, #status = :status, changes = :changes',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':two': { N: '2' },
              ':status': { S: 'processed' },
              ':changes': { L: [{ N: String(NOW) }] },
            },
          }),
        ),
    ],
    [
      'an attribute that is not understood',
      'item_not_understood',
      (home) =>
        home.client.send(
          new UpdateItemCommand({
            TableName: home.webhookTable,
            Key: keyOf('evt_1'),
            UpdateExpression: 'SET #mode = :mode',
            ExpressionAttributeNames: { '#mode': 'mode' },
            ExpressionAttributeValues: { ':mode': { S: 'make-believe' } },
          }),
        ),
    ],
    [
      'a webhook that was removed by hand',
      'removed',
      (home) => home.client.send(new DeleteItemCommand({ TableName: home.webhookTable, Key: keyOf('evt_1') })),
    ],
    [
      'a webhook that was invented',
      'item_not_understood',
      (home) =>
        home.client.send(
          new PutItemCommand({
            TableName: home.webhookTable,
            Item: { ...keyOf('evt_forged'), provider: { S: 'stripe' }, status: { S: 'processed' } },
          }),
        ),
    ],
  ];
  for (const [what, reason, tamper] of TAMPERINGS) {
    test(`has an entry of its own for ${what}`, async () => {
      await using home = await open();
      await insertAll(home, 'evt_1');
      await home.settle();

      await tamper(home);
      await home.settle();

      const [entry] = await home.auditLog.latest(1);
      expect(entry && readRecord(entry)).toMatchObject({ event: 'UNEXPLAINED_CHANGE', outcome: 'failure', reason });
      expect(home.unexplained).toHaveLength(1);
    });
  }

  test('tells a webhook whose retention has ended from one that somebody removed', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1');
    await home.client.send(new DeleteItemCommand({ TableName: home.webhookTable, Key: keyOf('evt_1') }));
    await home.settle();
    const removal = home.fed.at(-1) as StreamRecord;

    const byTimeToLive = readChange({ ...removal, userIdentity: { principalId: 'dynamodb.amazonaws.com' } });

    const entries = byTimeToLive.kind === 'entries' ? byTimeToLive.entries : [];
    expect(entries.map(({ text }) => JSON.parse(text))).toMatchObject([
      { event: 'DELETED', seq: 2, reason: 'retention_ended', change: { from: 'received', to: 'deleted' } },
    ]);
    expect(readChange(removal)).toMatchObject({ kind: 'unexplained', draft: { reason: 'removed' } });
  });

  test('reads what Lambda hands over, where bytes are base64 and times are seconds, the same way', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1');
    await process(home, 'evt_1');
    await home.settle();

    const asJson = home.fed.map((record) => ({
      ...record,
      dynamodb: JSON.parse(
        JSON.stringify({ ...record.dynamodb, ApproximateCreationDateTime: NOW / 1000 }, (_, value) =>
          value instanceof Uint8Array || value?.type === 'Buffer'
            ? Buffer.from(value.data ?? value).toString('base64')
            : value !== null && typeof value === 'object' && value.B !== undefined
              ? { B: Buffer.from(value.B).toString('base64') }
              : value,
        ),
      ),
    }));

    expect(asJson.map((record) => readChange(record))).toEqual(home.fed.map((record) => readChange(record)));
  });

  test('stays whole when the stream hands the same records out again, also after later ones', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1', 'evt_2');
    await process(home, 'evt_1');
    await home.settle();
    const again = home.fed.flatMap((record) => {
      const change = readChange(record);
      return change.kind === 'entries' ? change.entries : [];
    });

    await home.auditLog.appendLinked(again);

    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 6 });
    await home.closeDigests();
    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 6, undigested: 0 });
    const { webhookId, timestamp } = insertionOf().webhook;
    const chain = await home.auditLog.chain(webhookChain(webhookId, timestamp), 10);
    expect(chain.map((entry) => readRecord(entry).seq)).toEqual([1, 2]);
  });

  test('shows that its end was cut off: the webhooks know more than it says', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1', 'evt_2');
    await home.settle();
    const { Items: runs = [] } = await home.client.send(
      new QueryCommand({
        TableName: home.auditTable,
        KeyConditionExpression: 'part = :runs',
        ExpressionAttributeValues: { ':runs': { S: 'runs' } },
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    const { part, number } = runs[0] ?? {};
    await home.client.send(
      new DeleteItemCommand({ TableName: home.auditTable, Key: { part: part!, number: number! } }),
    );

    expect(await home.check(), 'the feed may simply be late').toMatchObject({ outcome: 'whole' });
    home.clock.advance(FEED_GRACE_MS);

    expect(await home.check()).toMatchObject({ outcome: 'broken', problem: { kind: 'truncated' } });
  });

  test('gives no position twice and leaves none out when appenders race', async () => {
    await using home = await open();
    const { client, auditTable, webhookTable, clock } = home;
    const others = Array.from({ length: 4 }, () =>
      createDynamodbAuditLog({ client, auditTable, webhookTable, clock, randomness: createSystemRandomness(clock) }),
    );
    const draft = {
      at: NOW,
      actor: { type: 'operator', id: 'ada' },
      event: 'PAYLOAD_READ',
      outcome: 'success',
      reason: null,
      origin: { sourceAddress: null, requestId: null, traceId: null },
      resource: { type: 'webhook', id: 'stripe:evt_1' },
      change: null,
      count: 1,
    } as const;

    await Promise.all(
      others.flatMap((log) =>
        Array.from({ length: 5 }, () =>
          log.append([
            { ...draft, chainId: OPERATORS_CHAIN },
            { ...draft, chainId: HOME_CHAIN },
          ]),
        ),
      ),
    );

    const entries = await home.auditLog.read(0, 100);
    expect(entries.map(({ position }) => position)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 40 });
  });
});

describe('storing a webhook on DynamoDB', () => {
  /** Counts the calls of a client, and lets a test lose the answer of one. */
  const watch = (home: DynamodbHarness, lose: { next: boolean } = { next: false }): string[] => {
    const calls: string[] = [];
    home.client.middlewareStack.add(
      (next, context) => async (args) => {
        calls.push(context.commandName ?? '');
        const answer = await next(args);
        if (!lose.next) return answer;
        lose.next = false;
        throw Object.assign(new Error('the connection broke'), { name: 'TimeoutError' });
      },
      { step: 'initialize', name: 'watch' },
    );
    return calls;
  };

  test('takes one call, and so does a duplicate with its status', async () => {
    await using home = await open();
    const calls = watch(home);

    await home.store.insert(insertionOf());
    const duplicate = await home.store.insert(insertionOf());

    expect(calls).toEqual(['PutItemCommand', 'PutItemCommand']);
    expect(duplicate).toEqual({ outcome: 'duplicate', status: 'received', isQueued: false });
  });

  test('takes one call also where a transmission is remembered', async () => {
    await using home = await open();
    const calls = watch(home);

    await home.store.insert(
      insertionOf({ provider: 'paypal', webhookId: 'paypal:WH-1' }, { transmission: { id: 't-1' } }),
    );

    expect(calls).toEqual(['TransactWriteItemsCommand']);
  });

  test('is healed by repetition when the answer was lost after the webhook was stored', async () => {
    await using home = await open();
    const lose = { next: true };
    watch(home, lose);

    await expect(home.store.insert(insertionOf())).rejects.toMatchObject({ code: 'store_unavailable' });

    expect(await home.store.insert(insertionOf())).toMatchObject({ outcome: 'duplicate', status: 'received' });
    await home.settle();
    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 1 });
  });

  test('says in one sentence that the table is not there, and what to do', async () => {
    await using home = await open();
    const store = createDynamodbWebhookStore({
      client: home.client,
      tableName: 'table-PaymentWebhooks-nowhere',
      randomness: createSystemRandomness(home.clock),
    });

    await expect(store.get(insertionOf().webhook)).rejects.toThrow(
      'table table-PaymentWebhooks-nowhere is not there (ResourceNotFoundException): deploy the stack first',
    );
  });
});
