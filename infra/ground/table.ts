/** Every table of the stack: paid by the request, encrypted, restorable to any second, protected where the mode says so. */
import {
  type Attribute,
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { StackCommon } from './stack-common.ts';

export const createTable = (
  scope: Construct,
  id: string,
  { key, retention }: Pick<StackCommon, 'key' | 'retention'>,
  props: TableProps,
): Table =>
  new Table(scope, id, {
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: retention.removalPolicy,
    deletionProtection: retention.isProtected,
    ...props,
  });

/** Keys only: an index entry is one write unit, whatever the item weighs. Sorted by an attribute that is a time. */
export const addIndex = (table: Table, indexName: string, partitionKey: Attribute, sortedBy: string): void =>
  table.addGlobalSecondaryIndex({
    indexName,
    partitionKey,
    sortKey: { name: sortedBy, type: AttributeType.NUMBER },
    projectionType: ProjectionType.KEYS_ONLY,
  });
