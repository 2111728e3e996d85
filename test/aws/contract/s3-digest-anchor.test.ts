import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { ANCHOR_KEY, createS3DigestAnchor } from '../../../src/adapters/aws/audit/s3-digest-anchor.ts';
import { describeDigestAnchor } from '../../contract/digest-anchor-contract.ts';
import { S3_DIGEST_ANCHOR } from './s3-digest-anchors.ts';

const s3 = S3_DIGEST_ANCHOR.use();

describeDigestAnchor(S3_DIGEST_ANCHOR.name, s3.open);

const DIGEST = { number: 5, hash: 'c'.repeat(64) };

describe('createS3DigestAnchor', () => {
  test('keeps every anchor as a version of its object', async () => {
    const anchor = await s3.open();

    for (const number of [1, 2, 3]) await anchor.write({ ...DIGEST, number });

    const { Versions: versions = [] } = await s3
      .client()
      .send(new ListObjectVersionsCommand({ Bucket: anchor.bucket }));
    expect(versions.map(({ Key: key }) => key)).toEqual([ANCHOR_KEY, ANCHOR_KEY, ANCHOR_KEY]);
  });

  test('says audit_unavailable for an anchor that was removed: it must not pass for one that never was', async () => {
    const anchor = await s3.open();
    await anchor.write(DIGEST);
    await s3.client().send(new DeleteObjectCommand({ Bucket: anchor.bucket, Key: ANCHOR_KEY }));

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
    const anchor = await s3.open();
    await s3.client().send(new PutObjectCommand({ Bucket: anchor.bucket, Key: ANCHOR_KEY, Body: text }));

    await expect(anchor.read()).rejects.toMatchObject({
      code: 'audit_unavailable',
      message: expect.stringContaining('does not hold an audit anchor'),
    });
  });

  test('says what to do when the bucket is not there', async () => {
    const anchor = createS3DigestAnchor({ client: s3.client(), bucket: 's3-audit-archive-missing' });
    const sentence = expect.stringContaining('bucket s3-audit-archive-missing is not there');

    await expect(anchor.read()).rejects.toMatchObject({ code: 'audit_unavailable', message: sentence });
    await expect(anchor.write(DIGEST)).rejects.toMatchObject({ code: 'audit_unavailable', message: sentence });
  });
});
