/**
 * Stripe's Invoice and Subscription since API version 2025-03-31.basil: an invoice names its subscription in `parent`
 * and its payments in `payments`; billing periods stand on the subscription's items.
 */
import { type StripeScene, stripeAddress } from './stripe-scene.ts';

const DAY_SECONDS = 86_400;
const PERIOD_SECONDS = 30 * DAY_SECONDS;
const PLAN_AMOUNT = 2900;

export interface StripeBilling {
  readonly subscriptionId: string;
  readonly subscriptionItemId: string;
  readonly invoiceId: string;
  readonly priceId: string;
  readonly productId: string;
  readonly taxRateId: string;
  readonly seats: number;
  readonly subtotal: number;
  readonly tax: number;
  readonly total: number;
  readonly periodStart: number;
  readonly periodEnd: number;
}

/** A monthly plan by the seat, whose period begins now. `subtotal + tax = total`. */
export const createStripeBilling = (scene: StripeScene): StripeBilling => {
  const seats = scene.draw.integer(1, 9);
  const subtotal = seats * PLAN_AMOUNT;
  const tax = Math.round((subtotal * 85) / 1000);
  return {
    subscriptionId: scene.ownId('sub'),
    subscriptionItemId: `si_${scene.draw.base62(14)}`,
    invoiceId: scene.ownId('in'),
    priceId: scene.ownId('price'),
    productId: `prod_${scene.draw.base62(14)}`,
    taxRateId: scene.ownId('txr'),
    seats,
    subtotal,
    tax,
    total: subtotal + tax,
    periodStart: scene.nowSeconds,
    periodEnd: scene.nowSeconds + PERIOD_SECONDS,
  };
};

const taxOf = (billing: StripeBilling) => ({
  amount: billing.tax,
  tax_behavior: 'exclusive' as const,
  tax_rate_details: { tax_rate: billing.taxRateId },
  taxability_reason: 'standard_rated' as const,
  taxable_amount: billing.subtotal,
  type: 'tax_rate_details' as const,
});

const listOf = <T>(url: string, item: T) => ({
  object: 'list' as const,
  data: [item],
  has_more: false,
  total_count: 1,
  url,
});

export const stripeInvoiceLine = (scene: StripeScene, billing: StripeBilling) => ({
  id: scene.ownId('il'),
  object: 'line_item' as const,
  amount: billing.subtotal,
  currency: 'usd',
  description: `${billing.seats} × Team plan (at $29.00 / month)`,
  discount_amounts: [],
  discountable: true,
  discounts: [],
  invoice: billing.invoiceId,
  livemode: false,
  metadata: {},
  parent: {
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: null,
      proration: false,
      proration_details: { credited_items: null },
      subscription: billing.subscriptionId,
      subscription_item: billing.subscriptionItemId,
    },
    type: 'subscription_item_details' as const,
  },
  period: { end: billing.periodEnd, start: billing.periodStart },
  pretax_credit_amounts: [],
  pricing: {
    price_details: { price: billing.priceId, product: billing.productId },
    type: 'price_details' as const,
    unit_amount_decimal: String(PLAN_AMOUNT),
  },
  quantity: billing.seats,
  quantity_decimal: String(billing.seats),
  subscription: billing.subscriptionId,
  subtotal: billing.subtotal,
  taxes: [taxOf(billing)],
});

export const stripeInvoicePayment = (scene: StripeScene, billing: StripeBilling, isPaid: boolean) => ({
  id: scene.ownId('inpay'),
  object: 'invoice_payment' as const,
  amount_paid: isPaid ? billing.total : null,
  amount_requested: billing.total,
  created: scene.nowSeconds - 4,
  currency: 'usd',
  invoice: billing.invoiceId,
  is_default: true,
  livemode: false,
  payment: { payment_intent: scene.paymentIntentId, type: 'payment_intent' as const },
  status: isPaid ? 'paid' : 'open',
  status_transitions: { canceled_at: null, paid_at: isPaid ? scene.nowSeconds - 1 : null },
});

const invoiceCustomer = ({ order, customerId }: StripeScene) => ({
  customer: customerId,
  customer_account: null,
  customer_address: stripeAddress(order.buyer.address),
  customer_email: order.buyer.email,
  customer_name: order.buyer.name,
  customer_phone: null,
  customer_shipping: null,
  customer_tax_exempt: 'none' as const,
  customer_tax_ids: [],
});

const invoiceAmounts = (billing: StripeBilling, isPaid: boolean) => ({
  amount_due: billing.total,
  amount_overpaid: 0,
  amount_paid: isPaid ? billing.total : 0,
  amount_remaining: isPaid ? 0 : billing.total,
  amount_shipping: 0,
});

const invoiceParent = (billing: StripeBilling) => ({
  quote_details: null,
  subscription_details: { metadata: {}, subscription: billing.subscriptionId },
  type: 'subscription_details' as const,
});

const invoiceTotals = (billing: StripeBilling) => ({
  subtotal: billing.subtotal,
  subtotal_excluding_tax: billing.subtotal,
  total: billing.total,
  total_discount_amounts: [],
  total_excluding_tax: billing.subtotal,
  total_pretax_credit_amounts: [],
  total_taxes: [taxOf(billing)],
});

/** A renewal of the subscription: paid at the first attempt, or open after a declined one and to be tried again. */
export const stripeInvoice = (scene: StripeScene, billing: StripeBilling, status: 'paid' | 'open') => {
  const isPaid = status === 'paid';
  const hosted = `https://invoice.stripe.com/i/acct_1${scene.draw.base62(15)}/test_${scene.draw.base62(48)}`;
  return {
    id: billing.invoiceId,
    object: 'invoice' as const,
    account_country: 'US',
    account_name: 'Payhook sample shop',
    account_tax_ids: null,
    ...invoiceAmounts(billing, isPaid),
    application: null,
    attempt_count: 1,
    attempted: true,
    auto_advance: !isPaid,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: 'subscription_cycle' as const,
    collection_method: 'charge_automatically' as const,
    created: scene.nowSeconds - 3600,
    currency: 'usd',
    custom_fields: null,
    ...invoiceCustomer(scene),
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: scene.nowSeconds - 5,
    ending_balance: 0,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: `${hosted}?s=ap`,
    invoice_pdf: `${hosted}/pdf?s=ap`,
    issuer: { type: 'self' as const },
    last_finalization_error: null,
    latest_revision: null,
    lines: listOf(`/v1/invoices/${billing.invoiceId}/lines`, stripeInvoiceLine(scene, billing)),
    livemode: false,
    metadata: {},
    next_payment_attempt: isPaid ? null : scene.nowSeconds + 3 * DAY_SECONDS,
    number: `${scene.draw.upperAlphanumeric(8)}-000${scene.draw.integer(1, 9)}`,
    on_behalf_of: null,
    parent: invoiceParent(billing),
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    payments: listOf('/v1/invoice_payments', stripeInvoicePayment(scene, billing, isPaid)),
    period_end: billing.periodStart,
    period_start: billing.periodStart - PERIOD_SECONDS,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status,
    status_transitions: {
      finalized_at: scene.nowSeconds - 5,
      marked_uncollectible_at: null,
      paid_at: isPaid ? scene.nowSeconds - 1 : null,
      voided_at: null,
    },
    test_clock: null,
    ...invoiceTotals(billing),
    webhooks_delivered_at: scene.nowSeconds - 3600,
  };
};
