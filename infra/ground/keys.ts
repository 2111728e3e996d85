/** The two keys of a stack: one encrypts everything at rest, the other signs the digests of the audit trail. */
import { Stack } from 'aws-cdk-lib';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { allowAlarms, allowService } from './permissions.ts';
import type { StackCommon } from './stack-common.ts';

/** Roles get single actions in their own policies; the key policies name the account and AWS services only. */
export class Keys extends Construct {
  /** Tables, queues, topic, logs, secrets, function environments, buckets, and the data keys of payloads. Rotated yearly. */
  readonly data: Key;
  /** ECC P-256, for signatures. KMS does not rotate asymmetric keys: the digests name the key that signed them. */
  readonly digests: Key;

  constructor(scope: Construct, id: string, { names, retention }: Omit<StackCommon, 'key'>) {
    super(scope, id);
    const { removalPolicy, keyPendingWindow: pendingWindow } = retention;
    this.data = new Key(this, 'Data', {
      alias: names.dataKeyAlias,
      description: 'Payhook: encrypts everything at rest',
      enableKeyRotation: true,
      removalPolicy,
      pendingWindow,
    });
    this.digests = new Key(this, 'Digests', {
      alias: names.digestKeyAlias,
      description: 'Payhook: signs the digests of the audit trail',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy,
      pendingWindow,
    });
    allowServices(this.data);
  }
}

/**
 * AWS services that use the key in their own name. CDK adds none of these: without them encrypted log groups cannot be
 * created, and alarms to an encrypted topic are lost without a word.
 */
const allowServices = (key: Key): void => {
  const { region, account } = Stack.of(key);
  const actions = ['kms:Decrypt', 'kms:GenerateDataKey*'];

  allowService(key, {
    sid: 'LogGroups',
    service: `logs.${region}.amazonaws.com`,
    actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    conditions: {
      ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${region}:${account}:log-group:*` },
    },
  });
  allowAlarms(key, { sid: 'AlarmsToTopic', actions });
  // EventBridge and SNS send no source with their calls to KMS: a condition on it would drop the events. What they may
  // send to is limited by the policies of topic and queues.
  allowService(key, { sid: 'EventsToTopicAndQueues', service: 'events.amazonaws.com', actions });
  allowService(key, { sid: 'SubscriptionsToDeadLetters', service: 'sns.amazonaws.com', actions });
};
