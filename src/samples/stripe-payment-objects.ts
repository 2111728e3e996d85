/** Stripe's PaymentIntent and Charge as they stand inside events (docs.stripe.com/api/payment_intents, /charges). */
import { type StripeScene, stripeBillingDetails, stripeShipping } from './stripe-scene.ts';

export type PaymentIntentStatus =
  | 'requires_payment_method'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled';

const PAYMENT_AGE_SECONDS = 45;
const CHARGE_AGE_SECONDS = 2;

const cardChecks = { address_line1_check: 'pass', address_postal_code_check: 'pass', cvc_check: 'pass' };

/** Only in `last_payment_error`; elsewhere a payment method is an id. */
const paymentMethod = (scene: StripeScene) => ({
  id: scene.paymentMethodId,
  object: 'payment_method' as const,
  allow_redisplay: 'unspecified',
  billing_details: stripeBillingDetails(scene),
  card: {
    brand: scene.order.card.brand,
    checks: cardChecks,
    country: 'US',
    display_brand: scene.order.card.brand,
    exp_month: scene.order.card.expMonth,
    exp_year: scene.order.card.expYear,
    fingerprint: scene.draw.base62(16),
    funding: 'credit',
    generated_from: null,
    last4: scene.order.card.last4,
    networks: { available: [scene.order.card.brand], preferred: null },
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: true },
    wallet: null,
  },
  created: scene.nowSeconds - PAYMENT_AGE_SECONDS,
  customer: null,
  customer_account: null,
  livemode: false,
  metadata: {},
  type: 'card',
});

const cardDeclined = (scene: StripeScene) => ({
  advice_code: 'try_again_later',
  charge: scene.chargeId,
  code: 'card_declined',
  decline_code: 'generic_decline',
  doc_url: 'https://docs.stripe.com/error-codes#card-declined',
  message: 'Your card was declined.',
  payment_method: paymentMethod(scene),
  type: 'card_error',
});

const redirectToBank = (scene: StripeScene) => ({
  redirect_to_url: {
    return_url: `https://shop.example.com/orders/${scene.order.reference}/return`,
    url: `https://hooks.stripe.com/3d_secure_2/hosted?merchant=acct_1${scene.draw.base62(15)}&payment_intent=${scene.paymentIntentId}`,
  },
  type: 'redirect_to_url',
});

const cardOptions = {
  card: {
    installments: null,
    mandate_options: null,
    network: null,
    request_three_d_secure: 'automatic' as const,
  },
};
const bankDebitOptions = { us_bank_account: { verification_method: 'automatic' as const } };

const amountDetails = ({ order }: StripeScene) => ({
  shipping: { amount: order.shipping, from_postal_code: null, to_postal_code: order.buyer.address.postalCode },
  tax: { total_tax_amount: order.tax },
  tip: {},
});

export interface PaymentIntentState {
  readonly status: PaymentIntentStatus;
  /** The last attempt was declined. */
  readonly isDeclined?: boolean;
}

/**
 * `processing` is a bank debit, the rest are card payments; `requires_capture` is one with manual capture. The amount
 * captured or capturable is always the whole amount.
 */
export const stripePaymentIntent = (scene: StripeScene, { status, isDeclined = false }: PaymentIntentState) => {
  const { order, nowSeconds, paymentIntentId } = scene;
  const isBankDebit = status === 'processing';
  const hasCharge = isDeclined || isBankDebit || status === 'requires_capture' || status === 'succeeded';
  const hasPaymentMethod = status !== 'requires_payment_method' && status !== 'canceled';
  return {
    id: paymentIntentId,
    object: 'payment_intent' as const,
    allowed_payment_method_types: null,
    amount: order.total,
    amount_capturable: status === 'requires_capture' ? order.total : 0,
    amount_details: amountDetails(scene),
    amount_received: status === 'succeeded' ? order.total : 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: status === 'canceled' ? nowSeconds : null,
    cancellation_reason: status === 'canceled' ? 'requested_by_customer' : null,
    capture_method: status === 'requires_capture' ? ('manual' as const) : ('automatic_async' as const),
    client_secret: `${paymentIntentId}_secret_${scene.draw.base62(25)}`,
    confirmation_method: 'automatic' as const,
    created: nowSeconds - PAYMENT_AGE_SECONDS,
    currency: 'usd',
    customer: scene.customerId,
    customer_account: null,
    description: `Order ${order.reference}`,
    excluded_payment_method_types: null,
    last_payment_error: isDeclined ? cardDeclined(scene) : null,
    latest_charge: hasCharge ? scene.chargeId : null,
    livemode: false,
    managed_payments: { enabled: false },
    metadata: { order_reference: order.reference, sku: order.item.sku },
    next_action: status === 'requires_action' ? redirectToBank(scene) : null,
    on_behalf_of: null,
    payment_details: { customer_reference: null, order_reference: order.reference },
    payment_method: hasPaymentMethod ? scene.paymentMethodId : null,
    payment_method_configuration_details: null,
    payment_method_options: isBankDebit ? bankDebitOptions : cardOptions,
    payment_method_types: [isBankDebit ? 'us_bank_account' : 'card'],
    payment_record: null,
    processing: null,
    receipt_email: order.buyer.email,
    review: null,
    setup_future_usage: null,
    shipping: stripeShipping(scene),
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status,
    transfer_data: null,
    transfer_group: null,
  };
};

const outcomeOf = (scene: StripeScene, isFailed: boolean) => ({
  advice_code: isFailed ? ('try_again_later' as const) : null,
  network_advice_code: null,
  network_decline_code: isFailed ? '05' : null,
  network_status: isFailed ? 'declined_by_network' : 'approved_by_network',
  reason: isFailed ? 'generic_decline' : null,
  risk_level: 'normal',
  risk_score: scene.draw.integer(2, 60),
  seller_message: isFailed ? 'The bank did not return any further details with this decline.' : 'Payment complete.',
  type: isFailed ? 'issuer_declined' : 'authorized',
});

const chargeCard = (scene: StripeScene, isFailed: boolean) => ({
  card: {
    amount_authorized: isFailed ? null : scene.order.total,
    authorization_code: isFailed ? null : scene.draw.digits(6),
    brand: scene.order.card.brand,
    checks: cardChecks,
    country: 'US',
    electronic_commerce_indicator: null,
    exp_month: scene.order.card.expMonth,
    exp_year: scene.order.card.expYear,
    extended_authorization: { status: 'disabled' as const },
    fingerprint: scene.draw.base62(16),
    funding: 'credit',
    incremental_authorization: { status: 'unavailable' as const },
    installments: null,
    last4: scene.order.card.last4,
    mandate: null,
    multicapture: { status: 'unavailable' as const },
    network: scene.order.card.brand,
    network_token: { used: false },
    // The networks' own ids can have 15 digits, which the card-data guard may take for a card number.
    network_transaction_id: null,
    overcapture: { maximum_amount_capturable: scene.order.total, status: 'unavailable' as const },
    regulated_status: 'unregulated' as const,
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null,
  },
  type: 'card',
});

export interface ChargeState {
  readonly status: 'succeeded' | 'failed';
  /** Minor units given back so far. */
  readonly amountRefunded?: number;
  readonly ageSeconds?: number;
}

export const stripeCharge = (scene: StripeScene, state: ChargeState) => {
  const { order } = scene;
  const { status, amountRefunded = 0, ageSeconds = CHARGE_AGE_SECONDS } = state;
  const isFailed = status === 'failed';
  return {
    id: scene.chargeId,
    object: 'charge' as const,
    amount: order.total,
    amount_captured: isFailed ? 0 : order.total,
    amount_refunded: amountRefunded,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: isFailed ? null : scene.paymentScopedId('txn'),
    billing_details: stripeBillingDetails(scene),
    calculated_statement_descriptor: 'PAYHOOK SAMPLE SHOP',
    captured: !isFailed,
    created: scene.nowSeconds - ageSeconds,
    currency: 'usd',
    customer: scene.customerId,
    description: `Order ${order.reference}`,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: isFailed ? 'card_declined' : null,
    failure_message: isFailed ? 'Your card was declined.' : null,
    fraud_details: {},
    livemode: false,
    metadata: { order_reference: order.reference, sku: order.item.sku },
    on_behalf_of: null,
    outcome: outcomeOf(scene, isFailed),
    paid: !isFailed,
    payment_intent: scene.paymentIntentId,
    payment_method: scene.paymentMethodId,
    payment_method_details: chargeCard(scene, isFailed),
    radar_options: {},
    receipt_email: order.buyer.email,
    receipt_number: null,
    receipt_url: isFailed ? null : `https://pay.stripe.com/receipts/payment/${scene.draw.base62(72)}`,
    refunded: amountRefunded === order.total,
    review: null,
    shipping: stripeShipping(scene),
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status,
    transfer_data: null,
    transfer_group: null,
  };
};
