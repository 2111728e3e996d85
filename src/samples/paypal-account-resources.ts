/** PayPal's subscriptions, disputes and payouts (Subscriptions v1, Disputes v1, Payouts v1). */
import type { JsonObject } from '../core/read-json.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../core/time.ts';
import { link, money, moneyV1, type PaypalScene, payerName, paypalId, portableAddress } from './paypal-scene.ts';
import { decimalText } from './sample-order.ts';
import { isoMillis, isoSeconds } from './sample-time.ts';

const PAYOUT_FEE = 25;

const cycleExecutions = [
  {
    tenure_type: 'REGULAR',
    sequence: 1,
    cycles_completed: 1,
    cycles_remaining: 11,
    current_pricing_scheme_version: 1,
    total_cycles: 12,
  },
];

const failedPayment = ({ order, input }: PaypalScene): JsonObject => ({
  amount: money(order.subtotal),
  time: isoSeconds(input.now - 10 * SECOND_MS),
  reason_code: 'PAYMENT_DENIED',
  next_payment_retry_time: isoSeconds(input.now + 5 * DAY_MS),
});

/** The price of a period is the order's subtotal. `failing` is one whose last payment was declined. */
export const subscription = (scene: PaypalScene, state: 'active' | 'cancelled' | 'failing'): JsonObject => {
  const { input, order, draw } = scene;
  const id = `I-${draw.upperAlphanumeric(12)}`;
  const startedAt = input.now - (state === 'active' ? MINUTE_MS : 30 * DAY_MS);
  const isFailing = state === 'failing';
  const changedAt = isoSeconds(input.now - 5 * SECOND_MS);
  return {
    id,
    plan_id: `P-${draw.upperAlphanumeric(24)}`,
    status: state === 'cancelled' ? 'CANCELLED' : 'ACTIVE',
    ...(state === 'cancelled' ? { status_change_note: 'Too expensive' } : {}),
    status_update_time: isFailing ? isoSeconds(startedAt) : changedAt,
    start_time: isoSeconds(startedAt),
    quantity: '1',
    custom_id: order.reference,
    plan_overridden: false,
    subscriber: {
      email_address: order.buyer.email,
      payer_id: scene.payerId,
      name: payerName(scene),
      shipping_address: { name: { full_name: order.buyer.name }, address: portableAddress(scene) },
    },
    billing_info: {
      outstanding_balance: money(isFailing ? order.subtotal : 0),
      cycle_executions: cycleExecutions,
      last_payment: { amount: money(order.subtotal), time: isoSeconds(startedAt) },
      ...(state === 'cancelled' ? {} : { next_billing_time: isoSeconds(startedAt + 30 * DAY_MS) }),
      ...(isFailing ? { last_failed_payment: failedPayment(scene) } : {}),
      failed_payments_count: isFailing ? 1 : 0,
    },
    create_time: isoSeconds(startedAt),
    update_time: changedAt,
    links: [link(`/v1/billing/subscriptions/${id}`, 'self')],
  };
};

/** The payment stands in `seller_transaction_id`: the capture, seen from the seller. */
const disputedTransaction = (scene: PaypalScene): JsonObject => ({
  buyer_transaction_id: paypalId(scene.draw),
  seller_transaction_id: scene.captureId,
  create_time: isoMillis(scene.input.now - 12 * DAY_MS),
  transaction_status: 'COMPLETED',
  gross_amount: money(scene.order.total),
  invoice_number: `INV-${scene.order.reference}`,
  custom: scene.order.reference,
  buyer: { name: scene.order.buyer.name },
  seller: { email: scene.merchantEmail, merchant_id: scene.merchantId, name: 'Payhook sample shop' },
  items: [],
  seller_protection_eligible: true,
});

export const dispute = (scene: PaypalScene, state: 'open' | 'resolved'): JsonObject => {
  const { input, order, draw } = scene;
  const id = `PP-R-${draw.upperAlphanumeric(3)}-${draw.digits(8)}`;
  const openedAt = input.now - (state === 'open' ? MINUTE_MS : 9 * DAY_MS);
  return {
    dispute_id: id,
    create_time: isoMillis(openedAt),
    update_time: isoMillis(input.now - 5 * SECOND_MS),
    disputed_transactions: [disputedTransaction(scene)],
    reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
    status: state === 'open' ? 'OPEN' : 'RESOLVED',
    dispute_amount: money(order.total),
    ...(state === 'open'
      ? { seller_response_due_date: isoMillis(openedAt + 10 * DAY_MS) }
      : { dispute_outcome: { outcome_code: 'RESOLVED_BUYER_FAVOUR', amount_refunded: money(order.total) } }),
    dispute_life_cycle_stage: 'INQUIRY',
    dispute_channel: 'INTERNAL',
    messages: [{ posted_by: 'BUYER', time_posted: isoMillis(openedAt), content: 'The parcel never arrived.' }],
    extensions: { merchandize_dispute_properties: { issue_type: 'PRODUCT', product_details: {} } },
    links: [link(`/v1/customer/disputes/${id}`, 'self')],
  };
};

export const payoutItem = (scene: PaypalScene): JsonObject => {
  const { draw, order, input } = scene;
  const itemId = draw.upperAlphanumeric(13);
  const batchId = draw.upperAlphanumeric(13);
  return {
    payout_item_id: itemId,
    transaction_id: paypalId(draw),
    transaction_status: 'SUCCESS',
    payout_item_fee: moneyV1(PAYOUT_FEE),
    payout_batch_id: batchId,
    payout_item: {
      recipient_type: 'EMAIL',
      amount: { currency: 'USD', value: decimalText(order.subtotal) },
      note: 'Your share of this week',
      receiver: order.buyer.email,
      sender_item_id: order.reference,
    },
    time_processed: isoSeconds(input.now - 5 * SECOND_MS),
    links: [link(`/v1/payments/payouts-item/${itemId}`, 'item'), link(`/v1/payments/payouts/${batchId}`, 'batch')],
  };
};
