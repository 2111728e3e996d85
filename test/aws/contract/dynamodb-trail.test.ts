/** The audit trail on DynamoDB: what the change feed makes of the table's stream, and what a check of it finds. */

import { DeleteItemCommand, PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { APPEND_DRAFTS_MAX, createDynamodbAuditLog } from '../../../src/adapters/aws/audit/audit-log.ts';
import { readChange, type StreamRecord } from '../../../src/adapters/aws/audit/change-feed.ts';
import { createMemoryDigestAnchor, createMemoryDigestSigner } from '../../../src/adapters/memory/memory-digest-keys.ts';
import { createMemoryLogger } from '../../../src/adapters/memory/memory-recorders.ts';
import { createSystemRandomness } from '../../../src/adapters/system/system-randomness.ts';
import { HOME_CHAIN, JOBS_CHAIN, OPERATORS_CHAIN, readRecord, webhookChain } from '../../../src/audit/audit.ts';
import { createCheckAudit } from '../../../src/audit/check.ts';
import { createCloseDigests } from '../../../src/audit/digests.ts';
import { NO_EFFECTS } from '../../../src/core/effects.ts';
import type { Job, JobPreview } from '../../../src/jobs/job.ts';
import { entryForJob } from '../../../src/jobs/job-entry.ts';
import { NOW } from '../../support/clock.ts';
import { insertionOf } from '../../support/insertion.ts';
import { type DynamodbHarness, loseAnswerOf, useDynamodbHomes } from './dynamodb-homes.ts';

const openHome = useDynamodbHomes();

const FEED_GRACE_MS = 61_000;

const open = async () => {
  const home = await openHome();
  const { auditLog, webhooks, clock } = home;
  const deps = { auditLog, webhooks, signer: createMemoryDigestSigner(), anchor: createMemoryDigestAnchor() };
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
    effects: NO_EFFECTS,
    changedAt: home.clock.now(),
    actor: { type: 'component', id: 'processor' },
    reason: null,
  });

const keyOf = (name: string) => ({
  webhookId: { S: `stripe:${name}` },
  timestamp: { N: String(insertionOf().webhook.timestamp) },
});

const DRAFT = {
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

const removeNewestRun = async (home: DynamodbHarness): Promise<void> => {
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
  await home.client.send(new DeleteItemCommand({ TableName: home.auditTable, Key: { part: part!, number: number! } }));
};

describe('the audit trail on DynamoDB', () => {
  test('takes the entries of any number of jobs', async () => {
    await using home = await open();
    const { actor } = DRAFT;
    const asked = { event: 'JOB_REQUESTED', from: null, to: 'running', actor, at: NOW, reason: null } as const;

    for (let id = 1; id <= 30; id += 1) {
      const job = {
        id: `job-${id}`,
        preview: { webhooks: 1 } as JobPreview,
        previewHash: 'f',
        work: { kind: 'redrive' },
      };
      await home.auditLog.append([entryForJob(job as Job, asked)]);
    }

    expect((await home.auditLog.chain(JOBS_CHAIN, 100)).map((entry) => readRecord(entry).seq)).toEqual(
      Array.from({ length: 30 }, (_, index) => index + 1),
    );
    expect(await home.check()).toMatchObject({ outcome: 'whole' });
  });

  test('is whole after webhooks were stored and processed, with and without digests', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1', 'evt_2');
    await process(home, 'evt_1');
    await home.settle();
    await home.closeDigests();
    await process(home, 'evt_2');
    await home.settle();

    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 4, digests: 1, undigested: 1 });
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

    const entries = byTimeToLive.outcome === 'entries' ? byTimeToLive.entries : [];
    expect(entries.map(({ text }) => JSON.parse(text))).toMatchObject([
      { event: 'DELETED', seq: 2, reason: 'retention_ended', change: { from: 'received', to: 'deleted' } },
    ]);
    expect(readChange(removal)).toMatchObject({ outcome: 'unexplained', draft: { reason: 'removed' } });
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
      return change.outcome === 'entries' ? change.entries : [];
    });

    await home.auditLog.appendLinked(again);

    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 6 });
    await home.closeDigests();
    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 6, undigested: 0 });
    const { webhookId, timestamp } = insertionOf().webhook;
    const chain = await home.auditLog.chain(webhookChain(webhookId, timestamp), 10);
    expect(chain.map((entry) => readRecord(entry).seq)).toEqual([1, 2]);
  });

  test.each([
    ['an amount of attempts changes', 'SET attempts = :v', { N: '7' }, /webhook stripe:evt_1 was edited: its attempts/],
    [
      'a status changes',
      'SET #s = :v',
      { S: 'ignored' },
      /webhook stripe:evt_1 was edited: it is ignored and should be processed/,
    ],
    [
      'an event type changes',
      'SET eventType = :v',
      { S: 'charge.refunded' },
      /stripe:evt_1 was edited: its event type/,
    ],
    [
      'a payload is replaced',
      'SET payload = :v',
      { B: new Uint8Array([1, 2, 3]) },
      /stripe:evt_1 was edited: its sealed payload/,
    ],
    ['a secret is another', 'SET secretId = :v', { S: 'stripe#9' }, /stripe:evt_1 was edited: what was received/],
    ['an item is unreadable', 'SET receivedAt = :v', { N: '1e20' }, /webhook stripe:evt_1 cannot be read/],
  ] as const)('names the item that was edited behind its back when %s', async (_, update, value, named) => {
    await using home = await open();
    await insertAll(home, 'evt_1', 'evt_2');
    await process(home, 'evt_1');
    await home.settle();
    expect(await home.check()).toMatchObject({ outcome: 'whole', webhooks: 2 });

    await home.client.send(
      new UpdateItemCommand({
        TableName: home.webhookTable,
        Key: keyOf('evt_1'),
        UpdateExpression: update,
        ExpressionAttributeValues: { ':v': value },
        ...(update.includes('#s') ? { ExpressionAttributeNames: { '#s': 'status' } } : {}),
      }),
    );

    const found = await home.check();
    expect(found).toMatchObject({ outcome: 'broken' });
    expect(found.outcome === 'broken' && found.problems.map(({ message }) => message).join('\n')).toMatch(named);
  });

  test('names the item that was deleted, unless its time had ended', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1');
    await home.settle();
    await home.client.send(new DeleteItemCommand({ TableName: home.webhookTable, Key: keyOf('evt_1') }));

    expect(await home.check()).toMatchObject({ problem: { kind: 'webhook_removed' } });
    home.clock.advance(insertionOf().webhook.expiresAt - home.clock.now());
    expect(await home.check()).toMatchObject({ outcome: 'whole' });
  });

  test('shows that its end was cut off: the webhooks know more than it says', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1', 'evt_2');
    await home.settle();
    await removeNewestRun(home);

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
    await Promise.all(
      others.flatMap((log) =>
        Array.from({ length: 5 }, () =>
          log.append([
            { ...DRAFT, chainId: OPERATORS_CHAIN },
            { ...DRAFT, chainId: HOME_CHAIN },
          ]),
        ),
      ),
    );

    const entries = await home.auditLog.read(0, 100);
    expect(entries.map(({ position }) => position)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 40 });
  });

  test('stays whole when an old entry comes again after a newer one, and the feed has had its time', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1');
    await process(home, 'evt_1');
    await home.settle();
    const [first] = home.fed.map((record) => readChange(record));
    await home.auditLog.appendLinked(first?.outcome === 'entries' ? first.entries : []);
    home.clock.advance(FEED_GRACE_MS);

    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 3 });
    const { webhookId, timestamp } = insertionOf().webhook;
    expect(await home.auditLog.heads(0, 10)).toMatchObject([
      { chainId: webhookChain(webhookId, timestamp), position: 2 },
    ]);
  });

  test('shows that an entry of just before the last digest was cut off, when it came after that digest', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1');
    await home.settle();
    await home.store.insert(
      insertionOf({ webhookId: 'stripe:evt_2', providerEventId: 'evt_2', receivedAt: home.clock.now() }),
    );
    home.clock.advance(500);
    await home.closeDigests();
    await home.settle();
    await removeNewestRun(home);
    home.clock.advance(FEED_GRACE_MS);

    expect(await home.check()).toMatchObject({
      outcome: 'broken',
      problem: { kind: 'truncated', chainId: webhookChain('stripe:evt_2', insertionOf().webhook.timestamp) },
    });
  });

  test('says no wrong thing of a webhook that the last digest covers and that was processed long after', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1');
    await home.settle();
    await home.closeDigests();
    home.clock.advance(10 * FEED_GRACE_MS);
    await process(home, 'evt_1');
    await home.settle();
    home.clock.advance(FEED_GRACE_MS);

    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 2, undigested: 1 });
  });

  test('gives the heads page by page, each once', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1', 'evt_2', 'evt_3', 'evt_4', 'evt_5');
    await home.settle();
    const all = await home.auditLog.heads(0, 10);

    const pages = [await home.auditLog.heads(0, 2), await home.auditLog.heads(2, 2), await home.auditLog.heads(4, 2)];

    expect(all.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
    expect(pages).toEqual([all.slice(0, 2), all.slice(2, 4), all.slice(4)]);
    await insertAll(home, 'evt_6');
    await home.settle();
    expect(await home.auditLog.heads(5, 2)).toMatchObject([{ position: 6 }]);
  });

  test('says in one sentence where somebody wrote into it what cannot be read', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1');
    await home.settle();
    await home.client.send(
      new UpdateItemCommand({
        TableName: home.auditTable,
        Key: { part: { S: 'runs' }, number: { N: '1' } },
        UpdateExpression: 'SET entries = :garbage',
        ExpressionAttributeValues: { ':garbage': { B: new Uint8Array([1, 2, 3]) } },
      }),
    );

    await expect(home.check()).rejects.toMatchObject({
      code: 'store_damaged',
      message: expect.stringMatching(/^the audit entries from position 1 on in table audit-\d+ cannot be read: /),
    });
  });

  test('takes more entries of the feed than one run holds, and no more drafts than one', async () => {
    await using home = await open();
    await insertAll(home, 'evt_1');
    await home.settle();
    const [change] = home.fed.map((record) => readChange(record));
    const [entry] = change?.outcome === 'entries' ? change.entries : [];
    const many = APPEND_DRAFTS_MAX + 1;

    await home.auditLog.appendLinked(Array.from({ length: many }, () => entry!));
    const drafts = Array.from({ length: many }, () => ({ ...DRAFT, chainId: OPERATORS_CHAIN }));
    await expect(home.auditLog.append(drafts)).rejects.toThrow('501 audit drafts do not fit into one run');
    await home.auditLog.append(drafts.slice(1));

    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 1 + many + APPEND_DRAFTS_MAX });
    expect(await home.auditLog.latest(1)).toMatchObject([{ position: 1 + many + APPEND_DRAFTS_MAX }]);
  });

  test('keeps an append once when its answer was lost', async () => {
    await using home = await open();
    const lost = loseAnswerOf(home.client, 'PutItemCommand', { isRepeated: true });

    await home.auditLog.append([{ ...DRAFT, chainId: OPERATORS_CHAIN }]);

    expect(lost()).toBe(1);
    expect(await home.auditLog.read(0, 10)).toHaveLength(1);
  });

  test('takes a digest once when its answer was lost', async () => {
    await using home = await open();
    await home.auditLog.append([{ ...DRAFT, chainId: OPERATORS_CHAIN }]);
    loseAnswerOf(home.client, 'PutItemCommand', { isRepeated: true });

    expect(await home.closeDigests()).toMatchObject({ number: 1 });
    expect(await home.check()).toMatchObject({ outcome: 'whole', digests: 1, undigested: 0 });
  });
});
