/** Square's payments, refunds, disputes, payouts, invoices and subscriptions (developer.squareup.com/reference). */
import type { JsonObject } from '../core/read-json.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.ts';
import { cardFee } from './sample-order.ts';
import { isoDate, isoMillis } from './sample-time.ts';
import { type SquareScene, squareAddress, squareMoney } from './square-scene.ts';

const CARD_BRANDS = { visa: 'VISA', mastercard: 'MASTERCARD', amex: 'AMERICAN_EXPRESS' } as const;

const cardDetails = ({ draw, order }: SquareScene, authorizedAt: number, capturedAt: number | null): JsonObject => ({
  auth_result_code: draw.upperAlphanumeric(6),
  avs_status: 'AVS_ACCEPTED',
  card: {
    card_brand: CARD_BRANDS[order.card.brand],
    card_type: 'CREDIT',
    exp_month: order.card.expMonth,
    exp_year: order.card.expYear,
    fingerprint: `sq-1-${draw.base62(58)}`,
    last_4: order.card.last4,
    prepaid_type: 'NOT_PREPAID',
  },
  card_payment_timeline: {
    authorized_at: isoMillis(authorizedAt),
    ...(capturedAt === null ? {} : { captured_at: isoMillis(capturedAt) }),
  },
  cvv_status: 'CVV_ACCEPTED',
  entry_method: 'KEYED',
  statement_description: 'SQ *PAYHOOK SAMPLE SHOP',
  status: capturedAt === null ? 'AUTHORIZED' : 'CAPTURED',
});

/** Square's fee is known only some time after the payment completed, which is why `payment.updated` tells it. */
export const squarePayment = (scene: SquareScene, status: 'APPROVED' | 'COMPLETED'): JsonObject => {
  const { input, order, paymentId, draw } = scene;
  const isCompleted = status === 'COMPLETED';
  const createdAt = input.now - (isCompleted ? 20 * SECOND_MS : 2 * SECOND_MS);
  const authorizedAt = createdAt + 400;
  return {
    amount_money: squareMoney(order.total),
    application_details: { application_id: `sandbox-sq0idb-${draw.base62(22)}`, square_product: 'ECOMMERCE_API' },
    approved_money: squareMoney(order.total),
    billing_address: squareAddress(scene),
    buyer_email_address: order.buyer.email,
    card_details: cardDetails(scene, authorizedAt, isCompleted ? authorizedAt + SECOND_MS : null),
    created_at: isoMillis(createdAt),
    customer_id: scene.customerId,
    delay_action: 'CANCEL',
    delay_duration: 'PT168H',
    delayed_until: isoMillis(createdAt + 168 * HOUR_MS),
    id: paymentId,
    location_id: scene.locationId,
    order_id: scene.orderId,
    ...(isCompleted
      ? {
          processing_fee: [
            {
              amount_money: squareMoney(cardFee(order.total)),
              effective_at: isoMillis(createdAt + 2 * HOUR_MS),
              type: 'INITIAL',
            },
          ],
        }
      : { capabilities: ['EDIT_AMOUNT_UP', 'EDIT_AMOUNT_DOWN', 'EDIT_TIP_AMOUNT_UP', 'EDIT_TIP_AMOUNT_DOWN'] }),
    receipt_number: paymentId.slice(0, 4),
    receipt_url: `https://squareupsandbox.com/receipt/preview/${paymentId}`,
    reference_id: order.reference,
    risk_evaluation: { created_at: isoMillis(authorizedAt), risk_level: 'NORMAL' },
    shipping_address: squareAddress(scene),
    source_type: 'CARD',
    status,
    total_money: squareMoney(order.total),
    updated_at: isoMillis(isCompleted ? input.now - SECOND_MS : authorizedAt),
    version_token: draw.base62(43),
  };
};

/** The fee of the refunded part comes back with a completed refund, hence below zero. */
export const squareRefund = (scene: SquareScene, refundId: string, status: 'PENDING' | 'COMPLETED'): JsonObject => {
  const { input, order } = scene;
  const isCompleted = status === 'COMPLETED';
  const createdAt = input.now - (isCompleted ? HOUR_MS : 2 * SECOND_MS);
  return {
    amount_money: squareMoney(order.item.unitAmount),
    created_at: isoMillis(createdAt),
    destination_type: 'CARD',
    id: refundId,
    location_id: scene.locationId,
    order_id: scene.orderId,
    payment_id: scene.paymentId,
    ...(isCompleted
      ? {
          processing_fee: [
            {
              amount_money: squareMoney(-Math.round((order.item.unitAmount * 29) / 1000)),
              effective_at: isoMillis(createdAt - 2 * DAY_MS),
              type: 'INITIAL',
            },
          ],
        }
      : {}),
    reason: 'One piece was returned',
    status,
    updated_at: isoMillis(input.now - SECOND_MS),
  };
};

export const squareDispute = (
  scene: SquareScene,
  disputeId: string,
  state: 'EVIDENCE_REQUIRED' | 'WON',
): JsonObject => {
  const { input, order } = scene;
  const isWon = state === 'WON';
  const createdAt = input.now - (isWon ? 30 * DAY_MS : MINUTE_MS);
  return {
    amount_money: squareMoney(order.total),
    brand_dispute_id: scene.draw.upperAlphanumeric(12),
    card_brand: CARD_BRANDS[order.card.brand],
    created_at: isoMillis(createdAt),
    disputed_payment: { payment_id: scene.paymentId },
    due_at: isoMillis(createdAt + 13 * DAY_MS),
    id: disputeId,
    location_id: scene.locationId,
    reason: 'NO_KNOWLEDGE',
    reported_at: isoMillis(createdAt),
    state,
    updated_at: isoMillis(isWon ? input.now - SECOND_MS : createdAt),
    version: isWon ? 3 : 1,
  };
};

/** What Square pays out in one go: the batch of a day. */
export const squarePayout = (scene: SquareScene, payoutId: string, status: 'SENT' | 'PAID'): JsonObject => {
  const { input, draw } = scene;
  const isPaid = status === 'PAID';
  const createdAt = input.now - (isPaid ? DAY_MS : 2 * SECOND_MS);
  return {
    amount_money: squareMoney(draw.integer(50_000, 900_000)),
    arrival_date: isoDate(createdAt + DAY_MS),
    created_at: isoMillis(createdAt),
    destination: { id: `bact:${draw.base62(24)}`, type: 'BANK_ACCOUNT' },
    end_to_end_id: `L2100${draw.upperAlphanumeric(9)}`,
    id: payoutId,
    location_id: scene.locationId,
    payout_fee: [],
    status,
    type: 'BATCH',
    updated_at: isoMillis(isPaid ? input.now - SECOND_MS : createdAt),
    version: isPaid ? 2 : 1,
  };
};

export const squareInvoice = (scene: SquareScene, invoiceId: string): JsonObject => {
  const { input, order, draw } = scene;
  return {
    accepted_payment_methods: {
      bank_account: false,
      buy_now_pay_later: false,
      card: true,
      cash_app_pay: false,
      square_gift_card: false,
    },
    created_at: isoMillis(input.now - 6 * DAY_MS),
    delivery_method: 'EMAIL',
    description: order.item.name,
    id: invoiceId,
    invoice_number: order.reference,
    location_id: scene.locationId,
    next_payment_amount_money: squareMoney(0),
    order_id: scene.orderId,
    payment_requests: [
      {
        automatic_payment_source: 'NONE',
        computed_amount_money: squareMoney(order.total),
        due_date: isoDate(input.now + 8 * DAY_MS),
        request_type: 'BALANCE',
        tipping_enabled: false,
        total_completed_amount_money: squareMoney(order.total),
        uid: draw.uuid(),
      },
    ],
    primary_recipient: {
      customer_id: scene.customerId,
      email_address: order.buyer.email,
      family_name: order.buyer.familyName,
      given_name: order.buyer.givenName,
    },
    public_url: `https://squareupsandbox.com/pay-invoice/${invoiceId}`,
    status: 'PAID',
    store_payment_method_enabled: false,
    timezone: 'America/Los_Angeles',
    title: 'Payhook sample shop',
    updated_at: isoMillis(input.now - SECOND_MS),
    version: 2,
  };
};

export const squareSubscription = (scene: SquareScene, subscriptionId: string): JsonObject => {
  const { input, draw } = scene;
  return {
    card_id: `ccof:${draw.base62(20)}`,
    charged_through_date: isoDate(input.now + 30 * DAY_MS),
    created_at: isoMillis(input.now - SECOND_MS),
    customer_id: scene.customerId,
    id: subscriptionId,
    invoice_ids: [`inv:0-Ch${draw.base62(28)}`],
    location_id: scene.locationId,
    plan_variation_id: draw.upperAlphanumeric(24),
    source: { name: 'Payhook sample shop' },
    start_date: isoDate(input.now),
    status: 'ACTIVE',
    timezone: 'America/Los_Angeles',
    version: 1,
  };
};
