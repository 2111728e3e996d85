/** Writes a payment if nobody else has changed it: one item mostly, a transaction when names are new. */

import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { cancellationReasons, storeError } from '../dynamodb/errors.ts';
import { type Item, text } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { ifUnchanged } from './if-unchanged.ts';
import { nameKey, ownerAttribute, type PaymentItem, type PaymentOwner, paymentKey } from './items.ts';

export interface DynamodbPaymentWriteDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
}

/** A name that is to lead to the payment. */
export interface Renaming {
  readonly name: string;
  /** The anchor that the name leads to now; null when it leads nowhere. */
  readonly from: string | null;
}

export interface PaymentWrite {
  readonly owner: PaymentOwner;
  readonly anchor: string;
  readonly item: Item;
  /** The revision that was read; null for a payment that is not stored yet. */
  readonly revision: number | null;
  readonly renamings: readonly Renaming[];
  /** Payments that were joined to this one, and end with this write. */
  readonly joined: readonly PaymentItem[];
}

const LOST = ['ConditionalCheckFailed', 'TransactionConflict'];

/** Whether others were quicker, and nothing else was wrong. */
const isLost = (error: unknown): boolean => {
  if (isAwsError(error, 'ConditionalCheckFailedException', 'TransactionConflictException')) return true;
  const codes = cancellationReasons(error).flatMap(({ Code: code }) =>
    code === undefined || code === 'None' ? [] : code,
  );
  return codes.length > 0 && codes.every((code) => LOST.includes(code));
};

const renameOf = (tableName: string, { owner, anchor }: PaymentWrite, { name, from }: Renaming): TransactWriteItem => ({
  Update: {
    TableName: tableName,
    Key: { id: text(nameKey(name)) },
    UpdateExpression: 'SET #owner = :anchor',
    ConditionExpression: from === null ? 'attribute_not_exists(#owner)' : '#owner = :from',
    ExpressionAttributeNames: { '#owner': ownerAttribute(owner) },
    ExpressionAttributeValues: { ':anchor': text(anchor), ...(from === null ? {} : { ':from': text(from) }) },
  },
});

/** All of it or nothing. `lost`: somebody changed something of it since it was read, and nothing was written. */
export const writePayment = async (
  { client, tableName }: DynamodbPaymentWriteDeps,
  write: PaymentWrite,
): Promise<'written' | 'lost'> => {
  const { owner, item, revision, renamings, joined } = write;
  const put = { TableName: tableName, Item: item, ...ifUnchanged(revision) };
  try {
    if (renamings.length === 0 && joined.length === 0) {
      await client.putItem(put);
      return 'written';
    }
    await client.transactWriteItems({
      TransactItems: [
        { Put: put },
        ...renamings.map((renaming) => renameOf(tableName, write, renaming)),
        ...joined.map((payment) => ({
          Delete: {
            TableName: tableName,
            Key: { id: text(paymentKey(owner, payment.anchor)) },
            ...ifUnchanged(payment.revision),
          },
        })),
      ],
    });
    return 'written';
  } catch (error) {
    if (isLost(error)) return 'lost';
    return storeError(tableName)(error);
  }
};
