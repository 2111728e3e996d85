/**
 * What became of the entries of destinations, in the table of the payments. SQS holds the queues; this is what operators
 * are shown. A delivery at the first attempt costs two writes for each destination at most: one for all entries of
 * the webhook, and one for what became of each.
 */
import { type EpochMs, keyText, type WebhookKey } from '../../../core/webhook.ts';
import type { DestinationClaim, DestinationEntry, DestinationStatus } from '../../../destinations/destination-queue.ts';
import { storeError } from '../dynamodb/errors.ts';
import { type Item, numberOf, text } from '../dynamodb/values.ts';
import { countAttribute, GIVEN_UP_KEY, readStates, statesKey } from './items.ts';
import {
  type DynamodbDestinationStatesDeps,
  type MarkOutcome,
  markClaim,
  type PutEntry,
  putWaitingOf,
} from './write-states.ts';

export interface DestinationStates {
  /**
   * Marks the entries as waiting: `DestinationOutbox.put` without the queues. Returns every entry with the time since
   * when it waits, which is `at` unless it waited before.
   */
  putWaiting(entries: readonly DestinationEntry[], at: EpochMs): Promise<readonly PutEntry[]>;
  /** Marks what became of a claim. An entry that was put again after this claim was made stays as it is. */
  mark(claim: DestinationClaim, result: MarkOutcome, at: EpochMs): Promise<void>;
  ofWebhook(key: WebhookKey): Promise<readonly DestinationStatus[]>;
  /**
   * How many entries of each destination are given up. A count of its own: one too many or too few after a crash in the
   * wrong moment, and entries stay counted when their states have expired.
   */
  countGivenUp(destinations: readonly string[]): Promise<readonly number[]>;
}

export const createDynamodbDestinationStates = (deps: DynamodbDestinationStatesDeps): DestinationStates => {
  const { client, tableName } = deps;

  const getItem = async (id: string): Promise<Item | undefined> => {
    const { Item: item } = await client
      .getItem({ TableName: tableName, Key: { id: text(id) }, ConsistentRead: true })
      .catch(storeError(tableName));
    return item;
  };

  return {
    async putWaiting(entries, at) {
      const put: PutEntry[] = [];
      const byWebhook = Object.values(Object.groupBy(entries, keyText));
      for (const ofOne of byWebhook) if (ofOne !== undefined) put.push(...(await putWaitingOf(deps, ofOne, at)));
      return put;
    },
    mark: (claim, result, at) => markClaim(deps, claim, result, at),
    async ofWebhook(key) {
      const item = await getItem(statesKey(key));
      return item === undefined ? [] : readStates(tableName, item, key.webhookId);
    },
    async countGivenUp(destinations) {
      const counts = (await getItem(GIVEN_UP_KEY)) ?? {};
      return destinations.map((destination) => Math.max(0, numberOf(counts, countAttribute(destination)) ?? 0));
    },
  };
};
