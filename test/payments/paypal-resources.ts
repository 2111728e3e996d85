/** PayPal's resources in the shapes that its documents and real deliveries have, for the tests of its mapping. */

export const usd = (minor: number) => ({ minor: BigInt(minor), currency: 'USD', exponent: 2 });
export const v2 = (value: string, currency = 'USD') => ({ value, currency_code: currency });
export const v1 = (value: string) => ({ value, currency: 'USD' });
export const total = (value: string) => ({ total: value, currency: 'USD' });

export const link = (rel: string, path: string) => ({ href: `https://api.paypal.com/${path}`, rel, method: 'GET' });
export const up = (path: string) => link('up', `v2/payments/${path}`);

export const order = {
  id: '5O190127TN364715T',
  status: 'APPROVED',
  payer: { payer_id: 'QYR5Z8XDVJNXQ' },
  purchase_units: [
    { reference_id: 'a', amount: v2('30.00'), custom_id: 'cart-7', invoice_id: 'INV-7' },
    { reference_id: 'b', amount: v2('12.50') },
  ],
};
const related = { related_ids: { order_id: '5O190127TN364715T', authorization_id: '0VF52814937998046' } };
export const authorization = {
  id: '0VF52814937998046',
  status: 'CREATED',
  amount: v2('42.50'),
  supplementary_data: { related_ids: { order_id: '5O190127TN364715T' } },
};
export const capture = {
  id: '2GG279541U471931P',
  status: 'COMPLETED',
  amount: v2('42.50'),
  final_capture: true,
  custom_id: 'cart-7',
  invoice_id: 'INV-7',
  seller_receivable_breakdown: { gross_amount: v2('42.50'), paypal_fee: v2('1.74'), net_amount: v2('40.76') },
  supplementary_data: related,
};
export const pendingCapture = {
  ...capture,
  status: 'PENDING',
  seller_receivable_breakdown: undefined,
  status_details: { reason: 'PENDING_REVIEW' },
};
export const refund = {
  id: '1JU08902781691411',
  status: 'COMPLETED',
  amount: v2('10.00'),
  seller_payable_breakdown: { gross_amount: v2('10.00'), total_refunded_amount: v2('15.00') },
  create_time: '2026-03-01T12:00:00Z',
  note_to_payer: '<script>alert(1)</script>',
  links: [link('self', 'v2/payments/refunds/1JU08902781691411'), up('captures/2GG279541U471931P')],
};
/** Seldom: what PayPal names as the resource is the capture that was given back. */
export const capturedBack = {
  id: '2GG279541U471931P',
  status: 'REFUNDED',
  amount: v2('42.50'),
  links: [link('self', 'v2/payments/captures/2GG279541U471931P'), link('up', 'v2/checkout/orders/5O190127TN364715T')],
};
export const sale = {
  id: '80021663DE681814L',
  state: 'completed',
  amount: { total: '0.48', currency: 'USD', details: { subtotal: '0.48' } },
  transaction_fee: v1('0.31'),
  billing_agreement_id: 'I-PE7JWXKGVN0R',
};
export const saleRefund = {
  id: '6YX43824R4443062K',
  sale_id: '80021663DE681814L',
  state: 'completed',
  amount: total('-0.01'),
  refund_reason_code: 'REFUND',
  create_time: '2026-03-01T12:00:00Z',
};
export const payment = {
  id: 'PAYID-MQE6AGY1VT87058TJ580034T',
  state: 'created',
  payer: { payment_method: 'paypal', payer_info: { payer_id: 'QYR5Z8XDVJNXQ' } },
  transactions: [{ amount: total('4.13'), custom: 'cart-8' }],
};
export const paymentOrder = {
  id: 'O-3SP845110E051535C',
  state: 'PENDING',
  amount: total('10.00'),
  parent_payment: 'PAY-1B56960729604235TKQQIYVY',
};
export const subscription = {
  id: 'I-BW452GLLEP1G',
  status: 'ACTIVE',
  plan_id: 'P-5ML4271244454362WXNWU5NQ',
  quantity: '2',
  custom_id: 'member-5',
  subscriber: { payer_id: '2J6QB8YJQSJRJ' },
  billing_info: {
    last_payment: { amount: v2('500.0'), time: '2026-02-01T01:20:49Z' },
    last_failed_payment: { amount: v2('501'), time: '2026-03-01T01:20:49Z', reason_code: 'PAYMENT_DENIED' },
    next_billing_time: '2026-04-01T10:00:00Z',
    failed_payments_count: 1,
  },
};
export const plan = {
  id: 'P-5ML4271244454362WXNWU5NQ',
  status: 'ACTIVE',
  billing_cycles: [
    { tenure_type: 'TRIAL', pricing_scheme: { fixed_price: v2('1.00') } },
    { tenure_type: 'REGULAR', pricing_scheme: { fixed_price: v2('12.00') } },
  ],
};
export const dispute = {
  dispute_id: 'PP-000-042-663-135',
  disputed_transactions: [
    {
      seller_transaction_id: '2GG279541U471931P',
      gross_amount: v2('42.50'),
      custom: 'cart-7',
      buyer: { name: 'Ada', payer_id: 'QYR5Z8XDVJNXQ' },
    },
  ],
  reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
  status: 'WAITING_FOR_SELLER_RESPONSE',
  dispute_amount: v2('3.00'),
  dispute_life_cycle_stage: 'CHARGEBACK',
  seller_response_due_date: '2026-03-11T12:00:00.000Z',
};
export const resolvedAs = (code: string, amountRefunded?: object) => ({
  ...dispute,
  status: 'RESOLVED',
  dispute_outcome: { outcome_code: code, amount_refunded: amountRefunded },
});
export const invoice = {
  id: 'INV2-26KH-MY9Q-USVG-4WZD',
  status: 'DRAFT',
  detail: { currency_code: 'USD', invoice_number: '0015', reference: 'deal-ref' },
  amount: { ...v2('25.00'), breakdown: { item_total: v2('25.00') } },
};
export const paidInvoice = (status: string, type = 'PAYPAL') => ({
  invoice: {
    ...invoice,
    status,
    due_amount: v2('5.00'),
    payments: {
      paid_amount: v2('20.00'),
      transactions: [{ type, payment_id: '8E2904407M872241P', amount: v2('20.00') }],
    },
    refunds: { refund_amount: v2('7.00') },
  },
});
export const batch = {
  batch_header: {
    payout_batch_id: 'CDZEC5MJ8R5HY',
    batch_status: 'SUCCESS',
    sender_batch_header: { sender_batch_id: 'week-9' },
    amount: v1('2.00'),
    fees: v1('0.50'),
  },
};
export const item = {
  payout_item_id: 'NE9ZQ3L8CVE7S',
  payout_batch_id: 'CDZEC5MJ8R5HY',
  transaction_status: 'FAILED',
  payout_item_fee: v1('0.25'),
  payout_item: { amount: v1('1.00'), sender_item_id: 'seller-1' },
  errors: { name: 'RECEIVER_UNREGISTERED' },
};
export const referencedPayout = {
  item_id: 'ITEM6Z9R',
  processing_state: { status: 'SUCCESS' },
  reference_id: '2GG279541U471931P',
  reference_type: 'TRANSACTION_ID',
  payout_amount: v2('40.00'),
  payout_destination: 'MERCHANT1',
  external_reference_id: 'RELEASE_A',
};
export const merchant = { merchant_id: 'ELAMYJUN78D6G', tracking_id: 'seller-5', partner_client_id: 'AXyz' };
export const token = { id: '9n6724m', customer: { id: '208743798' }, metadata: { order_id: order.id } };
