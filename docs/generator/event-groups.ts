/** The groups of payment events: the union of their types, and the interface that has their fields. */

export interface Group {
  readonly title: string;
  /** Types of events: the name of a union, or one type. */
  readonly types: string;
  readonly interfaceName: string;
}

export const GROUPS: readonly Group[] = [
  { title: 'Payment', types: 'PaymentStateType', interfaceName: 'PaymentStateEvent' },
  { title: 'Refund total', types: 'payment.refund_total', interfaceName: 'RefundTotalEvent' },
  { title: 'Refund', types: 'RefundType', interfaceName: 'RefundEvent' },
  { title: 'Dispute', types: 'DisputeType', interfaceName: 'DisputeEvent' },
  { title: 'Review', types: 'ReviewType', interfaceName: 'ReviewEvent' },
  { title: 'Payout', types: 'PayoutType', interfaceName: 'PayoutEvent' },
  { title: 'Invoice', types: 'InvoiceType', interfaceName: 'InvoiceEvent' },
  { title: 'Subscription', types: 'SubscriptionType', interfaceName: 'SubscriptionEvent' },
  { title: 'Checkout', types: 'CheckoutType', interfaceName: 'CheckoutEvent' },
  { title: 'Transfer', types: 'TransferType', interfaceName: 'TransferEvent' },
  { title: 'Platform fee', types: 'PlatformFeeType', interfaceName: 'PlatformFeeEvent' },
  { title: 'Account', types: 'AccountType', interfaceName: 'AccountEvent' },
  { title: 'Balance', types: 'balance.updated', interfaceName: 'BalanceEvent' },
  { title: 'Payment method', types: 'PaymentMethodType', interfaceName: 'PaymentMethodEvent' },
  { title: 'Order', types: 'order.updated', interfaceName: 'OrderEvent' },
  { title: 'Report', types: 'ReportType', interfaceName: 'ReportEvent' },
];
