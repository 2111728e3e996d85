/** One write to the states of a webhook's entries, and the count of what was given up. */
import { type DynamoDBClient, UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Randomness } from '../../../core/ports/randomness.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import { storeError } from '../dynamodb/errors.ts';
import { type Item, number, text } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import { countAttribute, GIVEN_UP_KEY } from './items.ts';

export interface DynamodbDestinationStatesDeps {
  readonly client: DynamoDBClient;
  /** The table of the payments; its time to live is `expiresAt`. */
  readonly tableName: string;
  /** States are kept this long after the entries were put. */
  readonly retentionMs: number;
  readonly randomness: Pick<Randomness, 'fraction'>;
}

/** In whole seconds, as time to live counts. */
export const expiryOf = ({ retentionMs }: DynamodbDestinationStatesDeps, at: EpochMs): number =>
  Math.ceil((at + retentionMs) / SECOND_MS);

/** Undefined when it was written; otherwise the item that did not meet the condition, empty when there is none. */
export const updateStates = async (
  { client, tableName }: DynamodbDestinationStatesDeps,
  input: Omit<UpdateItemCommandInput, 'TableName'>,
): Promise<Item | undefined> => {
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: tableName,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ...input,
      }),
    );
    return undefined;
  } catch (error) {
    if (!isAwsError(error, 'ConditionalCheckFailedException')) return storeError(tableName)(error);
    return (error as { Item?: Item }).Item ?? {};
  }
};

export const addGivenUp = async (
  deps: DynamodbDestinationStatesDeps,
  destination: string,
  by: 1 | -1,
): Promise<void> => {
  await updateStates(deps, {
    Key: { id: text(GIVEN_UP_KEY) },
    UpdateExpression: 'ADD #destination :by',
    ExpressionAttributeNames: { '#destination': countAttribute(destination) },
    ExpressionAttributeValues: { ':by': number(by) },
  });
};
