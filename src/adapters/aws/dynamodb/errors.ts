/** What DynamoDB throws, as errors of the store. */

import type { ErrorCode } from '../../../core/errors.ts';
import { PayhookError } from '../../../core/errors.ts';
import { awsError, isAwsError } from '../errors.ts';
import type { Item } from './values.ts';

const BUSY = [
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TransactionConflictException',
  'TransactionInProgressException',
];

/** The same inside a transaction, where each item has a reason of its own. */
const BUSY_REASONS: readonly unknown[] = [
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'TransactionConflict',
];

interface CancellationReason {
  readonly Code?: string;
  readonly Item?: Item;
}

/** Why a transaction was cancelled, item by item in its order; empty for any other error. */
export const cancellationReasons = (error: unknown): readonly CancellationReason[] =>
  isAwsError(error, 'TransactionCanceledException')
    ? ((error as { CancellationReasons?: readonly CancellationReason[] }).CancellationReasons ?? [])
    : [];

const isBusy = (error: unknown): boolean =>
  isAwsError(error, ...BUSY) || cancellationReasons(error).some(({ Code: code }) => BUSY_REASONS.includes(code));

/** For the `catch` of a call: throws what the error means. It may or may not have taken effect; it may be repeated. */
export const storeError =
  (tableName: string, unavailable: ErrorCode = 'store_unavailable') =>
  (error: unknown): never => {
    const code = unavailable === 'store_unavailable' && isBusy(error) ? 'store_busy' : unavailable;
    throw awsError(error, code, `table ${tableName}`);
  };

/** For an item that cannot be read: a newer Payhook wrote it, and `cause` says so, or it is none of Payhook's. */
export const unreadableItem = (
  tableName: string,
  id: string | undefined,
  cause: unknown,
  advice: string,
): PayhookError => {
  const item = `item ${id} of table ${tableName}`;
  if (cause instanceof PayhookError) return new PayhookError(cause.code, `${item}: ${cause.message}`, { cause });
  const message = `${item} cannot be read: something else than Payhook wrote it; ${advice}`;
  return new PayhookError('store_damaged', message, { cause });
};

/** For an item of the payments' table that cannot be read. */
export const damaged = (tableName: string, id: string | undefined, cause: unknown): PayhookError =>
  unreadableItem(
    tableName,
    id,
    cause,
    'take the item from a restored copy of the table, or remove it and replay the webhooks of the payment',
  );
