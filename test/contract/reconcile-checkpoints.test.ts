import { describeReconcileCheckpoints } from './reconcile-checkpoints-contract.ts';
import { RECONCILE_CHECKPOINTS } from './state-adapters.ts';

for (const { name, open } of RECONCILE_CHECKPOINTS) describeReconcileCheckpoints(name, open);
