/** Opens what `audit recover` needs of a deployed stack, with the operator's own AWS credentials. */
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { createDynamodbAuditLog } from '../../adapters/aws/audit/audit-log.ts';
import { createS3StreamFailures } from '../../adapters/aws/audit/s3-stream-failures.ts';
import { createSystemRandomness } from '../../adapters/system/system-randomness.ts';
import { awsNames } from '../../config/aws-names.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { callerOf, operatorClientOptions } from './open-operator-home.ts';
import { createRecoverChanges } from './recover-changes.ts';

export type RecoverChanges = ReturnType<typeof createRecoverChanges>;

export interface StackToRecover {
  readonly region: string;
  readonly environmentSuffix: string;
  readonly clock: Clock;
}

export const openRecovery = async <Result>(
  { region, environmentSuffix, clock }: StackToRecover,
  work: (recover: RecoverChanges) => Promise<Result>,
): Promise<Result> => {
  const names = awsNames(environmentSuffix);
  const options = operatorClientOptions(region);
  const { account, arn } = await callerOf(options);
  const dynamodb = new DynamoDB(options);
  const s3 = new S3Client(options);
  try {
    const { auditTable, webhookTable } = names;
    const randomness = createSystemRandomness(clock);
    const recover = createRecoverChanges({
      failures: createS3StreamFailures({ client: s3, bucket: names.failureBucket(account) }),
      auditLog: createDynamodbAuditLog({ client: dynamodb, auditTable, webhookTable, clock, randomness }),
      clock,
      operator: { type: 'operator', id: arn },
    });
    return await work(recover);
  } finally {
    dynamodb.destroy();
    s3.destroy();
  }
};
