/** Every log group of the stack: owned by it, encrypted, kept for a stated time, protected where the mode says so. */
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Retention } from '../ground/retention.ts';

export interface LogGroupInput {
  readonly name: string;
  readonly key: IKey;
  readonly retention: Retention;
}

export const createLogGroup = (scope: Construct, id: string, { name, key, retention }: LogGroupInput): LogGroup =>
  new LogGroup(scope, id, {
    logGroupName: name,
    encryptionKey: key,
    retention: retention.logRetention,
    removalPolicy: retention.removalPolicy,
    deletionProtectionEnabled: retention.isProtected,
  });
