/** Where payments live: table `Payments`. Beside them stands what became of each event for a destination. */
import { AttributeType, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { STORED_INDEX } from '../../src/config/aws-names.ts';
import type { Retention } from '../ground/retention.ts';
import type { StackNames } from '../ground/stack-names.ts';
import { tableBasics } from './store.ts';

export interface PaymentsProps {
  readonly names: StackNames;
  readonly key: IKey;
  readonly retention: Retention;
}

/** It has no stream: a payment is computed from webhooks, and these are what is audited. */
export class Payments extends Construct {
  readonly paymentTable: Table;

  constructor(scope: Construct, id: string, { names, key, retention }: PaymentsProps) {
    super(scope, id);
    this.paymentTable = new Table(this, 'Payments', {
      ...tableBasics(key, retention),
      tableName: names.paymentTable,
      partitionKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
    });
    // Keys only, and sharded, as the indexes of the webhooks are.
    this.paymentTable.addGlobalSecondaryIndex({
      indexName: STORED_INDEX,
      partitionKey: { name: 'listShard', type: AttributeType.NUMBER },
      sortKey: { name: 'storedAt', type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    });
  }
}
