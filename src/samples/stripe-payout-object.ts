/** Stripe's Payout: money on its way to the merchant's bank (docs.stripe.com/api/payouts). */
import type { StripeScene } from './stripe-scene.ts';

const DAY_SECONDS = 86_400;

/** `in_transit` is one made now; the others were made two days ago. `arrival_date` is a midnight in UTC. */
export const stripePayout = (scene: StripeScene, status: 'in_transit' | 'paid' | 'failed') => {
  const isFailed = status === 'failed';
  const createdAt = scene.nowSeconds - (status === 'in_transit' ? 1 : 2 * DAY_SECONDS);
  const arrivalAt = createdAt + 2 * DAY_SECONDS;
  return {
    id: scene.ownId('po'),
    object: 'payout' as const,
    amount: scene.draw.integer(50_000, 2_500_000),
    application_fee: null,
    application_fee_amount: null,
    arrival_date: arrivalAt - (arrivalAt % DAY_SECONDS),
    automatic: true,
    balance_transaction: scene.ownId('txn'),
    created: createdAt,
    currency: 'usd',
    description: 'STRIPE PAYOUT',
    destination: scene.ownId('ba'),
    failure_balance_transaction: isFailed ? scene.ownId('txn') : null,
    failure_code: isFailed ? 'account_closed' : null,
    failure_message: isFailed ? 'The bank account has been closed.' : null,
    livemode: false,
    metadata: {},
    method: 'standard',
    original_payout: null,
    payout_method: null,
    reconciliation_status: status === 'paid' ? ('completed' as const) : ('in_progress' as const),
    reversed_by: null,
    source_type: 'card',
    statement_descriptor: null,
    status,
    trace_id:
      status === 'paid'
        ? { status: 'supported', value: `OBI${scene.draw.upperAlphanumeric(14)}` }
        : { status: 'pending', value: null },
    type: 'bank_account' as const,
  };
};
