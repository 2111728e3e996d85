/** One webhook by its id, for an operator. */
import { PayhookError } from '../core/errors.ts';
import { hashedId } from '../core/hashed-id.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import type { Webhook } from '../core/webhook.ts';

/** Of several timestamps the newest. */
export const webhookWithId = async (
  store: Pick<WebhookStore, 'find'>,
  webhookId: string,
): Promise<Webhook | undefined> => {
  const asGiven = await store.find(webhookId);
  const [webhook] = asGiven.length > 0 ? asGiven : await store.find(storedId(webhookId));
  return webhook;
};

/** An id that was long, odd or looked like a card number is stored as its hash. */
const storedId = (webhookId: string): string => {
  const colon = webhookId.indexOf(':');
  return `${webhookId.slice(0, colon + 1)}${hashedId(webhookId.slice(colon + 1))}`;
};

/** Throws `not_found`. */
export const noWebhook = (webhookId: string): never => {
  throw new PayhookError(
    'not_found',
    `there is no webhook ${webhookId}: ids look like provider:id-of-the-event; payhook webhooks list shows them`,
  );
};
