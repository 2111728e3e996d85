/** How permissions are written here: explicit actions on explicit resources, nothing granted behind our back. */
import { type IResource, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

export const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ actions: [...actions], resources: [...resources] });

/**
 * What a function needs to use tables, queues, topics, secrets and buckets under these keys: the service calls KMS in the
 * function's name. Encrypting bytes of its own is not among it.
 */
export const allowUseOf = (...keys: readonly IKey[]): PolicyStatement =>
  allow(
    ['kms:Decrypt', 'kms:GenerateDataKey'],
    keys.map(({ keyArn }) => keyArn),
  );

/** What Lambda asks of the role of a function that it feeds from the queues, and what a function settles messages with. */
export const allowConsume = (...queues: readonly IQueue[]): PolicyStatement =>
  allow(
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
    queues.map(({ queueArn }) => queueArn),
  );

export interface ServicePermission {
  readonly sid: string;
  readonly service: string;
  readonly actions: readonly string[];
  /** @default all: the policy of a key always speaks of its own key */
  readonly resources?: readonly string[];
  readonly conditions?: Readonly<Record<string, unknown>>;
}

type WithPolicy = IResource & { addToResourcePolicy(statement: PolicyStatement): unknown };

/** What an AWS service does in its own name: a line in the policy of the key, queue or topic. */
export const allowService = (
  to: WithPolicy,
  { sid, service, actions, resources = ['*'], conditions = {} }: ServicePermission,
): void => {
  to.addToResourcePolicy(
    new PolicyStatement({
      sid,
      principals: [new ServicePrincipal(service)],
      actions: [...actions],
      resources: [...resources],
      conditions,
    }),
  );
};

/** The same for the alarms of this account and region, and for no others. */
export const allowAlarms = (to: WithPolicy, permission: Omit<ServicePermission, 'service' | 'conditions'>): void => {
  const { region, account } = Stack.of(to);
  allowService(to, {
    ...permission,
    service: 'cloudwatch.amazonaws.com',
    conditions: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:${region}:${account}:alarm:*` },
    },
  });
};
