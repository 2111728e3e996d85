/** What is known of an invoice, a subscription or the like, as an item beside the payments: one read, one conditional write. */

import { PayhookError } from '../../../core/errors.ts';
import type { Randomness } from '../../../core/ports/randomness.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import {
  recordSubject,
  type SubjectChange,
  type SubjectReceived,
  subjectFromText,
  subjectToText,
} from '../../../payments/subject.ts';
import { damaged, storeError } from '../dynamodb/errors.ts';
import { type Item, number, requiredNumber, requiredText, text } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { ifUnchanged, pauseAfter, TRIES_MAX } from './if-unchanged.ts';
import { keyOf } from './items.ts';

export interface DynamodbSubjectDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
  readonly randomness: Pick<Randomness, 'fraction'>;
}

const SUBJECT_PREFIX = 'subject:';

/** `PaymentStore.applyToSubject`. */
export const applyToSubject = async (
  deps: DynamodbSubjectDeps,
  change: SubjectChange,
  at: EpochMs,
): Promise<SubjectReceived> => {
  const { client, tableName, randomness } = deps;
  const id = keyOf(SUBJECT_PREFIX, [change.provider, change.account, change.kind, change.id]);
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const { Item: item } = await client
      .getItem({ TableName: tableName, Key: { id: text(id) }, ConsistentRead: true })
      .catch(storeError(tableName));
    const known = item === undefined ? null : readSubject(tableName, id, item);
    const { received, record } = recordSubject(known?.record ?? null, change);
    if (record === null) return received;
    const next: Item = {
      id: text(id),
      record: text(subjectToText(record)),
      changedAt: number(at),
      revision: number((known?.revision ?? 0) + 1),
    };
    if (await putIfUnchanged(deps, next, known?.revision ?? null)) return received;
    await pauseAfter(tries, randomness);
  }
  throw new PayhookError(
    'store_busy',
    `what is known of a ${change.kind} in table ${tableName} was changed by others each of ${TRIES_MAX} times: try again later`,
  );
};

const readSubject = (tableName: string, id: string, item: Item) => {
  try {
    return { record: subjectFromText(requiredText(item, 'record')), revision: requiredNumber(item, 'revision') };
  } catch (cause) {
    throw damaged(tableName, id, cause);
  }
};

const putIfUnchanged = async (
  { client, tableName }: DynamodbSubjectDeps,
  item: Item,
  revision: number | null,
): Promise<boolean> => {
  try {
    await client.putItem({ TableName: tableName, Item: item, ...ifUnchanged(revision) });
    return true;
  } catch (error) {
    if (isAwsError(error, 'ConditionalCheckFailedException')) return false;
    return storeError(tableName)(error);
  }
};
