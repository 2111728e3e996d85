/** What the server of the release is sent, and what its handlers do about it: one webhook for each way to end, or not to. */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../support/running-server.ts';

/** A secret of tests. */
export const STRIPE_SECRET = 'whsec_test_only_of_the_upgrade_fixtures';

const INTENT = { id: 'pi_9', object: 'payment_intent', amount: 2000, amount_received: 2000, currency: 'usd' };
const CHARGE = {
  id: 'ch_9',
  object: 'charge',
  payment_intent: 'pi_9',
  amount: 2000,
  amount_captured: 2000,
  amount_refunded: 0,
  captured: true,
  currency: 'usd',
  status: 'succeeded',
};

export interface Delivery {
  readonly body: string;
  /** @default the right one */
  readonly secret?: string;
  /** @default JSON */
  readonly contentType?: string;
}

const event = (id: string, type: string, created: number, object: object): Delivery => ({
  body: JSON.stringify({ id, object: 'event', type, created, livemode: false, data: { object } }),
});

/** A payment of its own, which succeeded. */
const paid = (id: string): Delivery =>
  event(id, 'payment_intent.succeeded', 1_795_000_000, { ...INTENT, id: `pi_${id}` });

/** Ends before the snapshot is taken. */
export const ENDED: readonly Delivery[] = [
  event('evt_news', 'payment_intent.succeeded', 1_795_000_010, INTENT),
  event('evt_repeated', 'charge.succeeded', 1_795_000_011, CHARGE),
  event('evt_stale', 'payment_intent.created', 1_795_000_000, { ...INTENT, amount_received: 0 }),
  // Again: a duplicate.
  event('evt_news', 'payment_intent.succeeded', 1_795_000_010, INTENT),
  event('evt_ignored', 'customer.created', 1_795_000_000, { id: 'cus_1', object: 'customer' }),
  { body: 'signed, and no JSON' },
  { ...paid('evt_forged'), secret: 'whsec_of_somebody_else' },
  { ...paid('evt_refused'), contentType: 'text/plain' },
];

/** Dead letters, and one that waits for its next attempt. */
export const FAILED: readonly Delivery[] = [paid('evt_given_up'), paid('evt_exhausted'), paid('evt_retrying')];

/** The first is claimed and never done, so that the second is not claimed. */
export const UNDONE: readonly Delivery[] = [paid('evt_claimed'), paid('evt_queued')];

/** A file that is there as soon as the first of them is at its handler. */
export const CLAIMED = 'claimed';

/** Source text of the handlers. */
export const HANDLERS = `import { writeFileSync } from 'node:fs';
import { giveUp, on, retryIn } from ${JSON.stringify(join(PROJECT_ROOT, 'src', 'payhook.ts'))};

export const watchPayments = on('payment.*', () => undefined);

export const shipOrder = on('payment.succeeded', (event) => {
  if (event.id === 'stripe:evt_given_up') return giveUp('the warehouse does not know this order');
  if (event.id === 'stripe:evt_exhausted') return retryIn(1, 'the warehouse is closed');
  if (event.id === 'stripe:evt_retrying') throw new Error('the warehouse did not answer');
  if (event.id === 'stripe:evt_claimed') {
    writeFileSync(new URL('${CLAIMED}', import.meta.url), '');
    return new Promise(() => undefined);
  }
});
`;

/** Posts it as Stripe would, at this moment. */
export const post = async (url: string, delivery: Delivery, now: number): Promise<void> => {
  const { body, secret = STRIPE_SECRET, contentType = 'application/json' } = delivery;
  const seconds = Math.floor(now / 1000);
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  const headers = { 'content-type': contentType, 'stripe-signature': `t=${seconds},v1=${signature}` };
  await fetch(url, { method: 'POST', headers, body });
};
