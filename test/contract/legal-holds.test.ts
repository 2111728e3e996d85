import { LEGAL_HOLDS } from './legal-holds-adapters.ts';
import { describeLegalHolds } from './legal-holds-contract.ts';

for (const { name, open } of LEGAL_HOLDS) describeLegalHolds(name, open);
