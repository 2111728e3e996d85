/** Requirement 5 of the AWS home: the tables, and the archive of the audit trail. */
import { beforeAll, describe, expect, test } from 'vitest';
import { at, type Json, type Properties, type Synthesised, synthesise } from './synthesised.ts';

const TABLE = 'AWS::DynamoDB::Table';

let stack: Synthesised;
let webhooks: Properties;
let trail: Properties;
beforeAll(() => {
  stack = synthesise();
  webhooks = stack.one(TABLE, 'table-PaymentWebhooks-dev').Properties;
  trail = stack.one(TABLE, 'table-AuditTrail-dev').Properties;
});

const keysOf = (schema: Json | undefined): readonly string[] =>
  (schema as readonly Properties[]).map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`);

const typeOf = (table: Properties, name: string): Json | undefined =>
  (table.AttributeDefinitions as readonly Properties[]).find(({ AttributeName }) => AttributeName === name)
    ?.AttributeType;

describe('table PaymentWebhooks', () => {
  test('has the partition key webhookId and the sort key timestamp', () => {
    expect(keysOf(webhooks.KeySchema)).toEqual(['HASH webhookId', 'RANGE timestamp']);
    expect(typeOf(webhooks, 'webhookId')).toBe('S');
    expect(typeOf(webhooks, 'timestamp')).toBe('N');
  });

  test('is paid by request', () => {
    expect(webhooks.BillingMode).toBe('PAY_PER_REQUEST');
  });

  test('streams every change with the images before and after', () => {
    expect(webhooks.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
  });

  test('can be restored to any second of the last 35 days', () => {
    expect(webhooks.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
  });

  test('is encrypted with the key', () => {
    expect(webhooks.SSESpecification).toMatchObject({ SSEEnabled: true, SSEType: 'KMS' });
    expect(stack.readable(at(webhooks, 'SSESpecification.KMSMasterKeyId') as Json)).toBe('alias/key-payhook-dev.Arn');
  });

  test('forgets what has expired', () => {
    expect(webhooks.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true });
  });

  test('has two sharded indexes that hold keys only', () => {
    const indexes = webhooks.GlobalSecondaryIndexes as readonly Properties[];

    expect(indexes.map(({ IndexName, KeySchema }) => [IndexName, ...keysOf(KeySchema)])).toEqual([
      ['by-received-at', 'HASH listShard', 'RANGE receivedAt'],
      ['by-attention', 'HASH attention', 'RANGE receivedAt'],
    ]);
    expect(indexes.map(({ Projection }) => Projection)).toEqual(indexes.map(() => ({ ProjectionType: 'KEYS_ONLY' })));
    expect(['listShard', 'attention', 'receivedAt'].map((name) => typeOf(webhooks, name))).toEqual(['N', 'S', 'N']);
  });
});

describe('table Payments', () => {
  const payments = (): Properties => stack.one(TABLE, 'table-Payments-dev').Properties;

  test('has one key, is paid by request, encrypted with the key and recoverable', () => {
    expect(keysOf(payments().KeySchema)).toEqual(['HASH id']);
    expect(typeOf(payments(), 'id')).toBe('S');
    expect(payments().BillingMode).toBe('PAY_PER_REQUEST');
    expect(payments().PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    expect(stack.readable(at(payments(), 'SSESpecification.KMSMasterKeyId') as Json)).toBe('alias/key-payhook-dev.Arn');
  });

  test('forgets what became of events for destinations when it has expired', () => {
    expect(payments().TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true });
  });

  test('is listed by a sharded index that holds keys only, and streams nothing', () => {
    const indexes = payments().GlobalSecondaryIndexes as readonly Properties[];

    expect(indexes.map(({ IndexName, KeySchema }) => [IndexName, ...keysOf(KeySchema)])).toEqual([
      ['by-stored-at', 'HASH listShard', 'RANGE storedAt'],
    ]);
    expect(indexes.map(({ Projection }) => Projection)).toEqual([{ ProjectionType: 'KEYS_ONLY' }]);
    expect(['listShard', 'storedAt'].map((name) => typeOf(payments(), name))).toEqual(['N', 'N']);
    expect(payments()).not.toHaveProperty('StreamSpecification');
  });
});

describe('table AuditTrail', () => {
  test('has the keys of runs and digests, is paid by request and recoverable', () => {
    expect(keysOf(trail.KeySchema)).toEqual(['HASH part', 'RANGE number']);
    expect(['part', 'number'].map((name) => typeOf(trail, name))).toEqual(['S', 'N']);
    expect(trail.BillingMode).toBe('PAY_PER_REQUEST');
    expect(trail.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    expect(stack.readable(at(trail, 'SSESpecification.KMSMasterKeyId') as Json)).toBe('alias/key-payhook-dev.Arn');
  });

  test('never forgets an entry by itself', () => {
    expect(trail).not.toHaveProperty('TimeToLiveSpecification');
  });
});

describe('buckets', () => {
  const BUCKETS = ['s3-audit-archive-ACCOUNT-dev', 's3-stream-failures-ACCOUNT-dev'];

  test('there is one for anchors and one for stream records that failed', () => {
    expect(
      stack
        .all('AWS::S3::Bucket')
        .map((bucket) => stack.nameOf(bucket))
        .sort(),
    ).toEqual(BUCKETS);
  });

  test.each(BUCKETS)('%s is encrypted with the key, versioned and closed to the public', (name) => {
    const { Properties } = stack.one('AWS::S3::Bucket', name);
    const [rule] = at(Properties, 'BucketEncryption.ServerSideEncryptionConfiguration') as readonly Properties[];

    expect(at(rule, 'ServerSideEncryptionByDefault.SSEAlgorithm')).toBe('aws:kms');
    expect(stack.readable(at(rule, 'ServerSideEncryptionByDefault.KMSMasterKeyID') as Json)).toBe(
      'alias/key-payhook-dev.Arn',
    );
    expect(Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  });

  test.each(BUCKETS)('%s is reached by TLS only', (name) => {
    const bucket = stack.one('AWS::S3::Bucket', name);
    const policy = stack
      .all('AWS::S3::BucketPolicy')
      .find(({ Properties }) => at(Properties.Bucket, 'Ref') === bucket.logicalId);

    expect(at(policy?.Properties, 'PolicyDocument.Statement')).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });
});
