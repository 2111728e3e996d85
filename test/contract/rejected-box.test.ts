import { describeRejectedBox } from './rejected-box-contract.ts';
import { REJECTED_BOXES } from './state-adapters.ts';

for (const { name, open } of REJECTED_BOXES) describeRejectedBox(name, open);
