/**
 * Tells at once when somebody takes the protection away: a key that is disabled or marked for deletion, a firewall that is
 * detached or made silent. Needs CloudTrail in the account; costs nothing.
 */
import { Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StackNames } from '../ground/stack-names.ts';
import { RUNBOOKS } from './runbooks.ts';

export interface ProtectionChangesProps {
  readonly names: StackNames;
  readonly topic: Topic;
  /** Gets the events that could not be published. */
  readonly failureQueue: IQueue;
  readonly keys: readonly IKey[];
  readonly stageArn: string;
  readonly webAclArn: string;
}

export class ProtectionChanges extends Construct {
  constructor(scope: Construct, id: string, props: ProtectionChangesProps) {
    super(scope, id);
    const { names, topic, keys, stageArn, webAclArn, failureQueue } = props;
    const tell = (purpose: string, meaning: string, runbook: string, eventSource: string, detail: object): void => {
      new Rule(this, purpose, {
        ruleName: names.rule(purpose),
        description: `${meaning}. Runbook: ${runbook}`,
        eventPattern: {
          detailType: ['AWS API Call via CloudTrail'],
          detail: { eventSource: [eventSource], ...detail },
        },
        targets: [new SnsTopic(topic, { deadLetterQueue: failureQueue })],
      });
    };
    tell('key-disabled', 'A key of Payhook is disabled or being deleted', RUNBOOKS.keyDisabled, 'kms.amazonaws.com', {
      eventName: ['DisableKey', 'ScheduleKeyDeletion'],
      requestParameters: { keyId: keys.flatMap(({ keyId, keyArn }) => [keyId, keyArn]) },
    });
    tell('firewall-removed', 'The firewall was taken away', RUNBOOKS.firewallRemoved, 'wafv2.amazonaws.com', {
      $or: [
        { eventName: ['DisassociateWebACL'], requestParameters: { resourceArn: [stageArn] } },
        { eventName: ['DeleteLoggingConfiguration'], requestParameters: { resourceArn: [webAclArn] } },
      ],
    });
  }
}
