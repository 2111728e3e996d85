import { PROVIDER_ENDPOINTS } from './provider-endpoints-adapters.ts';
import { describeProviderEndpoints } from './provider-endpoints-contract.ts';

for (const { name, open, skip } of PROVIDER_ENDPOINTS) describeProviderEndpoints(name, open, { skip });
