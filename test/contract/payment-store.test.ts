import { describePaymentStore } from './payment-store-contract.ts';
import { PAYMENT_STORES } from './state-adapters.ts';

for (const { name, open } of PAYMENT_STORES) describePaymentStore(name, open);
