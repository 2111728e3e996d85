/**
 * Stores a webhook that was just received, in one call. Where the provider's signature does not bind the whole body, the
 * hash of the body is stored under the transmission's id in the same call, both or neither.
 */

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { TransactWriteItemsInput } from '@aws-sdk/client-dynamodb';
import { type ChainLink, linkEntry } from '../../../audit/audit.ts';
import { entriesForInsert } from '../../../audit/entries.ts';
import type { Randomness } from '../../../core/ports/randomness.ts';
import type { Insertion, InsertOutcome, Transmission } from '../../../core/ports/webhook-store.ts';
import { cancellationReasons, storeError } from '../dynamodb/errors.ts';
import { hexBytes, type Item, number } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { readStoredEvent } from './read-item.ts';
import { insertedItem, keyItem, TRANSMISSION_PREFIX } from './write-item.ts';

export interface DynamodbWebhookInsertDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
  readonly randomness: Pick<Randomness, 'fraction'>;
}

/** Two transactions on one item at the same time: one of them is told to come again. */
const CONFLICT_TRIES_MAX = 10;
const CONFLICT_PAUSE_MS = 50;

const NOT_STORED_YET = 'attribute_not_exists(webhookId)';

export const insertWebhook = (deps: DynamodbWebhookInsertDeps, insertion: Insertion): Promise<InsertOutcome> => {
  const item = insertedItem(insertion, headAfter(insertion));
  const { transmission } = insertion;
  return transmission === null ? insertItem(deps, item) : insertWithTransmission(deps, item, insertion, transmission);
};

const headAfter = (insertion: Insertion): ChainLink => {
  let head: ChainLink | undefined;
  // The item does not name its transmission, and the change feed has to come to the same entries out of the item.
  for (const draft of entriesForInsert({ ...insertion, transmission: null })) head = linkEntry(draft, head);
  assert(head !== undefined, 'an insert leaves at least one audit entry');
  return head;
};

const duplicateOf = (tableName: string, stored: Item): InsertOutcome => ({
  outcome: 'duplicate',
  ...readStoredEvent(tableName, stored),
  isQueued: false,
});

const insertItem = async ({ client, tableName }: DynamodbWebhookInsertDeps, item: Item): Promise<InsertOutcome> => {
  try {
    await client.putItem({
      TableName: tableName,
      Item: item,
      ConditionExpression: NOT_STORED_YET,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return { outcome: 'inserted', isQueued: false };
  } catch (error) {
    const stored = itemOfFailedCondition(error);
    return stored === undefined ? storeError(tableName)(error) : duplicateOf(tableName, stored);
  }
};

const itemOfFailedCondition = (error: unknown): Item | undefined =>
  isAwsError(error, 'ConditionalCheckFailedException') ? (error as { Item?: Item }).Item : undefined;

/** A transmission that is there with the same body is fine; with another one it is a forgery. */
const insertWithTransmission = async (
  deps: DynamodbWebhookInsertDeps,
  item: Item,
  { webhook }: Insertion,
  transmission: Transmission,
): Promise<InsertOutcome> => {
  const { client, tableName } = deps;
  const bodySha256 = hexBytes(webhook.bodySha256);
  const both: TransactWriteItemsInput = {
    TransactItems: [
      {
        Put: {
          TableName: tableName,
          Item: {
            ...keyItem({ webhookId: `${TRANSMISSION_PREFIX}${webhook.provider}:${transmission.id}`, timestamp: 0 }),
            bodySha256,
            expiresAt: item.expiresAt ?? number(0),
          },
          ConditionExpression: `${NOT_STORED_YET} OR bodySha256 = :body`,
          ExpressionAttributeValues: { ':body': bodySha256 },
        },
      },
      {
        Put: {
          TableName: tableName,
          Item: item,
          ConditionExpression: NOT_STORED_YET,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
    ],
  };
  for (let tries = 1; ; tries += 1) {
    try {
      await client.transactWriteItems(both);
      return { outcome: 'inserted', isQueued: false };
    } catch (error) {
      const [ofTransmission, ofWebhook] = cancellationReasons(error);
      if (ofTransmission?.Code === 'ConditionalCheckFailed') return { outcome: 'conflict' };
      const stored = ofWebhook?.Code === 'ConditionalCheckFailed' ? ofWebhook.Item : undefined;
      if (stored !== undefined) return duplicateOf(tableName, stored);
      const isConflict = [ofTransmission, ofWebhook].some((reason) => reason?.Code === 'TransactionConflict');
      if (!isConflict || tries >= CONFLICT_TRIES_MAX) return storeError(tableName)(error);
      await pause(deps.randomness.fraction() * CONFLICT_PAUSE_MS * tries);
    }
  }
};
