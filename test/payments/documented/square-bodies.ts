/** Square's objects as https://developer.squareup.com/reference/square shows them, in words of our own. */
import { type DocumentedBody, of } from './documented-body.ts';

const usd = (amount: number): object => ({ amount, currency: 'USD' });
const at = '2026-03-01T12:34:56.789Z';
const location_id = 'L88917AVBK2S5';

const payment = {
  id: 'bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY',
  amount_money: usd(1000),
  application_details: { application_id: 'sq0ids-Doc', square_product: 'ECOMMERCE_API' },
  approved_money: usd(1000),
  capabilities: ['EDIT_AMOUNT_UP', 'EDIT_AMOUNT_DOWN', 'EDIT_TIP_AMOUNT_UP'],
  card_details: {
    auth_result_code: '68aLBM',
    avs_status: 'AVS_ACCEPTED',
    card: { bin: '411111', card_brand: 'VISA', exp_month: 11, exp_year: 2032, last_4: '1111' },
    card_payment_timeline: { authorized_at: at, captured_at: at },
    cvv_status: 'CVV_ACCEPTED',
    entry_method: 'KEYED',
    status: 'CAPTURED',
  },
  created_at: at,
  delay_action: 'CANCEL',
  delay_duration: 'PT168H',
  delayed_until: at,
  location_id,
  order_id: 'd7eKah653Z579f3gVtjlxpSlmUcZY',
  receipt_number: 'bP9m',
  risk_evaluation: { created_at: at, risk_level: 'NORMAL' },
  source_type: 'CARD',
  status: 'COMPLETED',
  total_money: usd(1000),
  updated_at: at,
  version_token: 'FfQhQJf9r3VSQIgyWBk1oqhIwiznLwVwJbVVA0bdyEv6o',
};

const refund = {
  id: 'bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY_PJQ',
  amount_money: usd(1000),
  created_at: at,
  location_id,
  order_id: 'UNOE3kv2BZwqHlJ830RCt5YCuaB',
  payment_id: 'bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY',
  processing_fee: [{ amount_money: usd(-59), effective_at: at, type: 'INITIAL' }],
  reason: 'Example Refund',
  status: 'PENDING',
  updated_at: at,
  version: 1,
};

const dispute = {
  id: 'ORSEVtZAJxb37RA1EiGw',
  dispute_id: 'ORSEVtZAJxb37RA1EiGw',
  amount_money: usd(8801),
  brand_dispute_id: 'r9rKGSBBQbywBNnWWIiGFg',
  card_brand: 'VISA',
  created_at: at,
  disputed_payment: { payment_id: '2yeBUWJzllJTpmnSqtMRAL19taB' },
  due_at: '2026-03-15T00:00:00.000Z',
  evidence_ids: [],
  location_id,
  reason: 'NO_KNOWLEDGE',
  reported_at: at,
  state: 'EVIDENCE_REQUIRED',
  updated_at: at,
  version: 1,
};

const payout = {
  id: 'po_b345d2c7-90b3-4f0b-a2aa-df1def7f8afc',
  amount_money: usd(4000),
  arrival_date: '2026-03-02',
  created_at: at,
  destination: { id: 'ccof:ZPp3oedR3AeEZr7z4GB', type: 'CARD' },
  end_to_end_id: 'L2100000005',
  location_id,
  payout_fee: [{ amount_money: usd(10), effective_at: at, type: 'TRANSFER_FEE' }],
  status: 'SENT',
  type: 'BATCH',
  updated_at: at,
  version: 1,
};

const invoice = {
  id: 'inv:0-ChCHu2mZEabLeeHahQnXDjZQECY',
  accepted_payment_methods: { bank_account: false, card: true, square_gift_card: false },
  created_at: at,
  creator_team_member_id: 'TMDoc',
  custom_fields: [{ label: 'Event Reference Number', placement: 'ABOVE_LINE_ITEMS', value: 'Ref. #1234' }],
  delivery_method: 'EMAIL',
  invoice_number: 'inv-100',
  location_id,
  order_id: 'AdSjVqPCzOAQqvTnzy46VLCeB',
  payment_requests: [
    {
      automatic_payment_source: 'NONE',
      computed_amount_money: usd(10_000),
      due_date: '2030-01-24',
      reminders: [
        { message: 'Your invoice is due tomorrow', relative_scheduled_days: -1, status: 'PENDING', uid: 'b' },
      ],
      request_type: 'BALANCE',
      tipping_enabled: true,
      total_completed_amount_money: usd(0),
      uid: '2da7964f-f3d2-4f43-81e8-5aa220bf3355',
    },
  ],
  primary_recipient: {
    customer_id: 'JDKYHBWT1D4F8MFH63DBMEN8Y4',
    email_address: 'amelia@example.com',
    given_name: 'A',
  },
  sale_or_service_date: '2030-01-24',
  scheduled_at: '2030-01-13T10:00:00Z',
  status: 'DRAFT',
  store_payment_method_enabled: false,
  timezone: 'America/Los_Angeles',
  title: 'Event Planning Services',
  updated_at: at,
  version: 0,
};

const subscription = {
  id: '8151fc89-da15-4eb9-a685-1a70883cebfc',
  canceled_date: null,
  card_id: 'ccof:qy5x8hHGYsgLrp4Q4GB',
  charged_through_date: '2026-03-31',
  created_at: at,
  customer_id: 'CHFGVKYY8RSV93M5KCYTG4PN0G',
  invoice_ids: ['inv:0-Doc'],
  location_id,
  plan_variation_id: '6JHXF3B2CW3YKHDV4XEM674H',
  price_override_money: usd(2000),
  source: { name: 'My Application' },
  start_date: '2026-03-01',
  status: 'ACTIVE',
  tax_percentage: '5',
  timezone: 'UTC',
  version: 1_594_155_459_464,
};

const order = { created_at: at, location_id, order_id: 'eA3vssLHKJrv9H0IdJCM3gNqfdcZY', state: 'OPEN', version: 1 };

const giftCard = {
  id: 'gftc:00113070ba5745f0b2377c1b9570cb03',
  balance_money: usd(3000),
  created_at: at,
  gan: '7783320007480908',
  gan_source: 'SQUARE',
  state: 'ACTIVE',
  type: 'DIGITAL',
};

const activity = (type: string, details: object): DocumentedBody['object'] => ({
  id: 'gcact_c8f8cbf1f24b448d8ecf39ed03f97864',
  created_at: at,
  gift_card_balance_money: usd(1000),
  gift_card_gan: '7783320007480908',
  gift_card_id: 'gftc:00113070ba5745f0b2377c1b9570cb03',
  location_id,
  type,
  ...details,
});

/** Events of disputes name the dispute by `id` alone in the reference's examples. */
const { dispute_id: _, ...disputeById } = dispute;

const card = {
  id: 'ccof:uIbfJXhXETSP197M3GB',
  billing_address: { country: 'US', postal_code: '10003' },
  bin: '411111',
  card_brand: 'VISA',
  card_type: 'CREDIT',
  cardholder_name: 'Amelia Earhart',
  customer_id: 'VDKXEEKPJN48QDG3BGGFAK05P8',
  enabled: true,
  exp_month: 11,
  exp_year: 2032,
  fingerprint: 'x',
  last_4: '1111',
  merchant_id: '6SSW7HV8K2ST5',
  prepaid_type: 'NOT_PREPAID',
  reference_id: 'user-id-1',
  version: 1,
};

const bankAccount = {
  id: 'bact:OxfBTiXgByaXds1K4GB',
  account_number_suffix: '000',
  account_type: 'CHECKING',
  bank_name: 'Citizens Bank',
  country: 'US',
  creditable: false,
  currency: 'USD',
  debitable: false,
  holder_name: 'Nicola Snow',
  location_id,
  primary_bank_identification_number: '011401533',
  status: 'VERIFICATION_IN_PROGRESS',
  version: 1,
};

const terminalCheckout = {
  id: 'dhgENdnFOPXqO',
  amount_money: usd(111),
  app_id: 'sq0idp-Doc',
  created_at: at,
  deadline_duration: 'PT5M',
  device_options: { device_id: '907CS13101300122', skip_receipt_screen: false, tip_settings: { allow_tipping: false } },
  location_id,
  note: 'A simple note',
  payment_options: { autocomplete: true },
  payment_type: 'CARD_PRESENT',
  reference_id: 'id72709',
  status: 'PENDING',
  updated_at: at,
};

const terminalRefund = {
  id: 'vjkNb2HD-xq5kiWWiJ7RhwrQnkxIn2N0l1nPZY',
  amount_money: usd(111),
  app_id: 'sq0idp-Doc',
  created_at: at,
  deadline_duration: 'PT5M',
  device_id: 'f72dfb8e-4d65-4e56-aade-ec3fb8d33291',
  location_id,
  order_id: 'kcuKDKreRaI4gF4TjmEgZjHk8Z7YY',
  payment_id: 'xq5kiWWiJ7RhwrQnkxIn2N0l1nPZY',
  reason: 'Returning items',
  status: 'PENDING',
  updated_at: at,
};

export const SQUARE_BODIES: readonly (DocumentedBody & { readonly kind: string })[] = [
  { kind: 'payment', ...of('payment.created payment.updated', payment) },
  { kind: 'refund', ...of('refund.created refund.updated', refund) },
  { kind: 'dispute', ...of('dispute.created dispute.state.updated dispute.state.changed', dispute) },
  {
    kind: 'dispute',
    ...of('dispute.evidence.added dispute.evidence.created dispute.evidence.removed dispute.evidence.deleted', dispute),
  },
  {
    kind: 'dispute',
    ...of('dispute.created dispute.state.updated', {
      ...disputeById,
      state: 'WON',
      reason: 'AMOUNT_DIFFERS',
      version: 6,
    }),
  },
  {
    kind: 'gift_card_activity',
    ...of('gift_card.activity.updated', activity('IMPORT', { import_activity_details: { amount_money: usd(1500) } })),
  },
  { kind: 'payout', ...of('payout.sent payout.paid payout.failed', payout) },
  {
    kind: 'invoice',
    ...of(
      'invoice.created invoice.published invoice.updated invoice.canceled invoice.scheduled_charge_failed',
      invoice,
    ),
  },
  { kind: 'invoice', ...of('invoice.payment_made invoice.refunded', { ...invoice, status: 'PAID' }) },
  { kind: 'subscription', ...of('subscription.created subscription.updated', subscription) },
  { kind: 'order_created', ...of('order.created', order) },
  { kind: 'order_updated', ...of('order.updated', { ...order, updated_at: at }) },
  { kind: 'gift_card', ...of('gift_card.created gift_card.updated', giftCard) },
  {
    kind: 'gift_card_activity',
    ...of(
      'gift_card.activity.created',
      activity('ACTIVATE', {
        activate_activity_details: { amount_money: usd(1000), line_item_uid: 'e', order_id: 'o' },
      }),
    ),
  },
  {
    kind: 'gift_card_activity',
    ...of(
      'gift_card.activity.updated',
      activity('REDEEM', { redeem_activity_details: { amount_money: usd(500), payment_id: 'p', status: 'COMPLETED' } }),
    ),
  },
  {
    kind: 'gift_card_activity',
    ...of('gift_card.activity.created', activity('BLOCK', { block_activity_details: { reason: 'CHARGEBACK_BLOCK' } })),
  },
  { kind: 'card', ...of('card.created card.updated card.automatically_updated card.disabled card.forgotten', card) },
  { kind: 'bank_account', ...of('bank_account.created bank_account.verified bank_account.disabled', bankAccount) },
  { kind: 'checkout', ...of('terminal.checkout.created terminal.checkout.updated', terminalCheckout) },
  { kind: 'refund', ...of('terminal.refund.created terminal.refund.updated', terminalRefund) },
  {
    kind: 'refund',
    ...of('terminal.refund.updated', { ...terminalRefund, status: 'CANCELED', cancel_reason: 'TIMED_OUT' }),
  },
  { kind: 'revocation', ...of('oauth.authorization.revoked', { revoked_at: at, revoker_type: 'MERCHANT' }) },
];
