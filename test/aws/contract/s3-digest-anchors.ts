/** Anchors in buckets that keep versions, each its own. */
import { CreateBucketCommand, PutBucketVersioningCommand, S3 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from 'vitest';
import { createS3DigestAnchor } from '../../../src/adapters/aws/audit/s3-digest-anchor.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { emulated } from './emulated-adapter.ts';
import { useMoto } from './use-moto.ts';

const useS3DigestAnchors = () => {
  const moto = useMoto();
  let client: S3;
  let opened = 0;
  beforeAll(() => {
    client = new S3({ ...emulatorClientOptions(moto().url), forcePathStyle: true });
  });
  afterAll(() => client.destroy());

  const createBucket = async (): Promise<string> => {
    opened += 1;
    const bucket = `s3-audit-archive-${opened}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    await client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    return bucket;
  };
  return {
    createBucket,
    client: () => client,
    open: async () => {
      const bucket = await createBucket();
      return { ...createS3DigestAnchor({ client, bucket }), bucket };
    },
  };
};

export const S3_DIGEST_ANCHOR = emulated('S3', useS3DigestAnchors);
