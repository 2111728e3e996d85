/**
 * What was learnt of silence, on DynamoDB: an item beside the trail, and no part of it. The audit logger sees every webhook
 * come, and may write nothing else than this table.
 */
import type { SilenceRecords } from '../../../core/ports/silence-records.ts';
import { storeError } from '../dynamodb/errors.ts';
import { number, requiredNumber, requiredText, text } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';

export interface DynamodbSilenceRecordsDeps {
  readonly client: Pick<DynamodbCalls, 'query' | 'putItem'>;
  readonly auditTable: string;
}

/** The part of the table, which holds one item. */
const SILENCE = 'silence';

export const createDynamodbSilenceRecords = ({ client, auditTable }: DynamodbSilenceRecordsDeps): SilenceRecords => ({
  async get() {
    const { Items: [item] = [] } = await client
      .query({
        TableName: auditTable,
        KeyConditionExpression: 'part = :silence',
        ExpressionAttributeValues: { ':silence': text(SILENCE) },
        ConsistentRead: true,
        Limit: 1,
      })
      .catch(storeError(auditTable));
    return item === undefined
      ? undefined
      : { text: requiredText(item, 'learnt'), revision: requiredNumber(item, 'writes') };
  },
  async put(learnt, revision) {
    try {
      await client.putItem({
        TableName: auditTable,
        Item: { part: text(SILENCE), number: number(0), learnt: text(learnt), writes: number(revision + 1) },
        ConditionExpression: revision === 0 ? 'attribute_not_exists(part)' : 'writes = :writes',
        ...(revision === 0 ? {} : { ExpressionAttributeValues: { ':writes': number(revision) } }),
      });
      return true;
    } catch (error) {
      if (isAwsError(error, 'ConditionalCheckFailedException')) return false;
      return storeError(auditTable)(error);
    }
  },
});
