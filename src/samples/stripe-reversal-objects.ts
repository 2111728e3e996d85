/** Stripe's Refund and Dispute: money that goes back (docs.stripe.com/api/refunds, /disputes). */
import type { StripeScene } from './stripe-scene.ts';

const DAY_SECONDS = 86_400;
const REFUND_AGE_SECONDS = 90;
const DISPUTE_FEE = 1500;

/** The networks' own codes for a purchase that the cardholder says was not theirs. */
const FRAUD_REASON_CODES = { visa: '10.4', mastercard: '4837', amex: 'F29' } as const;

/** What the samples refund: one piece of what was bought. */
export const refundAmount = ({ order }: StripeScene): number => order.item.unitAmount;

export const stripeRefund = (scene: StripeScene, status: 'pending' | 'succeeded' | 'failed') => ({
  id: scene.paymentScopedId('re'),
  object: 'refund' as const,
  amount: refundAmount(scene),
  balance_transaction: scene.paymentScopedId('txn'),
  charge: scene.chargeId,
  created: scene.nowSeconds - REFUND_AGE_SECONDS,
  currency: 'usd',
  customer: scene.customerId,
  customer_account: null,
  destination_details: {
    card:
      status === 'succeeded'
        ? {
            reference: scene.draw.upperAlphanumeric(12),
            reference_status: 'available',
            reference_type: 'acquirer_reference_number',
            type: 'refund' as const,
          }
        : { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' as const },
    type: 'card',
  },
  ...(status === 'failed'
    ? { failure_balance_transaction: scene.paymentScopedId('txn'), failure_reason: 'expired_or_canceled_card' }
    : {}),
  metadata: { order_reference: scene.order.reference },
  payment_intent: scene.paymentIntentId,
  payment_method: scene.paymentMethodId,
  reason: 'requested_by_customer' as const,
  receipt_number: null,
  source_transfer_reversal: null,
  status,
  transfer_reversal: null,
});

/** The amount leaves the balance together with a fee, and `net` is both. */
const withdrawal = (scene: StripeScene, disputeId: string, at: number) => ({
  id: scene.ownId('txn'),
  object: 'balance_transaction' as const,
  amount: -scene.order.total,
  available_on: at + 2 * DAY_SECONDS,
  balance_type: 'payments' as const,
  created: at,
  currency: 'usd',
  description: `Chargeback withdrawal for ${scene.chargeId}`,
  exchange_rate: null,
  fee: DISPUTE_FEE,
  fee_details: [
    { amount: DISPUTE_FEE, application: null, currency: 'usd', description: 'Dispute fee', type: 'stripe_fee' },
  ],
  net: -scene.order.total - DISPUTE_FEE,
  reporting_category: 'dispute',
  source: disputeId,
  status: 'pending',
  type: 'adjustment' as const,
});

const disputeEvidence = ({ order }: StripeScene) => ({
  access_activity_log: null,
  billing_address: `${order.buyer.address.line1}, ${order.buyer.address.city}, ${order.buyer.address.state}`,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: order.buyer.email,
  customer_name: order.buyer.name,
  customer_purchase_ip: '203.0.113.24',
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
});

/** `needs_response` is a dispute opened a moment ago; `lost` one that was answered and closed three weeks later. */
export const stripeDispute = (scene: StripeScene, status: 'needs_response' | 'lost') => {
  const { card } = scene.order;
  const id = scene.ownId('du');
  const isClosed = status === 'lost';
  const openedAt = scene.nowSeconds - (isClosed ? 21 * DAY_SECONDS : 5);
  return {
    id,
    object: 'dispute' as const,
    amount: scene.order.total,
    balance_transactions: [withdrawal(scene, id, openedAt)],
    charge: scene.chargeId,
    created: openedAt,
    currency: 'usd',
    enhanced_eligibility_types: [],
    evidence: disputeEvidence(scene),
    evidence_details: {
      due_by: openedAt + 9 * DAY_SECONDS,
      enhanced_eligibility: {},
      has_evidence: isClosed,
      past_due: false,
      submission_count: isClosed ? 1 : 0,
      submission_method: isClosed ? ('manual' as const) : ('not_submitted' as const),
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    network_reason_code: FRAUD_REASON_CODES[card.brand],
    payment_intent: scene.paymentIntentId,
    payment_method_details: {
      card: {
        brand: card.brand,
        case_type: 'chargeback' as const,
        network: card.brand,
        network_reason_code: FRAUD_REASON_CODES[card.brand],
      },
      type: 'card' as const,
    },
    reason: 'fraudulent',
    status,
  };
};
