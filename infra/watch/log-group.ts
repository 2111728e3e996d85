/** Every log group of the stack: owned by it, encrypted, kept for a stated time, protected where the mode says so. */
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, LogGroupClass } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Retention } from '../ground/retention.ts';

export interface LogGroupInput {
  readonly name: string;
  readonly key: IKey;
  readonly retention: Retention;
  /**
   * Searched by Logs Insights as any other, at half the price; nothing in it can be counted or handed on.
   * A log group cannot change it. @default false
   */
  readonly isOnlySearched?: boolean;
}

export const createLogGroup = (
  scope: Construct,
  id: string,
  { name, key, retention, isOnlySearched = false }: LogGroupInput,
): LogGroup =>
  new LogGroup(scope, id, {
    logGroupName: name,
    ...(isOnlySearched ? { logGroupClass: LogGroupClass.INFREQUENT_ACCESS } : {}),
    encryptionKey: key,
    retention: retention.logRetention,
    removalPolicy: retention.removalPolicy,
    deletionProtectionEnabled: retention.isProtected,
  });
