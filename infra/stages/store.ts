/** The webhook store: table `PaymentWebhooks`. One item a webhook, beside them transmissions and wrapped data keys. */
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ATTENTION_INDEX, RECEIVED_INDEX } from '../../src/config/aws-names.ts';
import type { Retention } from '../ground/retention.ts';
import type { StackNames } from '../ground/stack-names.ts';

export interface StoreProps {
  readonly names: StackNames;
  readonly key: IKey;
  readonly retention: Retention;
}

/**
 * On-demand: nothing is paid while it is quiet. No upper limit is set on its throughput: the stage lets through no more
 * than its own rate, and a table that refuses writes would turn deliveries away.
 */
export class Store extends Construct {
  readonly webhookTable: Table;
  /** ARN of the change feed, with the images before and after each change. */
  readonly webhookStreamArn: string;

  constructor(scope: Construct, id: string, { names, key, retention }: StoreProps) {
    super(scope, id);
    this.webhookTable = new Table(this, 'Webhooks', {
      ...tableBasics(key, retention),
      tableName: names.webhookTable,
      partitionKey: { name: 'webhookId', type: AttributeType.STRING },
      // The provider's event time, never the receive time: see ARCHITECTURE.md, decision 1.
      sortKey: { name: 'timestamp', type: AttributeType.NUMBER },
      timeToLiveAttribute: 'expiresAt',
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
    });
    // Keys only: an index entry is one write unit, whatever the webhook weighs. Sharded, so that no partition is hot.
    this.webhookTable.addGlobalSecondaryIndex({
      indexName: RECEIVED_INDEX,
      partitionKey: { name: 'listShard', type: AttributeType.NUMBER },
      sortKey: { name: 'receivedAt', type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    // Sparse: only what is being retried or was given up on has the attribute.
    this.webhookTable.addGlobalSecondaryIndex({
      indexName: ATTENTION_INDEX,
      partitionKey: { name: 'attention', type: AttributeType.STRING },
      sortKey: { name: 'receivedAt', type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    const streamArn = this.webhookTable.tableStreamArn;
    if (streamArn === undefined) throw new TypeError('a table with a stream has the ARN of a stream');
    this.webhookStreamArn = streamArn;
  }
}

/** What every table of the stack has. */
export const tableBasics = (key: IKey, retention: Retention) =>
  ({
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: retention.removalPolicy,
    deletionProtection: retention.isRegulated,
  }) as const;
