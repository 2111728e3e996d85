/** What every stage is made with. */
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { WarmTables } from '../peak/size-peak.ts';
import type { Retention } from './retention.ts';
import type { StackNames } from './stack-names.ts';

export interface StackCommon {
  readonly names: StackNames;
  /** Encrypts data at rest. */
  readonly key: IKey;
  readonly retention: Retention;
  /** What tables and indexes take from their first second on. @default as much as they take when they are new */
  readonly warmTables?: WarmTables | undefined;
}
