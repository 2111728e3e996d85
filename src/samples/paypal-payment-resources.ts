/** PayPal's orders, authorizations, captures and refunds (Orders v2, Payments v2) and the sale (Payments v1). */
import type { JsonObject } from '../core/read-json.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../core/time.ts';
import {
  link,
  money,
  moneyV1,
  type PaypalScene,
  payee,
  payerName,
  paypalId,
  portableAddress,
  sellerProtection,
} from './paypal-scene.ts';
import { decimalText } from './sample-order.ts';
import { isoSeconds } from './sample-time.ts';

/** Approved by the buyer, not paid: there is no capture in it yet. */
export const approvedOrder = (scene: PaypalScene): JsonObject => {
  const { order, orderId, input } = scene;
  return {
    create_time: isoSeconds(input.now - 3 * MINUTE_MS),
    purchase_units: [
      {
        reference_id: 'default',
        amount: {
          ...money(order.total),
          breakdown: {
            item_total: money(order.subtotal),
            shipping: money(order.shipping),
            tax_total: money(order.tax),
          },
        },
        payee: payee(scene),
        custom_id: order.reference,
        invoice_id: `INV-${order.reference}`,
        items: [
          {
            name: order.item.name,
            unit_amount: money(order.item.unitAmount),
            quantity: String(order.item.quantity),
            sku: order.item.sku,
          },
        ],
        shipping: { name: { full_name: order.buyer.name }, address: portableAddress(scene) },
      },
    ],
    links: [
      link(`/v2/checkout/orders/${orderId}`, 'self'),
      link(`/v2/checkout/orders/${orderId}`, 'update', 'PATCH'),
      link(`/v2/checkout/orders/${orderId}/capture`, 'capture', 'POST'),
    ],
    id: orderId,
    payment_source: {
      paypal: {
        email_address: order.buyer.email,
        account_id: scene.payerId,
        account_status: 'VERIFIED',
        name: payerName(scene),
        address: { country_code: 'US' },
      },
    },
    intent: 'CAPTURE',
    payer: {
      name: payerName(scene),
      email_address: order.buyer.email,
      payer_id: scene.payerId,
      address: { country_code: 'US' },
    },
    status: 'APPROVED',
  };
};

export const authorization = (scene: PaypalScene, status: 'CREATED' | 'VOIDED'): JsonObject => {
  const { authorizationId, orderId, order, input } = scene;
  const path = `/v2/payments/authorizations/${authorizationId}`;
  const createdAt = input.now - (status === 'CREATED' ? 2 * SECOND_MS : DAY_MS);
  return {
    id: authorizationId,
    status,
    amount: money(order.total),
    invoice_id: `INV-${order.reference}`,
    custom_id: order.reference,
    seller_protection: sellerProtection,
    payee: payee(scene),
    supplementary_data: { related_ids: { order_id: orderId } },
    expiration_time: isoSeconds(createdAt + 29 * DAY_MS),
    create_time: isoSeconds(createdAt),
    update_time: isoSeconds(input.now - 2 * SECOND_MS),
    links: [
      link(path, 'self'),
      ...(status === 'CREATED'
        ? [
            link(`${path}/capture`, 'capture', 'POST'),
            link(`${path}/void`, 'void', 'POST'),
            link(`${path}/reauthorize`, 'reauthorize', 'POST'),
          ]
        : []),
      link(`/v2/checkout/orders/${orderId}`, 'up'),
    ],
  };
};

/** Only a completed capture says what the seller receives: gross less fee is net. */
export const capture = (scene: PaypalScene, status: 'COMPLETED' | 'PENDING' | 'DECLINED'): JsonObject => {
  const { captureId, orderId, order, fee, input } = scene;
  const path = `/v2/payments/captures/${captureId}`;
  return {
    id: captureId,
    amount: money(order.total),
    final_capture: true,
    seller_protection: sellerProtection,
    ...(status === 'COMPLETED'
      ? {
          seller_receivable_breakdown: {
            gross_amount: money(order.total),
            paypal_fee: money(fee),
            net_amount: money(order.total - fee),
          },
        }
      : {}),
    ...(status === 'PENDING' ? { status_details: { reason: 'PENDING_REVIEW' } } : {}),
    invoice_id: `INV-${order.reference}`,
    custom_id: order.reference,
    status,
    supplementary_data: { related_ids: { order_id: orderId } },
    payee: payee(scene),
    create_time: isoSeconds(input.now - 3 * SECOND_MS),
    update_time: isoSeconds(input.now - 3 * SECOND_MS),
    links: [
      link(path, 'self'),
      ...(status === 'COMPLETED' ? [link(`${path}/refund`, 'refund', 'POST')] : []),
      link(`/v2/checkout/orders/${orderId}`, 'up'),
    ],
  };
};

/**
 * The resource of both REFUNDED and REVERSED: it names its capture only by the link `up`. PayPal keeps its fee when a
 * seller refunds. A refund here is of one piece, a reversal of everything.
 */
export const captureRefund = (scene: PaypalScene, by: 'seller' | 'paypal'): JsonObject => {
  const { captureId, order, input, draw } = scene;
  const id = paypalId(draw);
  const amount = by === 'seller' ? order.item.unitAmount : order.total;
  return {
    id,
    amount: money(amount),
    ...(by === 'seller' ? { note_to_payer: 'One piece was returned.' } : {}),
    seller_payable_breakdown: {
      gross_amount: money(amount),
      paypal_fee: money(0),
      net_amount: money(amount),
      total_refunded_amount: money(amount),
    },
    invoice_id: `INV-${order.reference}`,
    custom_id: order.reference,
    status: 'COMPLETED',
    payer: payee(scene),
    create_time: isoSeconds(input.now - 4 * SECOND_MS),
    update_time: isoSeconds(input.now - 4 * SECOND_MS),
    links: [link(`/v2/payments/refunds/${id}`, 'self'), link(`/v2/payments/captures/${captureId}`, 'up')],
  };
};

/** The charge of a subscription, in the form of version 1. */
export const subscriptionSale = (scene: PaypalScene): JsonObject => {
  const { order, fee, input, captureId: saleId } = scene;
  return {
    billing_agreement_id: `I-${scene.draw.upperAlphanumeric(12)}`,
    amount: {
      total: decimalText(order.total),
      currency: 'USD',
      details: {
        subtotal: decimalText(order.subtotal),
        tax: decimalText(order.tax),
        shipping: decimalText(order.shipping),
      },
    },
    payment_mode: 'INSTANT_TRANSFER',
    update_time: isoSeconds(input.now - 5 * SECOND_MS),
    create_time: isoSeconds(input.now - 5 * SECOND_MS),
    protection_eligibility_type: 'ITEM_NOT_RECEIVED_ELIGIBLE,UNAUTHORIZED_PAYMENT_ELIGIBLE',
    transaction_fee: moneyV1(fee),
    protection_eligibility: 'ELIGIBLE',
    links: [link(`/v1/payments/sale/${saleId}`, 'self'), link(`/v1/payments/sale/${saleId}/refund`, 'refund', 'POST')],
    id: saleId,
    state: 'completed',
    custom: order.reference,
    invoice_number: '',
  };
};
