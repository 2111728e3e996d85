import { METRICS } from './metrics-adapters.ts';
import { describeMetrics } from './metrics-contract.ts';

for (const { name, open, ...options } of METRICS) describeMetrics(name, open, options);
