/** PayPal's resources as https://developer.paypal.com/api/rest and the published specifications show them, in words of our own. */
import { type DocumentedBody, of } from './documented-body.ts';

const at = '2026-03-01T12:34:56Z';
const money = (value: string): object => ({ currency_code: 'USD', value });
const total = (value: string): object => ({ total: value, currency: 'USD', details: { subtotal: value } });
const link = (rel: string, path: string): object => ({ href: `https://api.paypal.com/${path}`, rel, method: 'GET' });

const unit = {
  amount: { ...money('100.00'), breakdown: { item_total: money('100.00') } },
  custom_id: 'custom-1',
  invoice_id: 'invoice-1',
  payee: { email_address: 'merchant@example.com', merchant_id: 'X5XAHHCG636FA' },
  reference_id: 'default',
  shipping: { address: { address_line_1: '2211 N First Street', country_code: 'US' }, name: { full_name: 'John Doe' } },
};
const order = {
  id: '5O190127TN364715T',
  create_time: at,
  intent: 'CAPTURE',
  links: [link('self', 'v2/checkout/orders/5O190127TN364715T')],
  payer: {
    email_address: 'buyer@example.com',
    name: { given_name: 'John', surname: 'Doe' },
    payer_id: 'QYR5Z8XDVJNXQ',
  },
  purchase_units: [unit],
  status: 'APPROVED',
};
const approvalReversed = {
  order_id: '5O190127TN364715T',
  payment_source: { ideal: { country_code: 'NL', name: 'John Doe' } },
  purchase_units: [{ custom_id: 'custom-1', invoice_id: 'invoice-1', reference_id: 'default' }],
};

const authorization = {
  id: '0AW2184448108334S',
  amount: money('2.51'),
  create_time: at,
  expiration_time: '2026-03-30T12:34:56Z',
  links: [
    link('self', 'v2/payments/authorizations/0AW2184448108334S'),
    link('up', 'v2/checkout/orders/8U481631H66031715'),
  ],
  seller_protection: { dispute_categories: ['ITEM_NOT_RECEIVED'], status: 'ELIGIBLE' },
  status: 'CREATED',
  update_time: at,
};
const authorizationOfV1 = {
  id: '2DC87612EK520411B',
  amount: total('7.47'),
  create_time: at,
  links: [link('self', 'v1/payments/authorization/2DC87612EK520411B')],
  parent_payment: 'PAY-36246664YD343335CKHFA4AY',
  state: 'authorized',
  update_time: at,
  valid_until: '2026-03-30T12:34:56Z',
};

const capture = {
  id: '42311647XV020574X',
  amount: money('27.99'),
  create_time: at,
  final_capture: true,
  invoice_id: 'invoice-1',
  links: [
    link('self', 'v2/payments/captures/42311647XV020574X'),
    link('up', 'v2/payments/authorizations/38J14414TL863654S'),
  ],
  seller_protection: { status: 'NOT_ELIGIBLE' },
  seller_receivable_breakdown: { gross_amount: money('27.99'), net_amount: money('26.68'), paypal_fee: money('1.31') },
  status: 'COMPLETED',
  supplementary_data: { related_ids: { order_id: '5O190127TN364715T' } },
  update_time: at,
};
const captureOfV1 = {
  id: '27M47624FP291604U',
  amount: total('4.03'),
  create_time: at,
  is_final_capture: true,
  links: [link('self', 'v1/payments/capture/27M47624FP291604U')],
  parent_payment: 'PAY-1PB812527V501134KM4YK6QY',
  state: 'completed',
  transaction_fee: { currency: 'USD', value: '0.42' },
};
const sale = {
  id: '80021663DE681814L',
  amount: total('0.48'),
  clearing_time: at,
  create_time: at,
  links: [link('self', 'v1/payments/sale/80021663DE681814L'), link('parent_payment', 'v1/payments/payment/PAY-1PA1')],
  parent_payment: 'PAY-1PA12106FU478450MKRETS4A',
  payment_mode: 'ECHECK',
  protection_eligibility: 'ELIGIBLE',
  state: 'completed',
  transaction_fee: { currency: 'USD', value: '0.31' },
  update_time: at,
};
const refund = {
  id: '58K15806CS993444T',
  amount: money('89.00'),
  create_time: at,
  links: [link('self', 'v2/payments/refunds/58K15806CS993444T'), link('up', 'v2/payments/captures/0JF852973C016714D')],
  note_to_payer: 'Payment refund to Buyer',
  seller_payable_breakdown: {
    gross_amount: money('89.00'),
    net_amount: money('86.10'),
    paypal_fee: money('2.90'),
    total_refunded_amount: money('89.00'),
  },
  status: 'COMPLETED',
  update_time: at,
};
const refundOfCapture = {
  id: '09E71677NS257044M',
  amount: total('-1.00'),
  capture_id: '27M47624FP291604U',
  create_time: at,
  links: [
    link('self', 'v1/payments/refund/09E71677NS257044M'),
    link('parent_payment', 'v1/payments/payment/PAY-1'),
    link('capture', 'v1/payments/capture/27M47624FP291604U'),
  ],
  parent_payment: 'PAY-1PB812527V501134KM4YK6QY',
  state: 'completed',
};
const refundOfSale = {
  id: '6YX43824R4443062K',
  amount: total('-0.49'),
  create_time: at,
  links: [link('self', 'v1/payments/refund/6YX43824R4443062K'), link('sale', 'v1/payments/sale/9T0916710M1105906')],
  parent_payment: 'PAY-5437236047802405NKRETSQI',
  sale_id: '9T0916710M1105906',
  state: 'completed',
};

const paymentOfV1 = {
  id: 'PAY-32J49836SG4414604KTQ7J7Q',
  create_time: at,
  intent: 'sale',
  links: [link('self', 'v1/payments/payment/PAY-32J49836SG4414604KTQ7J7Q')],
  payer: { payer_info: { email: 'x@example.com', payer_id: 'X' }, payment_method: 'paypal', status: 'VERIFIED' },
  state: 'created',
  transactions: [{ amount: total('30.11'), description: 'd', item_list: { items: [] }, related_resources: [] }],
  update_time: at,
};
const paymentOrder = {
  id: 'O-0NR93599E3854442W',
  amount: total('7.47'),
  create_time: at,
  links: [link('self', 'v1/payments/orders/O-0NR93599E3854442W')],
  parent_payment: 'PAY-19S42498FB7303931KN6GBVY',
  pending_reason: 'order',
  state: 'pending',
};

const subscription = {
  id: 'I-BW452GLLEP1G',
  billing_info: {
    cycle_executions: [
      { cycles_completed: 1, cycles_remaining: 0, sequence: 1, tenure_type: 'TRIAL', total_cycles: 1 },
    ],
    failed_payments_count: 1,
    last_failed_payment: {
      amount: money('500.00'),
      next_payment_retry_time: at,
      reason_code: 'PAYMENT_DENIED',
      time: at,
    },
    last_payment: { amount: money('500.00'), time: at },
    next_billing_time: '2026-04-01T10:00:00Z',
    outstanding_balance: money('10.00'),
  },
  create_time: at,
  links: [link('self', 'v1/billing/subscriptions/I-BW452GLLEP1G')],
  plan_id: 'P-5ML4271244454362WXNWU5NQ',
  quantity: '20',
  shipping_amount: money('10.00'),
  start_time: at,
  status: 'ACTIVE',
  status_update_time: at,
  subscriber: { email_address: 'c@example.com', name: { given_name: 'John' }, payer_id: '2J6QB8YJQSJRJ' },
};
/** Billing agreements, which the same event types told of before. */
const agreement = {
  id: 'I-PE7JWXKGVN0R',
  agreement_details: {
    cycles_completed: '0',
    cycles_remaining: '12',
    failed_payment_count: '0',
    outstanding_balance: { value: '0.00' },
  },
  description: 'Monthly agreement',
  payer: { payer_info: { payer_id: 'P', email: 'x@example.com' }, payment_method: 'paypal', status: 'verified' },
  plan: { currency_code: 'USD', payment_definitions: [] },
  start_date: at,
  state: 'Active',
};
const plan = {
  id: 'P-7GL4271244454362WXNWU5NQ',
  billing_cycles: [
    {
      frequency: { interval_count: 1, interval_unit: 'MONTH' },
      pricing_scheme: { fixed_price: money('10.00'), version: 1 },
      sequence: 2,
      tenure_type: 'REGULAR',
      total_cycles: 0,
    },
  ],
  name: 'Video plan',
  product_id: 'PROD-XXCD1234QWER65782',
  status: 'ACTIVE',
  version: 1,
};

const dispute = {
  dispute_id: 'PP-000-003-648-175',
  create_time: at,
  dispute_amount: money('5.00'),
  dispute_channel: 'INTERNAL',
  dispute_life_cycle_stage: 'INQUIRY',
  dispute_state: 'REQUIRED_ACTION',
  disputed_transactions: [
    {
      buyer: { name: 'Buyer' },
      custom: 'custom-1',
      invoice_number: 'invoice-1',
      seller: { email: 'm@example.com', merchant_id: '7EBCZ4LCV7QVL', name: 'M' },
      seller_transaction_id: '45F32537T7494394M',
    },
  ],
  links: [link('self', 'v1/customer/disputes/PP-000-003-648-175')],
  messages: [{ content: 'Not received', posted_by: 'BUYER', time_posted: at }],
  reason: 'MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED',
  seller_response_due_date: '2026-03-20T12:00:00Z',
  status: 'OPEN',
  update_time: at,
};
const resolved = {
  ...dispute,
  dispute_outcome: { amount_refunded: money('5.00'), outcome_code: 'RESOLVED_BUYER_FAVOUR' },
  status: 'RESOLVED',
};

/** As PayPal's own sample of a webhook has it: no `dispute_state`, and items without any. */
const { dispute_state: _, ...disputeOfSample } = dispute;
const sampleDispute = {
  ...disputeOfSample,
  disputed_transactions: [
    {
      items: [],
      seller: { merchant_id: '7EBCZ4LCV7QVL', name: 'Test Store' },
      seller_protection_eligible: true,
      seller_transaction_id: '45F32537T7494394M',
    },
  ],
  dispute_life_cycle_stage: 'CHARGEBACK',
};
const saleOfSubscription = {
  ...sale,
  amount: { currency: 'CAD', details: { subtotal: '14.55' }, total: '14.55' },
  billing_agreement_id: 'I-37B4TLL0FAJJ',
  custom: '',
  invoice_number: '',
  parent_payment: undefined,
};
const agreementOfSample = {
  ...agreement,
  agreement_details: {
    final_payment_due_date: '1970-01-01T00:00:00Z',
    next_billing_date: '2026-04-01T10:00:00Z',
    num_cycles_completed: '0',
    num_cycles_remaining: '0',
    outstanding_balance: { value: '0.00' },
  },
  links: [{ href: 'api.sandbox.paypal.com/v1/payments/billing-agreements/I-PE7JWXKGVN0R', method: 'GET', rel: 'self' }],
  plan: { curr_code: 'USD', links: [], payment_definitions: [] },
};

const invoice = {
  invoice: {
    id: 'INV2-W44B-KRGF-JM6R-26VU',
    amount: { ...money('74.21'), breakdown: { item_total: money('74.21') } },
    detail: {
      currency_code: 'USD',
      invoice_date: '2026-03-01',
      invoice_number: '#123',
      payment_term: { due_date: '2026-03-31' },
      reference: 'deal-ref',
    },
    due_amount: money('74.21'),
    gratuity: money('0.00'),
    invoicer: { email_address: 'm@example.com' },
    primary_recipients: [{ billing_info: { email_address: 'b@example.com' } }],
    status: 'SENT',
  },
};
const invoiceOfV1 = {
  id: 'INV2-RF6D-L66T-D7H2-CRU7',
  merchant_info: { email: 'm@example.com' },
  number: '0002',
  status: 'DRAFT',
  total_amount: { currency: 'USD', value: '12.00' },
};

const batch = {
  batch_header: {
    amount: { currency: 'USD', value: '34.00' },
    batch_status: 'SUCCESS',
    fees: { currency: 'USD', value: '0.50' },
    payout_batch_id: 'CQMWKDQF5GFLL',
    sender_batch_header: { sender_batch_id: 'Payouts_2026_1' },
    time_created: at,
  },
  links: [link('self', 'v1/payments/payouts/CQMWKDQF5GFLL')],
};
const payoutItem = {
  errors: { message: 'Receiver is unregistered', name: 'RECEIVER_UNREGISTERED' },
  links: [link('item', 'v1/payments/payouts-item/VHBFGN95AWV82')],
  payout_batch_id: 'CQMWKDQF5GFLL',
  payout_item: {
    amount: { currency: 'USD', value: '1.00' },
    note: 'n',
    receiver: 'r@example.com',
    recipient_type: 'EMAIL',
    sender_item_id: 'item-1',
  },
  payout_item_fee: { currency: 'USD', value: '0.25' },
  payout_item_id: 'VHBFGN95AWV82',
  time_processed: at,
  transaction_id: '0C413693MN970190K',
  transaction_status: 'FAILED',
};
const referencedPayout = {
  disbursement_transaction_id: '87J1',
  external_merchant_id: 'm-1',
  external_reference_id: 'r-1',
  item_id: 'ITEM-1',
  payee_email: 'p@example.com',
  payout_amount: money('10.00'),
  payout_destination: 'X5XAHHCG636FA',
  processing_state: { status: 'SUCCESS' },
  reference_id: '29N36144XH0198422',
  reference_type: 'TRANSACTION_ID',
};

const merchant = { merchant_id: 'ELAMYJUN78D6G', partner_client_id: 'AXyz', tracking_id: 'seller-5' };
const integration = {
  ...merchant,
  capabilities: [{ name: 'CUSTOM_CARD_PROCESSING', status: 'ACTIVE' }],
  primary_email_confirmed: true,
  products: [{ capabilities: ['CUSTOM_CARD_PROCESSING'], name: 'PPCP_CUSTOM', vetting_status: 'SUBSCRIBED' }],
};
const limitation = {
  account_limitations: [{ restrictions: ['WITHDRAW_MONEY'], type: 'GENERAL' }],
  merchant_id: 'ELAMYJUN78D6G',
};
const managed = { account_id: 'ELAMYJUN78D6G', external_id: 'e-1', process_view: [], status: 'ACTIVE' };
const token = {
  id: '8kk8451t',
  customer: { id: 'customer_4029352050' },
  links: [link('self', 'v3/vault/payment-tokens/8kk8451t')],
  metadata: { order_id: '5O190127TN364715T' },
  payment_source: { card: { brand: 'VISA', expiry: '2027-02', last_digits: '7704' } },
};
const cardOfV1 = {
  id: 'CARD-1MD19612EW4364010KGFNJQI',
  external_customer_id: 'c-1',
  number: 'xxxxxxxxxxxx0331',
  state: 'ok',
  type: 'visa',
  valid_until: '2030-01-01T00:00:00Z',
};

const accountEvents =
  'CUSTOMER.MERCHANT-INTEGRATION.CAPABILITY-UPDATED CUSTOMER.MERCHANT-INTEGRATION.PRODUCT-SUBSCRIPTION-UPDATED ' +
  'CUSTOMER.MERCHANT-INTEGRATION.SELLER-ALREADY-INTEGRATED CUSTOMER.MERCHANT-INTEGRATION.SELLER-ONBOARDING-INITIATED ' +
  'CUSTOMER.MERCHANT-INTEGRATION.SELLER-CONSENT-GRANTED CUSTOMER.MERCHANT-INTEGRATION.SELLER-EMAIL-CONFIRMED';
const managedEvents =
  'CUSTOMER.MANAGED-ACCOUNT.ACCOUNT-CREATED CUSTOMER.MANAGED-ACCOUNT.CREATION-FAILED ' +
  'CUSTOMER.MANAGED-ACCOUNT.ACCOUNT-UPDATED CUSTOMER.MANAGED-ACCOUNT.ACCOUNT-STATUS-CHANGED ' +
  'CUSTOMER.MANAGED-ACCOUNT.RISK-ASSESSED CUSTOMER.MANAGED-ACCOUNT.NEGATIVE-BALANCE-NOTIFIED ' +
  'CUSTOMER.MANAGED-ACCOUNT.NEGATIVE-BALANCE-DEBIT-INITIATED';
const subscriptionEvents =
  'BILLING.SUBSCRIPTION.CREATED BILLING.SUBSCRIPTION.ACTIVATED BILLING.SUBSCRIPTION.RE-ACTIVATED ' +
  'BILLING.SUBSCRIPTION.UPDATED BILLING.SUBSCRIPTION.SUSPENDED BILLING.SUBSCRIPTION.CANCELLED BILLING.SUBSCRIPTION.EXPIRED';
const invoiceEvents =
  'INVOICING.INVOICE.CREATED INVOICING.INVOICE.SCHEDULED INVOICING.INVOICE.UPDATED INVOICING.INVOICE.PAID ' +
  'INVOICING.INVOICE.REFUNDED INVOICING.INVOICE.CANCELLED';

export const PAYPAL_BODIES: readonly DocumentedBody[] = [
  of(
    'CHECKOUT.ORDER.APPROVED CHECKOUT.ORDER.SAVED CHECKOUT.ORDER.PROCESSED CHECKOUT.ORDER.COMPLETED CHECKOUT.ORDER.DECLINED CHECKOUT.ORDER.VOIDED',
    order,
  ),
  of('CHECKOUT.PAYMENT-APPROVAL.REVERSED', approvalReversed),
  of('CHECKOUT.CHECKOUT.BUYER-APPROVED PAYMENTS.PAYMENT.CREATED', paymentOfV1),
  of('PAYMENT.ORDER.CREATED PAYMENT.ORDER.CANCELLED', paymentOrder),
  of('PAYMENT.AUTHORIZATION.CREATED PAYMENT.AUTHORIZATION.VOIDED', authorization),
  of('PAYMENT.AUTHORIZATION.CREATED PAYMENT.AUTHORIZATION.VOIDED', authorizationOfV1),
  of(
    'PAYMENT.CAPTURE.COMPLETED PAYMENT.CAPTURE.PENDING PAYMENT.CAPTURE.DENIED PAYMENT.CAPTURE.DECLINED PAYMENT.CAPTURE.REVERSED',
    capture,
  ),
  of('PAYMENT.CAPTURE.COMPLETED PAYMENT.CAPTURE.PENDING PAYMENT.CAPTURE.DENIED', captureOfV1),
  of(
    'PAYMENT.CAPTURE.REFUNDED PAYMENT.CAPTURE.REVERSED PAYMENT.REFUND.PENDING PAYMENT.REFUND.COMPLETED PAYMENT.REFUND.FAILED PAYMENT.REFUND.CANCELLED',
    refund,
  ),
  of('PAYMENT.CAPTURE.REFUNDED PAYMENT.CAPTURE.REVERSED', refundOfCapture),
  of('PAYMENT.SALE.COMPLETED PAYMENT.SALE.PENDING PAYMENT.SALE.DENIED', sale),
  of('PAYMENT.SALE.REFUNDED PAYMENT.SALE.REVERSED', refundOfSale),
  of('PAYMENT.SALE.REFUNDED PAYMENT.SALE.REVERSED', sale),
  of(subscriptionEvents, subscription),
  of(subscriptionEvents, agreement),
  of('BILLING.SUBSCRIPTION.PAYMENT.FAILED', subscription),
  of('BILLING.PLAN.PRICING-CHANGE.ACTIVATED', plan),
  of('CUSTOMER.DISPUTE.CREATED CUSTOMER.DISPUTE.UPDATED RISK.DISPUTE.CREATED', dispute),
  of('CUSTOMER.DISPUTE.RESOLVED CUSTOMER.DISPUTE.UPDATED', resolved),
  of('CUSTOMER.DISPUTE.CREATED CUSTOMER.DISPUTE.UPDATED CUSTOMER.DISPUTE.RESOLVED', sampleDispute),
  of('PAYMENT.SALE.COMPLETED', saleOfSubscription),
  of(subscriptionEvents, agreementOfSample),
  of(invoiceEvents, invoice),
  of(invoiceEvents, invoiceOfV1),
  of('PAYMENT.PAYOUTSBATCH.PROCESSING PAYMENT.PAYOUTSBATCH.SUCCESS PAYMENT.PAYOUTSBATCH.DENIED', batch),
  of(
    'PAYMENT.PAYOUTS-ITEM.SUCCEEDED PAYMENT.PAYOUTS-ITEM.FAILED PAYMENT.PAYOUTS-ITEM.DENIED PAYMENT.PAYOUTS-ITEM.BLOCKED',
    payoutItem,
  ),
  of(
    'PAYMENT.PAYOUTS-ITEM.HELD PAYMENT.PAYOUTS-ITEM.RETURNED PAYMENT.PAYOUTS-ITEM.REFUNDED PAYMENT.PAYOUTS-ITEM.CANCELED PAYMENT.PAYOUTS-ITEM.UNCLAIMED',
    payoutItem,
  ),
  of('PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED PAYMENT.REFERENCED-PAYOUT-ITEM.FAILED', referencedPayout),
  of('MERCHANT.ONBOARDING.COMPLETED MERCHANT.PARTNER-CONSENT.REVOKED', merchant),
  of(accountEvents, integration),
  of(
    'CUSTOMER.ACCOUNT-LIMITATION.ADDED CUSTOMER.ACCOUNT-LIMITATION.ESCALATED CUSTOMER.ACCOUNT-LIMITATION.LIFTED CUSTOMER.ACCOUNT-LIMITATION.UPDATED',
    limitation,
  ),
  of(managedEvents, managed),
  of('IDENTITY.AUTHORIZATION-CONSENT.REVOKED', { payer_id: 'QYR5Z8XDVJNXQ' }),
  of('VAULT.PAYMENT-TOKEN.CREATED VAULT.PAYMENT-TOKEN.DELETION-INITIATED VAULT.PAYMENT-TOKEN.DELETED', token),
  of('VAULT.CREDIT-CARD.CREATED VAULT.CREDIT-CARD.UPDATED VAULT.CREDIT-CARD.DELETED', cardOfV1),
];
