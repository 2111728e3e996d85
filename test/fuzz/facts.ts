/**
 * What a delivery that was taken says was signed, read without the provider's own code: bodies and headers as they are, and
 * the items of Adyen as any JSON reader finds them.
 */
import { createHash } from 'node:crypto';
import type { Delivery } from '../../src/core/ports/provider.ts';
import type { IdentifiedEvent } from '../../src/receive/identify.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const header = (delivery: Delivery, name: string): string => JSON.stringify(delivery.headers.get(name) ?? null);

/** Of what is signed in headers, as strictly as it can be read. */
const signedHeadersOf = (provider: string, delivery: Delivery): string => {
  switch (provider) {
    case 'stripe':
      return (
        (delivery.headers.get('stripe-signature') ?? [])
          .join('\n')
          .match(/(?<=^|,)t=[^,]*/gm)
          ?.join() ?? ''
      );
    case 'standard-webhooks':
      return ['webhook-id', 'webhook-timestamp'].map((name) => header(delivery, name)).join();
    case 'paypal':
      return ['paypal-transmission-id', 'paypal-transmission-time'].map((name) => header(delivery, name)).join();
    default:
      return '';
  }
};

interface Item {
  readonly [field: string]: unknown;
}

/** With the type of each: a number is not its text. An absent reference is an empty one. */
const signedFieldsOf = (item: Item): readonly unknown[] => {
  const amount = (item.amount ?? {}) as Item;
  const references = [item.pspReference, item.originalReference ?? '', item.merchantAccountCode];
  return [...references, item.merchantReference ?? '', amount.value, amount.currency, item.eventCode, item.success];
};

/** What is told of an event beside its payload, all of which must come out of what was signed. */
const toldOf = ({ key, event }: IdentifiedEvent): readonly unknown[] => [
  key.webhookId,
  key.timestamp,
  event.eventType,
  event.objectId,
  event.parentIds,
  event.account,
  event.mode,
  event.isSimulated,
];

/** One line for each event: two deliveries that say the same of what is signed have the same. */
export const factsOf = (provider: string, delivery: Delivery, events: readonly IdentifiedEvent[]): readonly string[] =>
  events.map((identified) => {
    const told = toldOf(identified);
    const isItem = provider === 'adyen' && !delivery.headers.has('hmacsignature');
    if (!isItem) return JSON.stringify([signedHeadersOf(provider, delivery), sha256(delivery.body), told]);
    const payload = Buffer.from(identified.event.payload ?? delivery.body).toString();
    const items = JSON.parse(payload).notificationItems as readonly { readonly NotificationRequestItem: Item }[];
    return JSON.stringify([items.map((one) => signedFieldsOf(one.NotificationRequestItem)), told]);
  });
