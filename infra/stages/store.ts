/** The webhook store: table `PaymentWebhooks`. One item a webhook, beside them transmissions and wrapped data keys. */
import { AttributeType, StreamViewType, type Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { ATTENTION_INDEX, RECEIVED_INDEX } from '../../src/config/aws-names.ts';
import type { StackCommon } from '../ground/stack-common.ts';
import { addIndex, createTable } from '../ground/table.ts';

/**
 * On-demand: nothing is paid while it is quiet. No upper limit is set on its throughput: the stage lets through no more
 * than its own rate, and a table that refuses writes would turn deliveries away.
 */
export class Store extends Construct {
  readonly webhookTable: Table;
  /** The rejected box: one item a place, so many and no more. */
  readonly rejectedTable: Table;
  /** Actions of operators on many webhooks: only their commands read and write it. */
  readonly jobTable: Table;
  /** ARN of the change feed, with the images before and after each change. */
  readonly webhookStreamArn: string;

  constructor(scope: Construct, id: string, common: StackCommon) {
    super(scope, id);
    const { warmTables } = common;
    this.webhookTable = createTable(this, 'Webhooks', common, {
      tableName: common.names.webhookTable,
      partitionKey: { name: 'webhookId', type: AttributeType.STRING },
      // The provider's event time, never the receive time: see docs/decisions/001-key-is-the-providers-event.md.
      sortKey: { name: 'timestamp', type: AttributeType.NUMBER },
      timeToLiveAttribute: 'expiresAt',
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      warm: warmTables?.webhooks,
    });
    // Sharded, so that no partition is hot.
    addIndex(
      this.webhookTable,
      RECEIVED_INDEX,
      { name: 'listShard', type: AttributeType.NUMBER },
      {
        sortedBy: 'receivedAt',
        warm: warmTables?.byReceivedAt,
      },
    );
    // Sparse: only what is being retried or was given up on has the attribute.
    addIndex(
      this.webhookTable,
      ATTENTION_INDEX,
      { name: 'attention', type: AttributeType.STRING },
      {
        sortedBy: 'receivedAt',
        warm: warmTables?.byAttention,
      },
    );
    this.rejectedTable = createTable(this, 'Rejected', common, {
      tableName: common.names.rejectedTable,
      partitionKey: { name: 'place', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
    });
    this.jobTable = createTable(this, 'Jobs', common, {
      tableName: common.names.jobTable,
      partitionKey: { name: 'id', type: AttributeType.STRING },
      sortKey: { name: 'sort', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
    });
    const streamArn = this.webhookTable.tableStreamArn;
    if (streamArn === undefined) throw new TypeError('a table with a stream has the ARN of a stream');
    this.webhookStreamArn = streamArn;
  }
}
