/** What the change feed gave up on, out of the bucket into the trail, which a check then finds whole. */
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import type { StreamRecord } from '../../../src/adapters/aws/audit/change-feed.ts';
import { createS3StreamFailures } from '../../../src/adapters/aws/audit/s3-stream-failures.ts';
import { createMemoryDigestAnchor, createMemoryDigestSigner } from '../../../src/adapters/memory/memory-digest-keys.ts';
import { createMemoryLogger } from '../../../src/adapters/memory/memory-recorders.ts';
import { createCheckAudit } from '../../../src/audit/check.ts';
import { createCloseDigests } from '../../../src/audit/digests.ts';
import { STREAM_FAILURE_PREFIX } from '../../../src/config/aws-names.ts';
import { NO_EFFECTS } from '../../../src/core/effects.ts';
import type { WebhookStatus } from '../../../src/core/status.ts';
import { MINUTE_MS } from '../../../src/core/time.ts';
import { createRecoverChanges } from '../../../src/homes/aws/recover-changes.ts';
import { insertionOf } from '../../support/insertion.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { type DynamodbHarness, useDynamodbHomes } from './dynamodb-homes.ts';
import { useMoto } from './use-moto.ts';

const openHome = useDynamodbHomes();
const moto = useMoto();
let opened = 0;

/** As JSON, in which Lambda hands records over: bytes are base64, times are seconds. */
const asJson = (record: StreamRecord): unknown =>
  JSON.parse(
    JSON.stringify(
      { ...record, dynamodb: { ...record.dynamodb, ApproximateCreationDateTime: 1_795_000_000 } },
      (_, value) =>
        value instanceof Uint8Array || value?.type === 'Buffer'
          ? Buffer.from(value.data ?? value).toString('base64')
          : value,
    ),
  );

const open = async () => {
  opened += 1;
  const home = await openHome();
  const { auditLog, webhooks, clock } = home;
  const deps = { auditLog, webhooks, signer: createMemoryDigestSigner(), anchor: createMemoryDigestAnchor() };
  const client = new S3Client({ ...emulatorClientOptions(moto().url), forcePathStyle: true });
  const bucket = `s3-stream-failures-${opened}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  /** What Lambda does with a batch that it has given up on. */
  const giveUpOn = async (name: string, records: readonly StreamRecord[]) => {
    const failure = {
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 11 },
      version: '1.0',
      DDBStreamBatchInfo: { shardId: 'shardId-1', batchSize: records.length },
      payload: JSON.stringify({ Records: records.map(asJson) }),
    };
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `${STREAM_FAILURE_PREFIX}uuid/shard/${name}`,
        Body: JSON.stringify(failure),
      }),
    );
  };
  const recover = createRecoverChanges({
    failures: createS3StreamFailures({ client, bucket }),
    auditLog,
    clock,
    operator: { type: 'operator', id: 'arn:ada' },
  });
  return Object.assign(home, {
    giveUpOn,
    recover: (isDryRun = false) => Array.fromAsync(recover({ isDryRun })),
    objects: async () => (await client.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount ?? 0,
    check: createCheckAudit(deps),
    closeDigests: createCloseDigests({ ...deps, clock, logger: createMemoryLogger() }),
  });
};

type Opened = Awaited<ReturnType<typeof open>>;

const change = (home: DynamodbHarness, revision: number, status: WebhookStatus) =>
  home.store.change(insertionOf().webhook, revision, {
    status,
    attempts: revision,
    lastError: null,
    nextAttemptAt: null,
    effects: NO_EFFECTS,
    changedAt: home.clock.now(),
    actor: { type: 'component', id: 'processor' },
    reason: null,
  });

/** Does `work`, of which the feed brings nothing into the trail: its records are handed to whoever wants them. */
const givenUp = async (home: Opened, work: () => Promise<unknown>): Promise<readonly StreamRecord[]> => {
  const { appendLinked } = home.auditLog;
  const before = home.fed.length;
  (home.auditLog as { appendLinked: typeof appendLinked }).appendLinked = async () => undefined;
  await work();
  await home.settle();
  (home.auditLog as { appendLinked: typeof appendLinked }).appendLinked = appendLinked;
  return home.fed.slice(before);
};

describe('payhook audit recover', () => {
  test.each(['under digests', 'not under digests yet'])(
    'makes a trail whole in which the feed left out a change in the middle of a chain, its entries %s',
    async (how) => {
      await using home = await open();
      await home.store.insert(insertionOf());
      await home.settle();
      const records = await givenUp(home, () => change(home, 1, 'retrying'));
      await home.giveUpOn('1', records);
      await change(home, 2, 'processed');
      await home.settle();
      if (how === 'under digests') await home.closeDigests();
      home.clock.advance(2 * MINUTE_MS);
      expect(await home.check()).toMatchObject({ outcome: 'broken', problem: { kind: 'removed' } });

      expect(await home.recover()).toMatchObject([{ outcome: 'recovered', entries: 1, unexplained: [] }]);

      expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 4, webhooks: 1 });
      await home.closeDigests();
      expect(await home.check()).toMatchObject({ outcome: 'whole', undigested: 0 });
      expect([await home.objects(), await home.recover()]).toEqual([0, []]);
    },
  );

  test('makes a trail whole in which the feed left out that a webhook was accepted', async () => {
    await using home = await open();
    await home.giveUpOn('1', await givenUp(home, () => home.store.insert(insertionOf())));
    await change(home, 1, 'processed');
    await home.settle();
    home.clock.advance(2 * MINUTE_MS);
    expect((await home.check()).outcome).toBe('broken');

    await home.recover();

    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 3, webhooks: 1 });
  });

  test('brings what is there already once more without harm: it was cut off before the object was removed', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    await home.settle();
    const records = await givenUp(home, () => change(home, 1, 'retrying'));
    await home.giveUpOn('1', records);
    await change(home, 2, 'processed');
    await home.settle();
    await home.recover();
    await home.giveUpOn('1', records);

    expect(await home.recover()).toMatchObject([{ entries: 1 }]);

    expect(await home.check()).toMatchObject({ outcome: 'whole' });
  });

  test('does nothing in a dry run, and leaves what it cannot read', async () => {
    await using home = await open();
    const records = await givenUp(home, () => home.store.insert(insertionOf()));
    await home.giveUpOn('1', [{ dynamodb: {} }, ...records]);

    expect(await home.recover(true)).toMatchObject([{ outcome: 'kept', entries: 1 }]);
    expect([await home.objects(), (await home.auditLog.latest(1)).length]).toEqual([1, 0]);

    expect(await home.recover()).toMatchObject([
      { outcome: 'kept', entries: 1, reason: expect.stringContaining('1 of 2') },
    ]);
    expect(await home.recover()).toMatchObject([
      { outcome: 'kept', entries: 0, reason: expect.stringContaining('1 of 1') },
    ]);
    expect(await home.check()).toMatchObject({ outcome: 'whole', entries: 2 });
  });
});
