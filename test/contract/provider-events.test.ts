import { PROVIDER_EVENTS } from './provider-events-adapters.ts';
import { describeProviderEvents } from './provider-events-contract.ts';

for (const { name, open } of PROVIDER_EVENTS) describeProviderEvents(name, open);
