/**
 * Writes a payment if nobody else has changed it. Names that are new to a payment which is stored are written before it, one
 * by one: whoever reads between the two finds the payment by a name that it does not know yet, and adds it. Where a payment
 * begins with several names, or payments are joined, all of it is one transaction.
 */

import type { TransactWriteItem, Update } from '@aws-sdk/client-dynamodb';
import type { PaymentView } from '../../../payments/payment.ts';
import { cancellationReasons, storeError } from '../dynamodb/errors.ts';
import { type Item, number, text } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { ifUnchanged } from './if-unchanged.ts';
import {
  apartItemOf,
  attributesInName,
  nameKey,
  ownerAttribute,
  PAYMENT_ATTRIBUTES,
  type PaymentItem,
  type PaymentOwner,
  paymentKey,
} from './items.ts';

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
  /** As it is to be; its revision is one more than the one that was read, and 1 for a payment that is not stored yet. */
  readonly payment: Omit<PaymentItem, 'recorded' | 'isApart'>;
  readonly isApart: boolean;
  readonly packed: Uint8Array;
  readonly view: Pick<PaymentView, 'status'>;
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

/** All of it or nothing but names. `lost`: somebody changed something of it since it was read. */
export const writePayment = async (
  { client, tableName }: DynamodbPaymentWriteDeps,
  write: PaymentWrite,
): Promise<'written' | 'lost'> => {
  const { payment, isApart, joined } = write;
  // The anchor's item is written with the payment in it.
  const renamings = write.renamings.filter(({ name }) => isApart || payment.revision > 1 || name !== payment.anchor);
  const renames = renamings.map((renaming) => renameOf(tableName, write, renaming));
  try {
    if (joined.length > 0 || (payment.revision === 1 && renames.length > 0)) {
      const removed = new Set(joined.flatMap((item) => (item.isApart ? [] : [item.anchor])));
      await client.transactWriteItems({
        TransactItems: [
          paymentWriteOf(tableName, write),
          ...renames.flatMap((rename, index) =>
            removed.has(renamings[index]?.name ?? '') ? [] : [{ Update: rename }],
          ),
          ...joined.map((item) => removalOf(tableName, write, item)),
        ],
      });
      return 'written';
    }
    for (const rename of renames) await client.updateItem(rename);
    const { Put: put, Update: update } = paymentWriteOf(tableName, write);
    if (put !== undefined) await client.putItem(put);
    else if (update !== undefined) await client.updateItem(update);
    return 'written';
  } catch (error) {
    if (isLost(error)) return 'lost';
    return storeError(tableName)(error);
  }
};

const renameOf = (tableName: string, { owner, payment }: PaymentWrite, { name, from }: Renaming): Update => ({
  TableName: tableName,
  Key: { id: text(nameKey(name)) },
  UpdateExpression: 'SET #owner = :anchor',
  // It may lead there already, when whoever wrote it came no further.
  ConditionExpression: `${from === null ? 'attribute_not_exists(#owner)' : '#owner = :from'} OR #owner = :anchor`,
  ExpressionAttributeNames: { '#owner': ownerAttribute(owner) },
  ExpressionAttributeValues: { ':anchor': text(payment.anchor), ...(from === null ? {} : { ':from': text(from) }) },
});

const paymentWriteOf = (tableName: string, write: PaymentWrite): TransactWriteItem => {
  const { owner, payment, isApart, packed, view } = write;
  const known = payment.revision === 1 ? null : payment.revision - 1;
  if (isApart) {
    const item = apartItemOf(owner, payment, packed, view);
    return { Put: { TableName: tableName, Item: item, ...ifUnchanged(known) } };
  }
  const set = Object.entries(attributesInName(owner, payment, packed, view));
  const unchanged = known === null ? ifNothingOf(owner) : ifSameOf(owner, known);
  return {
    Update: {
      TableName: tableName,
      Key: { id: text(nameKey(payment.anchor)) },
      UpdateExpression: `SET ${set.map((_, index) => `#a${index} = :a${index}`).join(', ')}`,
      ConditionExpression: unchanged.ConditionExpression,
      ExpressionAttributeNames: {
        ...Object.fromEntries(set.map(([name], index) => [`#a${index}`, name])),
        ...unchanged.ExpressionAttributeNames,
      },
      ExpressionAttributeValues: {
        ...Object.fromEntries(set.map(([, value], index): [string, Item[string]] => [`:a${index}`, value])),
        ...unchanged.ExpressionAttributeValues,
      },
    },
  };
};

/** The name leads nowhere for the owner, and no other owner's payment stands in its item. */
const ifNothingOf = (owner: PaymentOwner) => ({
  ConditionExpression: 'attribute_not_exists(#owner) AND attribute_not_exists(paymentOf)',
  ExpressionAttributeNames: { '#owner': ownerAttribute(owner) },
  ExpressionAttributeValues: {},
});

const ifSameOf = (owner: PaymentOwner, revision: number) => ({
  ConditionExpression: 'paymentOf = :of AND #revision = :revision',
  ExpressionAttributeNames: { '#revision': 'revision' },
  ExpressionAttributeValues: { ':of': text(ownerAttribute(owner)), ':revision': number(revision) },
});

/** The end of a payment that was joined to this one. Its anchor leads here from now on: what was added to it meanwhile follows. */
const removalOf = (tableName: string, { owner, payment }: PaymentWrite, joined: PaymentItem): TransactWriteItem => {
  if (joined.isApart) {
    const Key = { id: text(paymentKey(owner, joined.anchor)) };
    return { Delete: { TableName: tableName, Key, ...ifUnchanged(joined.revision) } };
  }
  const same = ifSameOf(owner, joined.revision);
  return {
    Update: {
      TableName: tableName,
      Key: { id: text(nameKey(joined.anchor)) },
      UpdateExpression: `SET #owner = :anchor REMOVE ${PAYMENT_ATTRIBUTES.map((name) => `#${name}`).join(', ')}`,
      ConditionExpression: same.ConditionExpression,
      ExpressionAttributeNames: {
        '#owner': ownerAttribute(owner),
        ...Object.fromEntries(PAYMENT_ATTRIBUTES.map((name) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: { ...same.ExpressionAttributeValues, ':anchor': text(payment.anchor) },
    },
  };
};
