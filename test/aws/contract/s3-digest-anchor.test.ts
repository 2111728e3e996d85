import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANCHOR_KEY, createS3DigestAnchor } from '../../../src/adapters/aws/audit/s3-digest-anchor.ts';
import { describeDigestAnchor } from '../../contract/digest-anchor-contract.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';

let moto: Moto;
let client: S3Client;
let opened = 0;

beforeAll(async () => {
  moto = await startMoto();
  client = new S3Client({ ...emulatorClientOptions(moto.url), forcePathStyle: true });
});

afterAll(async () => {
  client.destroy();
  await moto[Symbol.asyncDispose]();
});

const createBucket = async (): Promise<string> => {
  opened += 1;
  const bucket = `s3-audit-archive-${opened}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  return bucket;
};

const openAnchor = async () => {
  const bucket = await createBucket();
  return { ...createS3DigestAnchor({ client, bucket }), bucket };
};

describeDigestAnchor('s3', openAnchor);

const DIGEST = { number: 5, hash: 'c'.repeat(64) };

describe('createS3DigestAnchor', () => {
  test('keeps every anchor as a version of its object', async () => {
    const anchor = await openAnchor();

    for (const number of [1, 2, 3]) await anchor.write({ ...DIGEST, number });

    const { Versions: versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: anchor.bucket }));
    expect(versions.map(({ Key: key }) => key)).toEqual([ANCHOR_KEY, ANCHOR_KEY, ANCHOR_KEY]);
  });

  test('says audit_unavailable for an anchor that was removed: it must not pass for one that never was', async () => {
    const anchor = await openAnchor();
    await anchor.write(DIGEST);
    await client.send(new DeleteObjectCommand({ Bucket: anchor.bucket, Key: ANCHOR_KEY }));

    await expect(anchor.read()).rejects.toMatchObject({
      code: 'audit_unavailable',
      message: expect.stringContaining('was removed'),
    });
  });

  test.each([
    '\n',
    '{"number":1',
    '[]',
    'null',
    '{"number":"1","hash":"a"}',
    '{"number":1.5,"hash":"a"}',
    '{"hash":"a"}',
  ])('says audit_unavailable for an object that holds “%s”', async (text) => {
    const anchor = await openAnchor();
    await client.send(new PutObjectCommand({ Bucket: anchor.bucket, Key: ANCHOR_KEY, Body: text }));

    await expect(anchor.read()).rejects.toMatchObject({
      code: 'audit_unavailable',
      message: expect.stringContaining('does not hold an audit anchor'),
    });
  });

  test('says what to do when the bucket is not there', async () => {
    const anchor = createS3DigestAnchor({ client, bucket: 's3-audit-archive-missing' });
    const sentence = expect.stringContaining('bucket s3-audit-archive-missing is not there');

    await expect(anchor.read()).rejects.toMatchObject({ code: 'audit_unavailable', message: sentence });
    await expect(anchor.write(DIGEST)).rejects.toMatchObject({ code: 'audit_unavailable', message: sentence });
  });
});
