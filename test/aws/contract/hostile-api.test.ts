import { createMemoryHome } from '../../../src/adapters/memory/memory-home.ts';
import { describeHostileApi } from '../../reconcile/hostile-api.ts';
import { DYNAMODB_RECONCILE_CHECKPOINTS } from './dynamodb-reconcile-checkpoints.ts';

const { name } = DYNAMODB_RECONCILE_CHECKPOINTS;
const { open } = DYNAMODB_RECONCILE_CHECKPOINTS.use();

describeHostileApi(name, async () => {
  const home = await open();
  const { payments, destinations, rejected, jobs, silence } = createMemoryHome(home.clock);
  return { payments, destinations, rejected, jobs, silence, ...home };
});
