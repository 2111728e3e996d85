import { HOMES } from './homes.ts';
import { describeQueue } from './queue-contract.ts';

for (const { name, open } of HOMES) describeQueue(name, open);
