/** What waits on DynamoDB, with the indexes of the deployed table. Its queue is a queue in memory: SQS has suites of its own. */
import { createDynamodbWaitingWebhooks } from '../../../src/adapters/aws/webhooks/waiting-webhooks.ts';
import { withSweep } from '../../contract/waiting-webhooks-adapters.ts';
import { useDynamodbHomes } from './dynamodb-homes.ts';
import { emulated } from './emulated-adapter.ts';

export const DYNAMODB_WAITING_WEBHOOKS = emulated('DynamoDB', () => {
  const open = useDynamodbHomes();
  return {
    open: async () => {
      const home = await open();
      return withSweep(home, createDynamodbWaitingWebhooks({ client: home.client, tableName: home.webhookTable }));
    },
  };
});
