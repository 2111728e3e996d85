/**
 * Takes the time to live off the item of a webhook, and puts it back as it was. It is an entry in the webhook's own chain, as
 * every change of an item is: the change feed computes it again, and whoever does it by hand is found.
 */
import { linkEntry } from '../../../audit/audit.ts';
import { entryForWebhookHold, type WebhookHold } from '../../../audit/hold-entries.ts';
import { PayhookError } from '../../../core/errors.ts';
import type { Randomness } from '../../../core/ports/randomness.ts';
import type { WebhookKey } from '../../../core/webhook.ts';
import { storeError } from '../dynamodb/errors.ts';
import { hexBytes, type Item, number, text } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import { pauseAfter, TRIES_MAX } from '../payments/if-unchanged.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { changeableOf, type ItemChange } from './changes.ts';
import { readStoredWebhook, type StoredWebhook } from './read-item.ts';
import { actorText, keyItem } from './write-item.ts';

export interface HoldWebhookDeps {
  readonly client: Pick<DynamodbCalls, 'getItem' | 'updateItem'>;
  readonly tableName: string;
  readonly randomness: Pick<Randomness, 'fraction'>;
}

/** Times that an item remembers, by which its entries are found. */
const TIMES_MAX = 20;

/** Pure, for an item that is not as `hold` wants it. */
export const itemHoldOf = (item: Item, stored: StoredWebhook, hold: WebhookHold): ItemChange => {
  const draft = entryForWebhookHold(changeableOf(stored), hold);
  const next = linkEntry(draft, stored.head);
  const { isHeld, at, actor, reason } = hold;
  const expiresAt = item.expiresAt ?? item.hold?.M?.expiresAt ?? number(0);
  return {
    set: {
      hold: {
        M: {
          at: number(at),
          by: text(actorText(actor)),
          reason: text(reason),
          times: { L: [...stored.holdTimes, at].slice(-TIMES_MAX).map(number) },
          ...(isHeld ? { expiresAt } : {}),
        },
      },
      auditSeq: number(next.seq),
      auditHash: hexBytes(next.hash),
      ...(isHeld ? {} : { expiresAt }),
    },
    removed: isHeld ? ['expiresAt'] : [],
    entry: { chainId: draft.chainId, at: draft.at, text: next.text, hash: next.hash },
  };
};

/** False when it is as `hold` wants it already, or not there any more. Throws store codes. */
export const holdWebhook = async (deps: HoldWebhookDeps, key: WebhookKey, hold: WebhookHold): Promise<boolean> => {
  const { client, tableName } = deps;
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const { Item: item } = await client
      .getItem({ TableName: tableName, Key: keyItem(key), ConsistentRead: true })
      .catch(storeError(tableName));
    if (item === undefined) return false;
    const stored = readStoredWebhook(tableName, item);
    if ((stored.hold?.isHeld ?? false) === hold.isHeld) return false;
    if (await writeHold(deps, stored, itemHoldOf(item, stored, hold))) return true;
    await pauseAfter(tries, deps.randomness);
  }
  throw new PayhookError(
    'store_busy',
    `webhook ${key.webhookId} in table ${tableName} was changed by others each of ${TRIES_MAX} times: try again later`,
  );
};

/** False when others have changed it since it was read. */
const writeHold = async (
  { client, tableName }: HoldWebhookDeps,
  { webhook, head }: StoredWebhook,
  { set, removed }: ItemChange,
): Promise<boolean> => {
  const names = Object.keys(set);
  const removes = removed.map((name) => `#${name}`).join(', ');
  try {
    await client.updateItem({
      TableName: tableName,
      Key: keyItem(webhook),
      UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}${removes === '' ? '' : ` REMOVE ${removes}`}`,
      ConditionExpression: '#revision = :revision AND #auditSeq = :linkedTo',
      ExpressionAttributeNames: Object.fromEntries(
        ['revision', ...names, ...removed].map((name) => [`#${name}`, name]),
      ),
      ExpressionAttributeValues: {
        ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
        ':revision': number(webhook.revision),
        ':linkedTo': number(head.seq),
      },
    });
    return true;
  } catch (error) {
    if (isAwsError(error, 'ConditionalCheckFailedException')) return false;
    return storeError(tableName)(error);
  }
};
