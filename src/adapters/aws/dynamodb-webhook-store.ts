/**
 * The webhook store on DynamoDB. One call stores a webhook; a duplicate is told in the same call. Queueing is the
 * caller's, audit entries come by the table's stream: each write carries the head of its chain, so that the change feed
 * can tell our writes from anybody else's.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type ChainLink, linkEntry } from '../../core/audit.ts';
import { entriesForInsert, entryForChange } from '../../core/audit-entries.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type {
  ChangeResult,
  Insertion,
  InsertResult,
  StatusChange,
  WebhookStore,
} from '../../core/ports/webhook-store.ts';
import { isTransitionAllowed } from '../../core/status.ts';
import { type EpochMs, keyText, type Webhook, type WebhookKey } from '../../core/webhook.ts';
import { isAwsError } from './aws-errors.ts';
import { storeError } from './dynamodb-errors.ts';
import {
  actorText,
  attentionOf,
  CHANGES_MAX,
  hexBytes,
  type Item,
  insertedItem,
  keyItem,
  number,
  type StoredWebhook,
  storedWebhookOf,
  TRANSMISSION_PREFIX,
  text,
} from './dynamodb-webhook-items.ts';
import { createDynamodbWebhookList } from './dynamodb-webhook-list.ts';

export interface DynamodbWebhookStoreDeps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly randomness: Pick<Randomness, 'fraction'>;
}

/** Two transactions on one item at the same time: one of them is told to come again. */
const CONFLICT_TRIES_MAX = 10;
const CONFLICT_PAUSE_MS = 50;
/** As much of a stored webhook as a change of it needs: without the payload. */
interface Changeable extends WebhookKey, Pick<Webhook, 'status' | 'traceId' | 'revision'> {
  readonly head: ChainLink;
  readonly changes: readonly EpochMs[];
}

const changeableOf = ({ webhook, head, changes }: StoredWebhook): Changeable => {
  const { webhookId, timestamp, status, traceId, revision } = webhook;
  return { webhookId, timestamp, status, traceId, revision, head, changes };
};

/** Webhooks that one process has in hand at a time, with room to spare. */
const SEEN_MAX = 100;
/** As many as `find` promises: an operator does not know the timestamp. */
const FIND_MAX = 100;

export const createDynamodbWebhookStore = (deps: DynamodbWebhookStoreDeps): WebhookStore => {
  const { client, tableName } = deps;
  /** What was read and not changed since: the processor reads a webhook, then changes it, and need not read it again. */
  const seen = new Map<string, Changeable>();

  const read = async (key: WebhookKey): Promise<StoredWebhook | undefined> => {
    const { Item: item } = await client
      .send(new GetItemCommand({ TableName: tableName, Key: keyItem(key), ConsistentRead: true }))
      .catch(storeError(tableName));
    return item === undefined ? undefined : storedWebhookOf(item);
  };

  const readChangeable = async (key: WebhookKey): Promise<Changeable | undefined> => {
    const stored = await read(key);
    return stored === undefined ? undefined : changeableOf(stored);
  };

  return {
    insert: (insertion) =>
      insertion.transmission === null ? insertOne(deps, insertion) : insertWithTransmission(deps, insertion),
    async get(key) {
      const stored = await read(key);
      seen.delete(keyText(key));
      if (stored === undefined) return undefined;
      seen.set(keyText(key), changeableOf(stored));
      const oldest = seen.keys().next().value;
      if (seen.size > SEEN_MAX && oldest !== undefined) seen.delete(oldest);
      return stored.webhook;
    },
    async find(webhookId) {
      const { Items: items = [] } = await client
        .send(
          new QueryCommand({
            TableName: tableName,
            KeyConditionExpression: 'webhookId = :id',
            ExpressionAttributeValues: { ':id': text(webhookId) },
            ConsistentRead: true,
            ScanIndexForward: false,
            Limit: FIND_MAX,
          }),
        )
        .catch(storeError(tableName));
      return items.map((item) => storedWebhookOf(item).webhook);
    },
    async change(key, revision, change) {
      const remembered = seen.get(keyText(key));
      seen.delete(keyText(key));
      // The update is conditional on the revision: one that is remembered and out of date changes nothing.
      const stored = remembered?.revision === revision ? remembered : await readChangeable(key);
      if (stored === undefined) return { outcome: 'missing' };
      if (stored.revision !== revision) return { outcome: 'stale' };
      const { status } = stored;
      assert(isTransitionAllowed(status, change.status), `a webhook that is ${status} may not become ${change.status}`);
      return update(deps, stored, change);
    },
    list: createDynamodbWebhookList(deps),
  };
};

const headAfter = (insertion: Insertion): ChainLink => {
  let head: ChainLink | undefined;
  for (const draft of entriesForInsert(insertion)) head = linkEntry(draft, head);
  assert(head !== undefined, 'an insert leaves at least one audit entry');
  return head;
};

const duplicateOf = (item: Item): InsertResult => ({
  outcome: 'duplicate',
  status: storedWebhookOf(item).webhook.status,
  isQueued: false,
});

const NOT_STORED_YET = 'attribute_not_exists(webhookId)';

const insertOne = async (
  { client, tableName }: DynamodbWebhookStoreDeps,
  insertion: Insertion,
): Promise<InsertResult> => {
  try {
    await client.send(
      new PutItemCommand({
        TableName: tableName,
        Item: insertedItem(insertion, headAfter(insertion)),
        ConditionExpression: NOT_STORED_YET,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return { outcome: 'inserted', isQueued: false };
  } catch (error) {
    const item = itemOfFailedCondition(error);
    return item === undefined ? storeError(tableName)(error) : duplicateOf(item);
  }
};

const itemOfFailedCondition = (error: unknown): Item | undefined =>
  isAwsError(error, 'ConditionalCheckFailedException') ? (error as { Item?: Item }).Item : undefined;

/**
 * For a provider whose signature does not bind the whole body: the webhook and the hash of the transmission's body, both
 * or neither, in one call. A transmission that is there with the same body is fine, with another one it is a forgery.
 */
const insertWithTransmission = async (deps: DynamodbWebhookStoreDeps, insertion: Insertion): Promise<InsertResult> => {
  const { client, tableName } = deps;
  const { webhook, transmission } = insertion;
  const item = insertedItem(insertion, headAfter(insertion));
  const bodySha256 = hexBytes(webhook.bodySha256);
  const command = new TransactWriteItemsCommand({
    TransactItems: [
      {
        Put: {
          TableName: tableName,
          Item: {
            ...keyItem({ webhookId: `${TRANSMISSION_PREFIX}${webhook.provider}:${transmission?.id}`, timestamp: 0 }),
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
  });
  for (let tries = 1; ; tries += 1) {
    try {
      await client.send(command);
      return { outcome: 'inserted', isQueued: false };
    } catch (error) {
      const [ofTransmission, ofWebhook] = cancellationReasons(error);
      if (ofTransmission?.Code === 'ConditionalCheckFailed') return { outcome: 'conflict' };
      if (ofWebhook?.Code === 'ConditionalCheckFailed' && ofWebhook.Item !== undefined)
        return duplicateOf(ofWebhook.Item);
      const isConflict = [ofTransmission, ofWebhook].some((reason) => reason?.Code === 'TransactionConflict');
      if (!isConflict || tries >= CONFLICT_TRIES_MAX) return storeError(tableName)(error);
      await pause(deps.randomness.fraction() * CONFLICT_PAUSE_MS * tries);
    }
  }
};

interface CancellationReason {
  readonly Code?: string;
  readonly Item?: Item;
}

const cancellationReasons = (error: unknown): readonly CancellationReason[] =>
  isAwsError(error, 'TransactionCanceledException')
    ? ((error as { CancellationReasons?: readonly CancellationReason[] }).CancellationReasons ?? [])
    : [];

const update = async (
  { client, tableName }: DynamodbWebhookStoreDeps,
  stored: Changeable,
  change: StatusChange,
): Promise<ChangeResult> => {
  const { status, traceId, revision, head, changes } = stored;
  const next = linkEntry(entryForChange(stored, status, traceId, change), head);
  const values: Record<string, Item[string]> = {
    status: text(change.status),
    changedBy: text(actorText(change.actor)),
    changes: { L: [...changes, change.changedAt].slice(-CHANGES_MAX).map(number) },
    revision: number(revision + 1),
    auditSeq: number(next.seq),
    auditHash: hexBytes(next.hash),
    ...(change.attempts === 0 ? {} : { attempts: number(change.attempts) }),
    ...(change.lastError === null ? {} : { lastError: text(change.lastError) }),
    ...(change.nextAttemptAt === null ? {} : { nextAttemptAt: number(change.nextAttemptAt) }),
    ...(change.reason === null ? {} : { changeReason: text(change.reason) }),
    ...attentionValue(stored, change),
  };
  const removed = ['attempts', 'lastError', 'nextAttemptAt', 'changeReason', 'attention'].filter(
    (name) => values[name] === undefined,
  );
  const names = [...Object.keys(values), ...removed];
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: keyItem(stored),
        UpdateExpression: `SET ${Object.keys(values)
          .map((name) => `#${name} = :${name}`)
          .join(', ')}${removed.length === 0 ? '' : ` REMOVE ${removed.map((name) => `#${name}`).join(', ')}`}`,
        ConditionExpression: '#revision = :expected',
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: {
          ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
          ':expected': number(revision),
        },
      }),
    );
    return { outcome: 'changed', revision: revision + 1, isSettled: false };
  } catch (error) {
    if (isAwsError(error, 'ConditionalCheckFailedException')) return { outcome: 'stale' };
    return storeError(tableName)(error);
  }
};

const attentionValue = ({ webhookId }: WebhookKey, { status }: StatusChange): Item => {
  const attention = attentionOf(webhookId, status);
  return attention === undefined ? {} : { attention: text(attention) };
};
