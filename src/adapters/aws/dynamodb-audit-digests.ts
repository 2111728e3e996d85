/** Digests as items of the audit table: each number once, for ever. */
import assert from 'node:assert/strict';
import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { AuditDigest } from '../../core/audit.ts';
import type { AuditLog } from '../../core/ports/audit-log.ts';
import { isAwsError } from './aws-errors.ts';
import type { DynamodbAuditRunsDeps } from './dynamodb-audit-runs.ts';
import { storeError } from './dynamodb-errors.ts';
import { hexBytes, type Item, number, requiredHex, requiredText, text } from './dynamodb-values.ts';

export type DynamodbAuditDigests = Pick<AuditLog, 'digests' | 'lastDigest' | 'appendDigest'>;

const DIGESTS = 'digests';

export const createDynamodbAuditDigests = ({
  client,
  auditTable,
}: Pick<DynamodbAuditRunsDeps, 'client' | 'auditTable'>): DynamodbAuditDigests => {
  const failed = storeError(auditTable, 'audit_unavailable');
  const query = async (afterNumber: number, isAscending: boolean, limit: number): Promise<readonly AuditDigest[]> => {
    const { Items: items = [] } = await client
      .send(
        new QueryCommand({
          TableName: auditTable,
          KeyConditionExpression: '#part = :digests AND #number > :after',
          ExpressionAttributeNames: { '#part': 'part', '#number': 'number' },
          ExpressionAttributeValues: { ':digests': text(DIGESTS), ':after': number(afterNumber) },
          ConsistentRead: true,
          ScanIndexForward: isAscending,
          Limit: limit,
        }),
      )
      .catch(failed);
    return items.map(digestOf);
  };
  const lastDigest = async () => (await query(0, false, 1))[0];

  return {
    digests: (afterNumber, limit) => query(afterNumber, true, limit),
    lastDigest,
    async appendDigest(digest) {
      if (digest.number !== ((await lastDigest())?.number ?? 0) + 1) return false;
      try {
        await client.send(
          new PutItemCommand({
            TableName: auditTable,
            Item: itemOf(digest),
            ConditionExpression: 'attribute_not_exists(part)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return true;
      } catch (error) {
        if (!isAwsError(error, 'ConditionalCheckFailedException')) return failed(error);
        // Our own, when an answer was lost and the call repeated itself. A signature is never made twice.
        const stored = (error as { Item?: Item }).Item;
        return stored !== undefined && JSON.stringify(digestOf(stored)) === JSON.stringify(digest);
      }
    },
  };
};

const itemOf = ({ entryHashes, ...rest }: AuditDigest): Item => ({
  part: text(DIGESTS),
  number: number(rest.number),
  digest: text(JSON.stringify(rest)),
  entryHashes: hexBytes(entryHashes),
});

const digestOf = (item: Item): AuditDigest => {
  const json = item.digest?.S;
  assert(json !== undefined, 'a digest is whole');
  const rest: Omit<AuditDigest, 'entryHashes'> = JSON.parse(json);
  const { number: digestNumber, firstPosition, lastPosition, ...others } = rest;
  return {
    number: digestNumber,
    firstPosition,
    lastPosition,
    entryHashes: requiredHex(item, 'entryHashes'),
    ...others,
  };
};
