/** The rest of PayPal's catalogue, by why no payment event is made of it. */
export const PAYPAL_LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'what the merchant has on offer, not what somebody subscribed to or paid': [
    'BILLING.PLAN.CREATED',
    'BILLING.PLAN.UPDATED',
    'BILLING.PLAN.ACTIVATED',
    'BILLING.PLAN.DEACTIVATED',
    'CATALOG.PRODUCT.CREATED',
    'CATALOG.PRODUCT.UPDATED',
  ],
  'tokens of card networks, for issuers and wallets: payments with them are told by their captures': [
    'PAYMENT-TOKENIZATION.ENROLLMENT.CREATED',
    'PAYMENT-TOKENIZATION.METADATA.CHANGED',
    'PAYMENT-TOKENIZATION.PAYMENT-CREDENTIAL.CREATED',
    'PAYMENT-TOKENIZATION.PAYMENT-CREDENTIAL.UPDATED',
    'PAYMENT-TOKENIZATION.TOKEN-STATUS.CHANGED',
    'PAYMENT-TOKENIZATION.TRANSACTION.CREATED',
  ],
};
