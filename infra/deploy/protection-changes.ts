/**
 * Tells at once when somebody takes the protection away: of a key, of the firewall, of what audits, of what feeds the
 * functions, of what waits in a queue. Needs CloudTrail in the account; costs nothing. What CloudFormation does in a deployment is not told, except
 * of keys: a stack that is removed takes them along.
 */
import { Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StackNames } from '../ground/stack-names.ts';
import type { UpdatedFunction } from './gradual-updates.ts';
import { RUNBOOKS, type Runbook } from './runbooks.ts';

export interface ProtectionChangesProps {
  readonly names: StackNames;
  readonly topic: Topic;
  /** Gets the events that could not be published. */
  readonly failureQueue: IQueue;
  readonly keys: readonly IKey[];
  readonly stageArn: string;
  readonly webAclArn: string;
  /** What must go on being called. */
  readonly functions: readonly Pick<UpdatedFunction, 'function' | 'alias'>[];
  /** By name. */
  readonly destinations: readonly string[];
}

interface Change {
  readonly purpose: string;
  readonly meaning: string;
  readonly runbook: Runbook;
  readonly eventSource: string;
  readonly detail: object;
}

const BY_SOMEBODY = { sourceIPAddress: [{ 'anything-but': ['cloudformation.amazonaws.com'] }] };

export class ProtectionChanges extends Construct {
  constructor(scope: Construct, id: string, props: ProtectionChangesProps) {
    super(scope, id);
    const { names, topic, failureQueue } = props;
    for (const { purpose, meaning, runbook, eventSource, detail } of changesOf(props)) {
      new Rule(this, purpose, {
        ruleName: names.rule(purpose),
        description: `${meaning}. Runbook: ${RUNBOOKS[runbook]}`,
        eventPattern: {
          detailType: ['AWS API Call via CloudTrail'],
          detail: { eventSource: [eventSource], ...detail },
        },
        targets: [new SnsTopic(topic, { deadLetterQueue: failureQueue })],
      });
    }
  }
}

/** Lambda's events carry the version of its API in their names. */
const changesOf = (props: ProtectionChangesProps): readonly Change[] => {
  const { names, keys, stageArn, webAclArn, functions } = props;
  const aliasArns = functions.map(({ alias }) => alias.functionArn);
  const keyIds = keys.flatMap(({ keyId, keyArn }) => [keyId, keyArn]);
  return [
    {
      purpose: 'key-disabled',
      meaning: 'A key of Payhook is disabled or being deleted',
      runbook: 'keyDisabled',
      eventSource: 'kms.amazonaws.com',
      detail: { eventName: ['DisableKey', 'ScheduleKeyDeletion'], requestParameters: { keyId: keyIds } },
    },
    {
      purpose: 'key-policy-changed',
      meaning: 'Somebody changed who may use a key of Payhook',
      runbook: 'keyDisabled',
      eventSource: 'kms.amazonaws.com',
      detail: { eventName: ['PutKeyPolicy'], requestParameters: { keyId: keyIds }, ...BY_SOMEBODY },
    },
    {
      purpose: 'firewall-removed',
      meaning: 'The firewall was taken away',
      runbook: 'firewallRemoved',
      eventSource: 'wafv2.amazonaws.com',
      detail: {
        $or: [
          { eventName: ['DisassociateWebACL'], requestParameters: { resourceArn: [stageArn] } },
          { eventName: ['DeleteLoggingConfiguration'], requestParameters: { resourceArn: [webAclArn] } },
        ],
      },
    },
    {
      purpose: 'firewall-changed',
      meaning: 'Somebody changed the firewall or put another one in its place',
      runbook: 'firewallRemoved',
      eventSource: 'wafv2.amazonaws.com',
      detail: {
        ...BY_SOMEBODY,
        $or: [
          { eventName: ['AssociateWebACL'], requestParameters: { resourceArn: [stageArn] } },
          { eventName: ['UpdateWebACL'], requestParameters: { name: [names.webAcl] } },
          { eventName: ['UpdateIPSet'], requestParameters: { name: [names.providerAddresses] } },
        ],
      },
    },
    {
      purpose: 'cloudtrail-stopped',
      meaning: 'A trail of CloudTrail was stopped or removed: changes like these may no longer be told',
      runbook: 'cloudTrailStopped',
      eventSource: 'cloudtrail.amazonaws.com',
      detail: { eventName: ['StopLogging', 'DeleteTrail'] },
    },
    {
      purpose: 'processing-stopped',
      meaning: 'Somebody changed what feeds a function of Payhook, or how many of it may run',
      runbook: 'processingStopped',
      eventSource: 'lambda.amazonaws.com',
      detail: {
        ...BY_SOMEBODY,
        $or: [
          {
            eventName: ['UpdateEventSourceMapping20150331', 'DeleteEventSourceMapping20150331'],
            // Whom it feeds stands in the answer only.
            responseElements: { functionArn: aliasArns },
          },
          {
            // A caller may name a function either way.
            eventName: ['PutFunctionConcurrency20171031'],
            requestParameters: {
              functionName: functions.flatMap(({ function: { functionName, functionArn } }) => [
                functionName,
                functionArn,
              ]),
            },
          },
        ],
      },
    },
    {
      purpose: 'queue-emptied',
      meaning: 'Somebody emptied a queue of Payhook',
      runbook: 'queueEmptied',
      eventSource: 'sqs.amazonaws.com',
      detail: {
        eventName: ['PurgeQueue'],
        // A URL may begin in several ways.
        requestParameters: { queueUrl: queueNamesOf(props).map((name) => ({ suffix: `/${name}` })) },
      },
    },
  ];
};

const queueNamesOf = ({ names, destinations }: ProtectionChangesProps): readonly string[] => [
  names.workQueue,
  names.deadLetterQueue,
  names.auditQueue,
  names.auditDeadLetterQueue,
  names.failureQueue,
  names.alertDeadLetterQueue,
  ...(destinations.length === 0 ? [] : [names.destinationDeadLetterQueue]),
  ...destinations.map(names.destinationQueue),
];
