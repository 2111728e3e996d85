/** Digests as items of the audit table: each number once, forever. */
import type { AuditDigest } from '../../../audit/audit.ts';
import type { AuditReader, DigestLog } from '../../../audit/audit-log.ts';
import { PayhookError } from '../../../core/errors.ts';
import { storeError } from '../dynamodb/errors.ts';
import { hexBytes, type Item, number, requiredHex, requiredText, text } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import type { DynamodbAuditRunsDeps } from './runs.ts';

export type DynamodbAuditDigests = Omit<DigestLog, 'run'> & Pick<AuditReader, 'digests'>;

const DIGESTS = 'digests';

export const createDynamodbAuditDigests = ({
  client,
  auditTable,
}: Pick<DynamodbAuditRunsDeps, 'client' | 'auditTable'>): DynamodbAuditDigests => {
  const failed = storeError(auditTable, 'audit_unavailable');
  const query = async (afterNumber: number, isAscending: boolean, limit: number): Promise<readonly AuditDigest[]> => {
    const { Items: items = [] } = await client
      .query({
        TableName: auditTable,
        KeyConditionExpression: '#part = :digests AND #number > :after',
        ExpressionAttributeNames: { '#part': 'part', '#number': 'number' },
        ExpressionAttributeValues: { ':digests': text(DIGESTS), ':after': number(afterNumber) },
        ConsistentRead: true,
        ScanIndexForward: isAscending,
        Limit: limit,
      })
      .catch(failed);
    return items.map((item) => digestOf(auditTable, item));
  };
  const lastDigest = async () => (await query(0, false, 1))[0];

  return {
    digests: (afterNumber, limit) => query(afterNumber, true, limit),
    lastDigest,
    async appendDigest(digest) {
      if (digest.number !== ((await lastDigest())?.number ?? 0) + 1) return false;
      try {
        await client.putItem({
          TableName: auditTable,
          Item: itemOf(digest),
          ConditionExpression: 'attribute_not_exists(part)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        });
        return true;
      } catch (error) {
        if (!isAwsError(error, 'ConditionalCheckFailedException')) return failed(error);
        // Our own, when an answer was lost and the call repeated itself. A signature is never made twice.
        const stored = (error as { Item?: Item }).Item;
        return stored !== undefined && JSON.stringify(digestOf(auditTable, stored)) === JSON.stringify(digest);
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

const digestOf = (auditTable: string, item: Item): AuditDigest => {
  try {
    const rest: Omit<AuditDigest, 'entryHashes'> = JSON.parse(requiredText(item, 'digest'));
    const { number: digestNumber, firstPosition, lastPosition, ...others } = rest;
    const entryHashes = requiredHex(item, 'entryHashes');
    return { number: digestNumber, firstPosition, lastPosition, entryHashes, ...others };
  } catch (cause) {
    throw new PayhookError(
      'store_damaged',
      `audit digest ${item.number?.N} in table ${auditTable} cannot be read: something else than Payhook wrote it; compare with a restored copy of the table`,
      { cause },
    );
  }
};
