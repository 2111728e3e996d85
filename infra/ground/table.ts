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
import { NEW_TABLE, type WarmUnits } from '../peak/size-peak.ts';
import type { StackCommon } from './stack-common.ts';

/** Left out where a new table takes as much: it would only be charged. */
const warmThroughput = (warm: WarmUnits | undefined) =>
  warm === undefined || (warm.write <= NEW_TABLE.write && warm.read <= NEW_TABLE.read)
    ? {}
    : { warmThroughput: { writeUnitsPerSecond: warm.write, readUnitsPerSecond: warm.read } };

export const createTable = (
  scope: Construct,
  id: string,
  { key, retention }: Pick<StackCommon, 'key' | 'retention'>,
  { warm, ...props }: TableProps & { readonly warm?: WarmUnits | undefined },
): Table =>
  new Table(scope, id, {
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: retention.removalPolicy,
    deletionProtection: retention.isProtected,
    ...warmThroughput(warm),
    ...props,
  });

/** Keys only: an index entry is one write unit, whatever the item weighs. Sorted by an attribute that is a time. */
export const addIndex = (
  table: Table,
  indexName: string,
  partitionKey: Attribute,
  { sortedBy, warm }: { readonly sortedBy: string; readonly warm: WarmUnits | undefined },
): void =>
  table.addGlobalSecondaryIndex({
    indexName,
    partitionKey,
    sortKey: { name: sortedBy, type: AttributeType.NUMBER },
    projectionType: ProjectionType.KEYS_ONLY,
    ...warmThroughput(warm),
  });
