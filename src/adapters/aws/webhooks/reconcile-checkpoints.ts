/** Checkpoints of reconciliation: an item each in the table of webhooks, beside those of the sweeper. */
import type { Checkpoint, Checkpoints } from '../../../core/ports/reconcile-checkpoints.ts';
import { storeError } from '../dynamodb/errors.ts';
import { number, requiredNumber, requiredText, text } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { keyItem, RECONCILE_PREFIX } from './write-item.ts';

export interface DynamodbReconcileCheckpointsDeps {
  readonly client: Pick<DynamodbCalls, 'getItem' | 'putItem'>;
  readonly tableName: string;
}

const keyOf = (source: string) => keyItem({ webhookId: `${RECONCILE_PREFIX}${source}`, timestamp: 0 });

export const createDynamodbReconcileCheckpoints = <Kept extends { readonly source: string } = Checkpoint>({
  client,
  tableName,
}: DynamodbReconcileCheckpointsDeps): Checkpoints<Kept> => ({
  async get(source) {
    const { Item: item } = await client
      .getItem({ TableName: tableName, Key: keyOf(source), ConsistentRead: true })
      .catch(storeError(tableName));
    if (item === undefined) return undefined;
    const checkpoint: Kept = JSON.parse(requiredText(item, 'checkpoint'));
    return { ...checkpoint, revision: requiredNumber(item, 'writes') };
  },
  async put(checkpoint, revision) {
    try {
      await client.putItem({
        TableName: tableName,
        Item: {
          ...keyOf(checkpoint.source),
          checkpoint: text(JSON.stringify(checkpoint)),
          writes: number(revision + 1),
        },
        ConditionExpression: revision === 0 ? 'attribute_not_exists(webhookId)' : 'writes = :writes',
        ...(revision === 0 ? {} : { ExpressionAttributeValues: { ':writes': number(revision) } }),
      });
      return true;
    } catch (error) {
      if (isAwsError(error, 'ConditionalCheckFailedException')) return false;
      return storeError(tableName)(error);
    }
  },
});
