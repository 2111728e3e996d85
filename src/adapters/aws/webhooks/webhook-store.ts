/**
 * The webhook store on DynamoDB. One call stores a webhook; a duplicate is told in the same call. Queueing is the
 * caller's, audit entries come by the table's stream: each write carries the head of its chain, so that the change feed
 * can tell our writes from anybody else's.
 */

import assert from 'node:assert/strict';
import { LIMITS } from '../../../core/limits.ts';
import type { ChangeOutcome, StatusChange, WebhookStore } from '../../../core/ports/webhook-store.ts';
import { isTransitionAllowed } from '../../../core/status.ts';
import { keyText, type Webhook, type WebhookKey } from '../../../core/webhook.ts';
import { storeError } from '../dynamodb/errors.ts';
import { type Item, number, text } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { type Changeable, changeableOf, itemChangeOf } from './changes.ts';
import { type DynamodbWebhookInsertDeps, insertWebhook } from './insert.ts';
import { createDynamodbWebhookList } from './list.ts';
import { readStoredWebhook, type StoredWebhook } from './read-item.ts';
import { isOfNoWebhook, keyItem } from './write-item.ts';

export type DynamodbWebhookStoreDeps = DynamodbWebhookInsertDeps;

/** Webhooks that one process has in hand at a time, with room to spare. */
const SEEN_MAX = 100;

export const createDynamodbWebhookStore = (deps: DynamodbWebhookStoreDeps): WebhookStore => {
  /** What was read and not changed since: the processor reads a webhook, then changes it, and need not read it again. */
  const seen = new Map<string, Changeable>();

  const readChangeable = async (key: WebhookKey): Promise<Changeable | undefined> => {
    const stored = await read(deps, key);
    return stored === undefined ? undefined : changeableOf(stored);
  };

  return {
    insert: (insertion) => insertWebhook(deps, insertion),
    async get(key) {
      const stored = await read(deps, key);
      seen.delete(keyText(key));
      if (stored === undefined) return undefined;
      seen.set(keyText(key), changeableOf(stored));
      const oldest = seen.keys().next().value;
      if (seen.size > SEEN_MAX && oldest !== undefined) seen.delete(oldest);
      return stored.webhook;
    },
    find: (webhookId) => find(deps, webhookId),
    async change(key, revision, change) {
      const remembered = seen.get(keyText(key));
      seen.delete(keyText(key));
      // The update is conditional on the revision: one that is remembered and out of date changes nothing.
      const stored = remembered?.revision === revision ? remembered : await readChangeable(key);
      if (stored === undefined) return { outcome: 'missing' };
      if (stored.revision !== revision) return { outcome: 'stale' };
      const { status } = stored;
      assert(isTransitionAllowed(status, change.status), `a webhook that is ${status} may not become ${change.status}`);
      const outcome = await update(deps, stored, change);
      if (outcome.outcome !== 'stale') return outcome;
      // A legal hold moves the end of the chain, and nothing else that a change is conditional on.
      const held = await readChangeable(key);
      const isOnlyHeld = held?.revision === revision && held.head.seq !== stored.head.seq;
      return isOnlyHeld ? update(deps, held, change) : outcome;
    },
    list: createDynamodbWebhookList(deps),
    listBrief: createDynamodbWebhookList(deps),
  };
};

const read = async (
  { client, tableName }: DynamodbWebhookStoreDeps,
  key: WebhookKey,
): Promise<StoredWebhook | undefined> => {
  const { Item: item } = await client
    .getItem({ TableName: tableName, Key: keyItem(key), ConsistentRead: true })
    .catch(storeError(tableName));
  return item === undefined ? undefined : readStoredWebhook(tableName, item);
};

const find = async (
  { client, tableName }: DynamodbWebhookStoreDeps,
  webhookId: string,
): Promise<readonly Webhook[]> => {
  if (isOfNoWebhook(webhookId)) return [];
  const found: Webhook[] = [];
  let startKey: Item | undefined;
  // One answer holds at most 1 MB, which may be three webhooks.
  do {
    const { Items: items = [], LastEvaluatedKey: last }: Awaited<ReturnType<DynamodbCalls['query']>> = await client
      .query({
        TableName: tableName,
        KeyConditionExpression: 'webhookId = :id',
        ExpressionAttributeValues: { ':id': text(webhookId) },
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: LIMITS.findMax - found.length,
        ExclusiveStartKey: startKey,
      })
      .catch(storeError(tableName));
    found.push(...items.map((item) => readStoredWebhook(tableName, item).webhook));
    startKey = last;
  } while (startKey !== undefined && found.length < LIMITS.findMax);
  return found;
};

const update = async (
  { client, tableName }: DynamodbWebhookStoreDeps,
  stored: Changeable,
  change: StatusChange,
): Promise<ChangeOutcome> => {
  const { set, removed } = itemChangeOf(stored, change);
  const setNames = Object.keys(set);
  const sets = setNames.map((name) => `#${name} = :${name}`).join(', ');
  const removes = removed.map((name) => `#${name}`).join(', ');
  try {
    await client.updateItem({
      TableName: tableName,
      Key: keyItem(stored),
      UpdateExpression: `SET ${sets}${removes === '' ? '' : ` REMOVE ${removes}`}`,
      ConditionExpression: '#revision = :expected AND #auditSeq = :linkedTo',
      ExpressionAttributeNames: Object.fromEntries([...setNames, ...removed].map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
        ':expected': number(stored.revision),
        ':linkedTo': number(stored.head.seq),
      },
    });
    return { outcome: 'changed', revision: stored.revision + 1, isSettled: false };
  } catch (error) {
    if (isAwsError(error, 'ConditionalCheckFailedException')) return { outcome: 'stale' };
    return storeError(tableName)(error);
  }
};
