/** Checkpoints of reconciliation on DynamoDB, in the deployed table of webhooks. */
import { createDynamodbReconcileCheckpoints } from '../../../src/adapters/aws/webhooks/reconcile-checkpoints.ts';
import type { CheckProgress, Checkpoints } from '../../../src/core/ports/reconcile-checkpoints.ts';
import { useDynamodbHomes } from './dynamodb-homes.ts';
import { emulated } from './emulated-adapter.ts';

export const DYNAMODB_RECONCILE_CHECKPOINTS = emulated('DynamoDB', () => {
  const open = useDynamodbHomes();
  return {
    open: async () => {
      const home = await open();
      const table = { client: home.client, tableName: home.webhookTable };
      const checkProgress: Checkpoints<CheckProgress> = createDynamodbReconcileCheckpoints(table);
      return { ...home, checkpoints: createDynamodbReconcileCheckpoints(table), checkProgress };
    },
  };
});
