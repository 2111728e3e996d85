import { describeJobStore } from './job-store-contract.ts';
import { JOB_STORES } from './state-adapters.ts';

for (const { name, open } of JOB_STORES) describeJobStore(name, open);
