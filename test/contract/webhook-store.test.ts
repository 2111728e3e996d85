import { HOMES } from './homes.ts';
import { describeWebhookChange } from './webhook-change-contract.ts';
import { describeWebhookRead } from './webhook-read-contract.ts';
import { describeWebhookStore } from './webhook-store-contract.ts';

for (const { name, open } of HOMES) {
  describeWebhookStore(name, open);
  describeWebhookChange(name, open);
  describeWebhookRead(name, open);
}
