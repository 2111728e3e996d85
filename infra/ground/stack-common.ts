/** What every stage is made with. */
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Retention } from './retention.ts';
import type { StackNames } from './stack-names.ts';

export interface StackCommon {
  readonly names: StackNames;
  /** Encrypts data at rest. */
  readonly key: IKey;
  readonly retention: Retention;
}
