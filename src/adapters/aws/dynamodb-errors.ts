/** What DynamoDB throws, as errors of the store. */
import type { ErrorCode } from '../../core/errors.ts';
import { awsError, isAwsError } from './aws-errors.ts';

const BUSY = [
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TransactionConflictException',
  'TransactionInProgressException',
];

/** For the `catch` of a call: throws what the error means. It may or may not have taken effect; it may be repeated. */
export const storeError =
  (tableName: string, unavailable: ErrorCode = 'store_unavailable') =>
  (error: unknown): never => {
    const code = unavailable === 'store_unavailable' && isAwsError(error, ...BUSY) ? 'store_busy' : unavailable;
    throw awsError(error, code, `table ${tableName}`);
  };
