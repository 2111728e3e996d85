/** Where payments live: table `Payments`. Beside them stands what became of each event for a destination. */
import { AttributeType, type Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { STORED_INDEX } from '../../src/config/aws-names.ts';
import type { StackCommon } from '../ground/stack-common.ts';
import { addIndex, createTable } from '../ground/table.ts';

/** It has no stream: a payment is computed from webhooks, and these are what is audited. */
export class Payments extends Construct {
  readonly paymentTable: Table;

  constructor(scope: Construct, id: string, common: StackCommon) {
    super(scope, id);
    const { warmTables } = common;
    this.paymentTable = createTable(this, 'Payments', common, {
      tableName: common.names.paymentTable,
      partitionKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      warm: warmTables?.payments,
    });
    // Sharded, as the index of the webhooks is.
    addIndex(
      this.paymentTable,
      STORED_INDEX,
      { name: 'listShard', type: AttributeType.NUMBER },
      {
        sortedBy: 'storedAt',
        warm: warmTables?.byStoredAt,
      },
    );
  }
}
