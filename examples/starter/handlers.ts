/** What happens when something is said about a payment: everything that this file exports out of `on(…)` is called. */
import { on, retryIn } from 'payhook';

/** Called at least once for each payment that succeeds, always with the same `idempotencyId` for the same event. */
export const shipOrder = on('payment.succeeded', async ({ amount, provider }, { payment, idempotencyId }) => {
  // Events come in any order: what is not known yet may be in a moment.
  if (payment === null) return retryIn(60_000, 'the payment is not known yet');
  console.log(`${provider}: ${amount.minor} ${amount.currency} of ${payment.paymentId} paid (${idempotencyId})`);
  return undefined;
});
