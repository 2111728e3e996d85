/** Stripe's Subscription with its one item, price and plan (docs.stripe.com/api/subscriptions). */
import type { StripeBilling } from './stripe-billing-objects.ts';
import type { StripeScene } from './stripe-scene.ts';

const DAY_SECONDS = 86_400;
const SUBSCRIPTION_AGE_SECONDS = 10 * DAY_SECONDS;

export type SubscriptionState =
  /** Begun now. */
  | 'new'
  /** Begun ten days ago and cancelled now, to the end of the period. */
  | 'canceling'
  /** Begun ten days ago and ended now. */
  | 'ended';

const monthlyPrice = (billing: StripeBilling, createdAt: number) => ({
  id: billing.priceId,
  object: 'price' as const,
  active: true,
  billing_scheme: 'per_unit' as const,
  created: createdAt,
  currency: 'usd',
  custom_unit_amount: null,
  livemode: false,
  lookup_key: 'team_monthly',
  metadata: {},
  nickname: 'Team plan',
  product: billing.productId,
  recurring: {
    interval: 'month' as const,
    interval_count: 1,
    meter: null,
    trial_period_days: null,
    usage_type: 'licensed' as const,
  },
  tax_behavior: 'exclusive' as const,
  tiers_mode: null,
  transform_quantity: null,
  type: 'recurring' as const,
  unit_amount: billing.subtotal / billing.seats,
  unit_amount_decimal: String(billing.subtotal / billing.seats),
});

/** The older form of the price, which Stripe still sends beside it. */
const monthlyPlan = (billing: StripeBilling, createdAt: number) => ({
  id: billing.priceId,
  object: 'plan' as const,
  active: true,
  amount: billing.subtotal / billing.seats,
  amount_decimal: String(billing.subtotal / billing.seats),
  billing_scheme: 'per_unit' as const,
  created: createdAt,
  currency: 'usd',
  interval: 'month' as const,
  interval_count: 1,
  livemode: false,
  metadata: {},
  meter: null,
  nickname: 'Team plan',
  product: billing.productId,
  tiers_mode: null,
  transform_usage: null,
  trial_period_days: null,
  usage_type: 'licensed' as const,
});

const subscriptionItem = (billing: StripeBilling, startAt: number, periodSeconds: number) => {
  const priceCreatedAt = startAt - 200 * DAY_SECONDS;
  return {
    id: billing.subscriptionItemId,
    object: 'subscription_item' as const,
    billing_thresholds: null,
    created: startAt,
    current_period_end: startAt + periodSeconds,
    current_period_start: startAt,
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: monthlyPlan(billing, priceCreatedAt),
    price: monthlyPrice(billing, priceCreatedAt),
    quantity: billing.seats,
    subscription: billing.subscriptionId,
    tax_rates: [],
  };
};

const cancellationDetails = (isCanceled: boolean) => ({
  comment: null,
  feedback: isCanceled ? ('too_expensive' as const) : null,
  feedback_option: null,
  reason: isCanceled ? ('cancellation_requested' as const) : null,
});

export const stripeSubscription = (scene: StripeScene, billing: StripeBilling, state: SubscriptionState) => {
  const { nowSeconds } = scene;
  const startAt = state === 'new' ? nowSeconds : nowSeconds - SUBSCRIPTION_AGE_SECONDS;
  const periodSeconds = billing.periodEnd - billing.periodStart;
  return {
    id: billing.subscriptionId,
    object: 'subscription' as const,
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: startAt,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' as const }, type: 'flexible' as const },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: state === 'canceling' ? startAt + periodSeconds : null,
    cancel_at_period_end: state === 'canceling',
    canceled_at: state === 'new' ? null : nowSeconds,
    cancellation_details: cancellationDetails(state !== 'new'),
    collection_method: 'charge_automatically' as const,
    created: startAt,
    currency: 'usd',
    customer: scene.customerId,
    customer_account: null,
    days_until_due: null,
    default_payment_method: scene.paymentMethodId,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: state === 'ended' ? nowSeconds : null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' as const },
    },
    items: {
      object: 'list' as const,
      data: [subscriptionItem(billing, startAt, periodSeconds)],
      has_more: false,
      total_count: 1,
      url: `/v1/subscription_items?subscription=${billing.subscriptionId}`,
    },
    latest_invoice: billing.invoiceId,
    livemode: false,
    managed_payments: { enabled: false },
    metadata: {},
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'on_subscription' as const,
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: startAt,
    status: state === 'ended' ? ('canceled' as const) : ('active' as const),
    test_clock: null,
    transfer_data: null,
    trial_end: null,
    trial_settings: {
      end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' as const },
    },
    trial_start: null,
  };
};
