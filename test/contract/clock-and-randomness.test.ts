import { CLOCKS, RANDOMNESS } from './clock-and-randomness-adapters.ts';
import { describeClock } from './clock-contract.ts';
import { describeRandomness } from './randomness-contract.ts';

for (const { name, open, ...options } of CLOCKS) describeClock(name, open, options);
for (const { name, open, ...options } of RANDOMNESS) describeRandomness(name, open, options);
