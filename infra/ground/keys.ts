/** The keys of a stack: one encrypts data at rest, one signs the digests of the audit trail, one carries alerts. */
import { Stack } from 'aws-cdk-lib';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { allowAlarms, allowService } from './permissions.ts';
import type { StackCommon } from './stack-common.ts';

/** Roles get single actions in their own policies; the key policies name the account and AWS services only. */
export class Keys extends Construct {
  /** Tables, queues, logs, secrets, function environments, buckets, and the data keys of payloads. Rotated yearly. */
  readonly data: Key;
  /** ECC P-256, for signatures. KMS does not rotate asymmetric keys: the digests name the key that signed them. */
  readonly digests: Key;
  /**
   * The topic of critical alerts and the queues of what could not be told or invoked, none of which hold a payload. Apart
   * from the other one, because that the other one is gone has to be told.
   */
  readonly alerts: Key;

  constructor(scope: Construct, id: string, { names, retention }: Pick<StackCommon, 'names' | 'retention'>) {
    super(scope, id);
    const { removalPolicy, keyPendingWindow: pendingWindow } = retention;
    this.data = new Key(this, 'Data', {
      alias: names.dataKeyAlias,
      description: 'Payhook: encrypts data at rest',
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
    this.alerts = new Key(this, 'Alerts', {
      alias: names.alertKeyAlias,
      description: 'Payhook: encrypts alerts on their way',
      enableKeyRotation: true,
      removalPolicy,
      pendingWindow,
    });
    allowLogs(this.data);
    allowAlerts(this.alerts);
  }
}

/** CloudWatch Logs uses the key in its own name. CDK does not add this: without it encrypted log groups cannot be created. */
const allowLogs = (key: Key): void => {
  const { region, account } = Stack.of(key);
  allowService(key, {
    sid: 'LogGroups',
    service: `logs.${region}.amazonaws.com`,
    actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    conditions: {
      ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${region}:${account}:log-group:*` },
    },
  });
};

/** What publishes alerts in its own name. CDK adds none of these: alarms to an encrypted topic are lost without a word. */
const allowAlerts = (key: Key): void => {
  const actions = ['kms:Decrypt', 'kms:GenerateDataKey*'];
  allowAlarms(key, { sid: 'AlarmsToTopic', actions });
  // EventBridge and SNS send no source with their calls to KMS: a condition on it would drop the events. What they may
  // send to is limited by the policies of topic and queues.
  allowService(key, { sid: 'EventsToTopicAndQueues', service: 'events.amazonaws.com', actions });
  allowService(key, { sid: 'SubscriptionsToDeadLetters', service: 'sns.amazonaws.com', actions });
};
