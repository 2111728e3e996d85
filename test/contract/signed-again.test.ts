import { LEGAL_HOLDS } from './legal-holds-adapters.ts';
import { describeSignedAgain } from './signed-again.ts';

for (const { name, open } of LEGAL_HOLDS) describeSignedAgain(name, open);
