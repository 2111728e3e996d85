/** Bundled into the function that processes webhooks, with whatever it imports. */
import { on } from 'payhook';

export const announce = on(['payment.succeeded', 'refund.succeeded'], ({ type, amount }, { logger }) => {
  logger.info('payment.announced', { kind: type, message: `${amount.minor} ${amount.currency}` });
});
