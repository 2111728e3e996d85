/** Stripe's Checkout Session (docs.stripe.com/api/checkout/sessions). */
import { type StripeScene, stripeAddress } from './stripe-scene.ts';

const DAY_SECONDS = 86_400;

export type CheckoutOutcome =
  /** Paid by card. */
  | 'paid'
  /** Completed with a bank debit that settled days later. */
  | 'paid_later'
  /** Nobody paid within 24 hours. */
  | 'expired';

const AGE_SECONDS: Record<CheckoutOutcome, number> = { paid: 180, paid_later: 4 * DAY_SECONDS, expired: DAY_SECONDS };

const collectedInformation = ({ order }: StripeScene) => ({
  business_name: null,
  individual_name: null,
  shipping_details: { address: stripeAddress(order.buyer.address), name: order.buyer.name },
});

const customerDetails = ({ order }: StripeScene) => ({
  address: stripeAddress(order.buyer.address),
  business_name: null,
  email: order.buyer.email,
  individual_name: null,
  name: order.buyer.name,
  phone: null,
  tax_exempt: 'none' as const,
  tax_ids: [],
});

const brandingSettings = {
  background_color: '#ffffff',
  border_style: 'rounded' as const,
  button_color: '#0074d4',
  display_name: 'Payhook sample shop',
  font_family: 'default',
  icon: null,
  logo: null,
};

const customText = { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null };

const shippingChoice = ({ order, ownId }: StripeScene) => {
  const shippingRate = ownId('shr');
  return {
    shipping_cost: {
      amount_subtotal: order.shipping,
      amount_tax: 0,
      amount_total: order.shipping,
      shipping_rate: shippingRate,
    },
    shipping_options: [{ shipping_amount: order.shipping, shipping_rate: shippingRate }],
  };
};

const invoiceCreation = {
  enabled: false,
  invoice_data: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: null,
    metadata: {},
    rendering_options: null,
  },
};

export const stripeCheckoutSession = (scene: StripeScene, outcome: CheckoutOutcome) => {
  const { order } = scene;
  const isExpired = outcome === 'expired';
  const createdAt = scene.nowSeconds - AGE_SECONDS[outcome];
  return {
    id: `cs_test_a1${scene.draw.base62(58)}`,
    object: 'checkout.session' as const,
    adaptive_pricing: { enabled: true },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: order.subtotal,
    amount_total: order.total,
    automatic_tax: {
      enabled: true,
      liability: { type: 'self' as const },
      provider: 'stripe',
      status: isExpired ? ('requires_location_inputs' as const) : ('complete' as const),
    },
    billing_address_collection: 'auto' as const,
    branding_settings: brandingSettings,
    cancel_url: 'https://shop.example.com/cart',
    client_reference_id: order.reference,
    client_secret: null,
    collected_information: isExpired ? null : collectedInformation(scene),
    consent: null,
    consent_collection: null,
    created: createdAt,
    currency: 'usd',
    currency_conversion: null,
    custom_fields: [],
    custom_text: customText,
    customer: isExpired ? null : scene.customerId,
    customer_account: null,
    customer_creation: 'always' as const,
    customer_details: isExpired ? null : customerDetails(scene),
    customer_email: null,
    discounts: [],
    expires_at: createdAt + DAY_SECONDS,
    integration_identifier: null,
    invoice: null,
    invoice_creation: invoiceCreation,
    livemode: false,
    locale: null,
    managed_payments: { enabled: false },
    metadata: { order_reference: order.reference },
    mode: 'payment' as const,
    origin_context: null,
    payment_intent: isExpired ? null : scene.paymentIntentId,
    payment_link: null,
    payment_method_collection: 'if_required' as const,
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' as const } },
    payment_method_types: outcome === 'paid_later' ? ['us_bank_account'] : ['card'],
    payment_status: isExpired ? ('unpaid' as const) : ('paid' as const),
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: { allowed_countries: ['US' as const] },
    ...shippingChoice(scene),
    status: isExpired ? ('expired' as const) : ('complete' as const),
    submit_type: null,
    subscription: null,
    success_url: 'https://shop.example.com/thanks?session_id={CHECKOUT_SESSION_ID}',
    total_details: { amount_discount: 0, amount_shipping: order.shipping, amount_tax: order.tax },
    ui_mode: 'hosted_page' as const,
    url: null,
    wallet_options: null,
  };
};
