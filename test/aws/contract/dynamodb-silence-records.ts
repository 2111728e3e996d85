/** What was learnt of silence, in the deployed table of the trail. */
import { createDynamodbSilenceRecords } from '../../../src/adapters/aws/audit/silence-records.ts';
import { useDynamodbHomes } from './dynamodb-homes.ts';
import { emulated } from './emulated-adapter.ts';

export const DYNAMODB_SILENCE_RECORDS = emulated('DynamoDB', () => {
  const open = useDynamodbHomes();
  return {
    open: async () => {
      const home = await open();
      return { ...home, silence: createDynamodbSilenceRecords(home) };
    },
  };
});
