/**
 * The rejected box on DynamoDB: a table of its own, one item a place. Keeping one is one put without a condition, of as many
 * write units as it has kilobytes; a list reads the whole table, which its places bound.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../../core/ports/clock.ts';
import {
  type KeepRejected,
  pageOfRejected,
  placeOf,
  type RejectedBox,
  type RejectedDelivery,
  type RejectedSummary,
} from '../../../core/ports/rejected-box.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { storeError } from '../dynamodb/errors.ts';
import { bytes, type Item, number, numberOf, requiredBytes, requiredText, text, textOf } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import type { DynamodbCalls, DynamodbScan } from '../service-calls.ts';

const keyOf = (id: string): Item => ({ place: text(placeOf(id)) });

/** What it became stands beside what was written when it came. */
const summaryOf = (item: Item): RejectedSummary => {
  const webhookIds = textOf(item, 'webhookIds');
  return {
    ...(JSON.parse(requiredText(item, 'summary')) as RejectedSummary),
    acceptedAt: numberOf(item, 'acceptedAt') ?? null,
    ...(webhookIds === undefined ? {} : { webhookIds: JSON.parse(webhookIds) as string[] }),
  };
};

export const createDynamodbKeepRejected = (deps: {
  readonly client: Pick<DynamodbCalls, 'putItem'>;
  readonly tableName: string;
}): KeepRejected => ({
  async keep({ payload, ...summary }) {
    const item: Record<string, AttributeValue> = {
      ...keyOf(summary.id),
      id: text(summary.id),
      summary: text(JSON.stringify(summary)),
      keyId: text(payload.keyId),
      payload: bytes(payload.bytes),
      // Seconds, as the table's time to live wants them.
      expiresAt: number(Math.ceil(summary.expiresAt / SECOND_MS)),
    };
    await deps.client.putItem({ TableName: deps.tableName, Item: item }).catch(storeError(deps.tableName));
  },
});

export const createDynamodbRejectedBox = (deps: {
  readonly client: Pick<DynamodbCalls, 'putItem' | 'getItem' | 'updateItem'> & DynamodbScan;
  readonly tableName: string;
  readonly clock: Clock;
}): RejectedBox => {
  const { client, tableName, clock } = deps;

  const get = async (id: string): Promise<RejectedDelivery | undefined> => {
    const { Item: item } = await client
      .getItem({ TableName: tableName, Key: keyOf(id), ConsistentRead: true })
      .catch(storeError(tableName));
    if (item === undefined || requiredText(item, 'id') !== id) return undefined;
    const summary = summaryOf(item);
    const payload = { keyId: requiredText(item, 'keyId'), bytes: requiredBytes(item, 'payload') };
    return summary.expiresAt > clock.now() ? { ...summary, payload } : undefined;
  };

  return {
    ...createDynamodbKeepRejected({ client, tableName }),
    get,
    async list(filter) {
      const found: RejectedSummary[] = [];
      let from: Item | undefined;
      do {
        const page = await client
          .scan({
            TableName: tableName,
            ProjectionExpression: 'summary, acceptedAt, webhookIds',
            ConsistentRead: true,
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          })
          .catch(storeError(tableName));
        found.push(...(page.Items ?? []).map(summaryOf));
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      const now = clock.now();
      return pageOfRejected(
        found.filter(({ expiresAt }) => expiresAt > now),
        filter,
      );
    },
    async markAccepted(id, { at, webhookIds }) {
      try {
        await client.updateItem({
          TableName: tableName,
          Key: keyOf(id),
          UpdateExpression: 'SET acceptedAt = :at, webhookIds = :ids',
          ConditionExpression: 'id = :id',
          ExpressionAttributeValues: { ':at': number(at), ':ids': text(JSON.stringify(webhookIds)), ':id': text(id) },
        });
      } catch (error) {
        if (isAwsError(error, 'ConditionalCheckFailedException')) return;
        return storeError(tableName)(error);
      }
    },
  };
};
