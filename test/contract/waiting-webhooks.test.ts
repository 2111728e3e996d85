import { HOMES } from './homes.ts';
import { WAITING_WEBHOOKS } from './waiting-webhooks-adapters.ts';
import { describeMovesOn, describeWaitingWebhooks } from './waiting-webhooks-contract.ts';

for (const { name, open } of WAITING_WEBHOOKS) describeWaitingWebhooks(name, open);
// The entry is part of the transaction that makes a webhook wait: what can be lost is who has claimed it.
for (const { name, open } of HOMES) {
  describeMovesOn(name, async () => ({ ...(await open()), lose: async () => undefined, sweep: undefined }));
}
