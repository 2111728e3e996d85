/** How permissions are written here: explicit actions on explicit resources, nothing granted behind our back. */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';

export const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ actions: [...actions], resources: [...resources] });

/**
 * What a function needs to use tables, queues, topics, secrets and buckets under the key: the service calls KMS in the
 * function's name. Encrypting bytes of its own is not among it.
 */
export const allowUseOfKey = (key: IKey): PolicyStatement =>
  allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]);
