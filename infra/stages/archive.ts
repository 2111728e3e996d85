/** The two buckets of the audit stage: anchors of digests, which nobody may change, and records that could not be audited. */
import { Aws, Duration } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  type LifecycleRule,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { STREAM_FAILURE_PREFIX } from '../../src/config/aws-names.ts';
import { REGULATED_DAYS } from '../ground/retention.ts';
import type { StackCommon } from '../ground/stack-common.ts';

/** Where the audit logger puts anchors. */
export const ANCHOR_PREFIX = 'anchor/';

const EPHEMERAL_DAYS = 30;

export class Archive extends Construct {
  /** Regulated: locked in compliance mode, so that not even the account's owner can remove an anchor before its time. */
  readonly anchors: IBucket;
  /**
   * Apart from the archive: S3 takes an object into a locked bucket only with a checksum, and AWS does not say whether
   * Lambda sends one with the records of a failed batch.
   */
  readonly streamFailures: IBucket;

  constructor(scope: Construct, id: string, { names, key, retention }: StackCommon) {
    super(scope, id);
    const expireAfter = Duration.days(retention.isRegulated ? REGULATED_DAYS : EPHEMERAL_DAYS);
    this.anchors = this.createBucket('Anchors', { key, retention }, names.archiveBucket(Aws.ACCOUNT_ID), {
      // The newest anchor stays; those it replaced go when they may.
      lifecycleRules: [abandonedUploads, { noncurrentVersionExpiration: expireAfter }],
      ...(retention.isRegulated
        ? {
            objectLockEnabled: true,
            objectLockDefaultRetention: ObjectLockRetention.compliance(Duration.days(REGULATED_DAYS)),
          }
        : {}),
    });
    this.streamFailures = this.createBucket('StreamFailures', { key, retention }, names.failureBucket(Aws.ACCOUNT_ID), {
      lifecycleRules: [
        abandonedUploads,
        { prefix: STREAM_FAILURE_PREFIX, expiration: expireAfter, noncurrentVersionExpiration: Duration.days(1) },
      ],
    });
  }

  private createBucket(
    id: string,
    { key, retention }: Pick<StackCommon, 'key' | 'retention'>,
    bucketName: string,
    options: BucketProps,
  ): IBucket {
    return new Bucket(this, id, {
      bucketName,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      removalPolicy: retention.removalPolicy,
      autoDeleteObjects: !retention.isRegulated,
      ...options,
      // Its class and its interface differ in whether an optional property may be undefined, which TypeScript counts here.
    }) as IBucket;
  }
}

const abandonedUploads: LifecycleRule = { abortIncompleteMultipartUploadAfter: Duration.days(1) };
