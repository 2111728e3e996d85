/** From an entry, which only points, to the message: the webhook is opened and mapped again, which gives the same bytes. */
import { asPayhookError, PayhookError } from '../core/errors.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import type { Seal } from '../core/seal.ts';
import { readExactJson } from '../payments/exact-json.ts';
import type { PaymentMapping } from '../payments/map-webhook.ts';
import type { DestinationMessage } from './destination.ts';
import type { DestinationEntry } from './destination-queue.ts';
import { messageOf } from './message.ts';
import type { RecentMessages } from './recent-messages.ts';

export interface LoadMessageDeps {
  readonly store: Pick<WebhookStore, 'get'>;
  readonly seal: Pick<Seal, 'open'>;
  readonly mapping: Pick<PaymentMapping, 'map'>;
  /** Where processing runs in the same process. @default none */
  readonly recentMessages?: Pick<RecentMessages, 'find'>;
}

export type LoadedMessage =
  | { readonly outcome: 'loaded'; readonly message: DestinationMessage }
  /** It can never be delivered; `reason` is a sentence for an operator. */
  | { readonly outcome: 'missing'; readonly reason: string };

const missing = (reason: string): LoadedMessage => ({ outcome: 'missing', reason });

/** Throws what store and key source throw while they are broken: the entry is tried again then. */
export const createLoadMessage =
  ({ store, seal, mapping, recentMessages }: LoadMessageDeps) =>
  async (entry: DestinationEntry): Promise<LoadedMessage> => {
    const recent = recentMessages?.find(entry);
    if (recent !== undefined) return { outcome: 'loaded', message: recent };
    const webhook = await store.get(entry);
    if (webhook === undefined) return missing('its webhook is gone: its retention ended');
    let payload: Uint8Array;
    try {
      payload = await seal.open(webhook.payload, webhook);
    } catch (thrown) {
      const error = asPayhookError(thrown);
      if (!(thrown instanceof PayhookError) || error.isRetryable) throw error;
      return missing(`its payload cannot be opened: ${error.code}`);
    }
    const read = readExactJson(payload);
    const mapped = mapping.map(webhook, read.outcome === 'read' ? read.value : null);
    const event = mapped.outcome === 'events' ? mapped.events.find(({ id }) => id === entry.eventId) : undefined;
    // A newer release may map the webhook otherwise, or a setting that mapping depends on was changed.
    if (event === undefined)
      return missing('its webhook no longer becomes this event: the mapping or its settings changed');
    const { receivedAt } = webhook;
    return { outcome: 'loaded', message: messageOf(event, { receivedAt, news: entry.news }) };
  };
