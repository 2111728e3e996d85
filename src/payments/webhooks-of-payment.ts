/** Which webhooks a payment was made of. */
import type { PaymentView } from './payment.ts';

/**
 * Ids of the webhooks of its events, each once. The first event of a webhook has its id, and those after it a number behind
 * it: an id that ends like one may be either, so that both are named, and some may not be there.
 */
export const webhookIdsOf = ({ history }: Pick<PaymentView, 'history'>): readonly string[] => [
  ...new Set(history.flatMap(({ eventId }) => [eventId, eventId.replace(/#\d+$/, '')])),
];
