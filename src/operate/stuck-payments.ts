/** Which payments webhooks hold up that were given up, or are tried again: found from these webhooks, of which there are few. */

import { LIMITS } from '../core/limits.ts';
import { CAUSED } from '../core/match-webhook.ts';
import type { WebhookFilter, WebhookStore } from '../core/ports/webhook-store.ts';
import { type BriefWebhook, keyText } from '../core/webhook.ts';
import type { PaymentView } from '../payments/payment.ts';

/** Webhooks of one payment. */
export interface Stuck {
  readonly deadLetters: number;
  readonly retrying: number;
}

type OfPayment = Pick<PaymentView, 'provider' | 'account' | 'names'>;

const keyOf = ({ provider, account }: Pick<BriefWebhook, 'provider' | 'account'>, id: string): string =>
  JSON.stringify([provider, account, id]);

/** Looks at `lookAtMax` webhooks at the most; null where there are more, for then nobody knows of the others. */
export const findStuckPayments = async (
  { store }: { readonly store: Pick<WebhookStore, 'listBrief'> },
  filter: Pick<WebhookFilter, 'provider' | 'account'>,
  lookAtMax: number,
): Promise<((payment: OfPayment) => Stuck) | null> => {
  const byName = new Map<string, BriefWebhook[]>();
  const add = (webhook: BriefWebhook): void => {
    for (const { paymentId } of webhook.effects.events) {
      if (paymentId === null) continue;
      const key = keyOf(webhook, paymentId);
      const known = byName.get(key);
      if (known === undefined) byName.set(key, [webhook]);
      else known.push(webhook);
    }
  };
  const limit = Math.min(lookAtMax, LIMITS.listLimitMax);
  let lookedAt = 0;
  for (let after: string | undefined; ; ) {
    const { items, next } = await store.listBrief({ ...filter, status: CAUSED, limit, after, lookAtMax });
    items.forEach(add);
    lookedAt += items.length;
    if (next === null) return (payment) => countOf(byName, payment);
    if (lookedAt >= lookAtMax || items.length < limit) return null;
    after = next;
  }
};

const countOf = (byName: ReadonlyMap<string, readonly BriefWebhook[]>, payment: OfPayment): Stuck => {
  const found = payment.names.flatMap(({ id }) => byName.get(keyOf(payment, id)) ?? []);
  // Found by each name that its events say.
  const webhooks = [...new Map(found.map((webhook) => [keyText(webhook), webhook])).values()];
  const deadLetters = webhooks.filter(({ status }) => status === 'dead_lettered').length;
  return { deadLetters, retrying: webhooks.length - deadLetters };
};
