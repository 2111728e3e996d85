/** Adyen's items and webhooks as https://docs.adyen.com/development-resources/webhooks shows them, in words of our own. */
import { type DocumentedBody, of } from './documented-body.ts';

const eur = (value: number): object => ({ currency: 'EUR', value });

const item = {
  amount: eur(1000),
  eventDate: '2026-03-01T13:34:56+01:00',
  merchantAccountCode: 'TestMerchant',
  merchantReference: 'YOUR_REFERENCE',
  pspReference: 'QFQTPCQ8HXSKGK82',
  success: 'true',
};
const card = {
  ...item,
  additionalData: { authCode: '1234', cardSummary: '7777', expiryDate: '12/2031', hmacSignature: 'x' },
  operations: ['CANCEL', 'CAPTURE', 'REFUND'],
  paymentMethod: 'visa',
  reason: '1234:7777:12/2031',
};
const modification = {
  ...item,
  pspReference: 'HGRPTNZ8KQ4WLV52',
  originalReference: '8313547924770610',
  paymentMethod: 'mc',
  reason: '',
};
const dispute = {
  ...modification,
  additionalData: {
    chargebackReasonCode: '10.4',
    chargebackSchemeCode: 'visa',
    defendable: 'true',
    defensePeriodEndsAt: '2026-04-01T03:03:07+02:00',
    disputeStatus: 'Undefended',
    modificationMerchantReferences: '',
  },
  reason: 'Other Fraud-Card Absent Environment',
};
/** As https://github.com/Adyen/adyen-openapi (Webhooks, version 1) shows them, where they differ from the above. */
const tokenized = {
  ...item,
  additionalData: {
    'tokenization.shopperReference': 'YOUR_SHOPPER',
    'tokenization.storedPaymentMethodId': 'M5N7TQ4TG5PFWR51',
    'tokenization.store.operationType': 'created',
  },
  operations: ['CANCEL', 'CAPTURE', 'REFUND'],
  paymentMethod: 'ach',
  reason: 'null',
};
const chargedBack = {
  ...dispute,
  additionalData: {
    autoDefended: 'true',
    captureMerchantReference: 'capture-1',
    capturePspReference: '8636172945333379',
    chargebackReasonCode: ' 4853',
    chargebackSchemeCode: 'mc',
    defendable: 'false',
    grossCurrency: 'EUR',
    grossValue: '2000',
    modificationMerchantReferences: 'mine-1,mine-2',
    paymentMethodVariant: 'mc',
  },
  paymentMethod: 'mc',
};
const commented = {
  ...dispute,
  additionalData: {
    chargebackReasonCode: '13.3',
    'issuerComments.type': 'chargeback',
    'issuerComments.explanation': 'x',
  },
};
const orderUnpaid = {
  ...item,
  additionalData: {
    'order-1-paymentAmount': 'EUR 10.00',
    'order-1-paymentMethod': 'ideal',
    'order-1-pspReference': '861617275047284F',
    'order-1-success': 'true',
  },
  reason: '',
  success: 'false',
};
const contract = {
  ...modification,
  additionalData: { checkoutSessionId: 'x', 'recurring.recurringDetailReference': 'R2', shopperReference: 'S' },
  amount: { currency: 'USD', value: 0 },
  originalPsp: 'PSP_REFERENCE',
  paymentMethod: 'ideal',
  pspReference: 'R2',
};

/** All that the published schema of dispute items requires. */
const leastDispute = item;

export const ADYEN_ITEMS: readonly DocumentedBody[] = [
  of('AUTHORISATION', card),
  of('AUTHORISATION', { ...item, pspReference: 'NC6HT9CRT65ZGN82', success: 'false', reason: 'Refused' }),
  of('PENDING', { ...item, paymentMethod: 'sofort' }),
  of('AUTHORISATION_ADJUSTMENT CAPTURE CAPTURE_FAILED CANCELLATION TECHNICAL_CANCEL EXPIRE', modification),
  of('CANCEL_OR_REFUND REVERSAL', { ...modification, additionalData: { 'modification.action': 'refund' } }),
  of('CANCEL_OR_REFUND REVERSAL EXPIRE', item),
  of('AUTORESCUE CANCEL_AUTORESCUE', {
    ...modification,
    success: 'false',
    additionalData: { 'retry.rescueReference': '1', 'retry.orderAttemptNumber': '4' },
  }),
  of('CANCEL_AUTORESCUE', modification),
  of('MANUAL_REVIEW_ACCEPT MANUAL_REVIEW_REJECT', modification),
  of('REFUND REFUND_WITH_DATA POSTPONED_REFUND VOID_PENDING_REFUND REFUND_FAILED REFUNDED_REVERSED', modification),
  of(
    'REQUEST_FOR_INFORMATION NOTIFICATION_OF_CHARGEBACK DISPUTE_OPENED_WITH_CHARGEBACK CHARGEBACK INFORMATION_SUPPLIED',
    dispute,
  ),
  of(
    'ISSUER_COMMENTS CHARGEBACK_REVERSED DISPUTE_DEFENSE_PERIOD_ENDED ISSUER_RESPONSE_TIMEFRAME_EXPIRED SECOND_CHARGEBACK',
    dispute,
  ),
  of(
    'PREARBITRATION_OPEN PREARBITRATION_ACCEPTED PREARBITRATION_DECLINED PREARBITRATION_ISSUER_WITHDRAWN PREARBITRATION_LOST PREARBITRATION_WON',
    dispute,
  ),
  of('SCHEME_ARBITRATION SCHEME_ARBITRATION_LOST SCHEME_ARBITRATION_WON NOTIFICATION_OF_FRAUD', dispute),
  of(
    'REQUEST_FOR_INFORMATION NOTIFICATION_OF_CHARGEBACK CHARGEBACK CHARGEBACK_REVERSED SECOND_CHARGEBACK PREARBITRATION_WON PREARBITRATION_LOST NOTIFICATION_OF_FRAUD',
    leastDispute,
  ),
  of('AUTHORISATION', tokenized),
  of('CHARGEBACK NOTIFICATION_OF_CHARGEBACK SECOND_CHARGEBACK', chargedBack),
  of('ISSUER_COMMENTS INFORMATION_SUPPLIED', commented),
  of('NOTIFICATION_OF_FRAUD', { ...modification, additionalData: { nofReasonCode: '6', nofSchemeCode: 'visa' } }),
  of('REFUND CAPTURE', { ...modification, reason: 'Not captured, so nothing to refund', success: 'false' }),
  of('ORDER_CLOSED', orderUnpaid),
  of('RECURRING_CONTRACT', contract),
  of('PAYOUT_THIRDPARTY', item),
  of('PAYOUT_DECLINE PAYOUT_EXPIRE PAIDOUT_REVERSED', modification),
  of('ORDER_OPENED ORDER_CLOSED OFFER_CLOSED', item),
  of('RECURRING_CONTRACT', {
    ...modification,
    additionalData: { 'recurring.recurringDetailReference': 'R', 'recurring.shopperReference': 'S' },
  }),
  of('REPORT_AVAILABLE', {
    ...item,
    amount: eur(0),
    merchantReference: '',
    pspReference: 'settlement_detail_report_batch_1.csv',
    reason: 'https://ca-test.adyen.com/reports/1.csv',
  }),
];

const platform = { balancePlatform: 'YOUR_BALANCE_PLATFORM', creationDate: '2026-03-01T13:34:56+01:00' };

const transfer = {
  ...platform,
  id: '1W1UG35U8A9J5ZLG',
  accountHolder: { description: 'Main', id: 'AH00000000000001', reference: 'r' },
  amount: eur(1000),
  balanceAccount: { description: 'Main', id: 'BA00000000000001', reference: 'r' },
  balances: [{ currency: 'EUR', received: -1000, reserved: 0, balance: 0 }],
  category: 'bank',
  categoryData: { priority: 'internal', type: 'bank' },
  counterparty: { transferInstrumentId: 'SE0000000001' },
  createdAt: '2026-03-01T13:34:56+01:00',
  description: 'Payout',
  direction: 'outgoing',
  eventId: 'EVNT0000000001',
  events: [
    { bookingDate: '2026-03-01T13:34:56+01:00', id: 'EVJN1', mutations: [], status: 'received', type: 'accounting' },
  ],
  reason: 'approved',
  reference: 'YOUR_REFERENCE',
  sequenceNumber: 1,
  status: 'received',
  tracking: { estimatedArrivalTime: '2026-03-02T13:34:56+01:00', type: 'estimation' },
  type: 'bankTransfer',
};
/** All that the published schema requires, and an id: one of the three names of a transfer has to be there. */
const leastTransfer = { amount: eur(1000), category: 'bank', id: '1W1UG35U8A9J5ZLG', status: 'booked' };

const booked = (received: number, balance: number): DocumentedBody['object'] => ({
  ...transfer,
  balances: [{ balance, currency: 'EUR', received: 0, reserved: 0 }],
  events: [
    { id: 'EVJN2', mutations: [{ currency: 'EUR', received }], status: 'received', type: 'accounting' },
    {
      bookingDate: '2026-03-01T13:34:56+01:00',
      id: 'EVJN3',
      mutations: [{ balance, currency: 'EUR', received: 0, reserved: -balance }],
      status: 'booked',
      transactionId: 'EVJN3EUR',
      type: 'accounting',
      valueDate: '2026-03-01T14:00:00+01:00',
    },
  ],
  sequenceNumber: 3,
  status: 'booked',
});
const directDebit = {
  ...booked(-1000, -1000),
  categoryData: { type: 'bank' },
  counterparty: { bankAccount: { accountHolder: { fullName: 'J', type: 'unknown' } } },
  directDebitInformation: { dueDate: '2026-03-01T02:00:00+02:00', mandateId: 'M-1', sequenceType: 'FRST' },
  direction: 'incoming',
  paymentInstrument: { description: 'r', id: 'PI00000000000000000000001' },
  transactionRulesResult: { allHardBlockRulesPassed: true },
  type: 'bankDirectDebit',
};
const internalDebit = {
  ...booked(1000, 1000),
  category: 'internal',
  categoryData: { type: 'internal' },
  counterparty: { balanceAccountId: 'BA00000000000002' },
  direction: 'outgoing',
  type: 'internalDirectDebit',
};

const accountHolder = {
  ...platform,
  accountHolder: {
    id: 'AH00000000000001',
    balancePlatform: 'YOUR_BALANCE_PLATFORM',
    capabilities: {
      receivePayments: { allowed: true, enabled: true, requested: true, verificationStatus: 'valid' },
      sendToTransferInstrument: {
        allowed: false,
        enabled: true,
        problems: [],
        requested: true,
        transferInstruments: [],
      },
    },
    description: 'Main',
    legalEntityId: 'LE00000000000001',
    reference: 'r',
    status: 'active',
    timeZone: 'Europe/Amsterdam',
  },
};

const cardDispute = {
  ...platform,
  id: 'DS00000000000001',
  arn: '24493989',
  description: 'Not received',
  disputedAmount: eur(500),
  status: 'Open',
  statusDetail: 'ChargebackCreated',
  transactionId: 'EVJN00000000001',
  type: 'notDelivered',
};

const report = {
  ...platform,
  id: 'b5ed5d5e',
  downloadUrl: 'https://balanceplatform-test.adyen.com/x.csv',
  fileName: 'balanceplatform_payments_report_2026_03_01.csv',
  reportType: 'balanceplatform_payments_accounting_report',
};

const token = {
  merchantAccount: 'TestMerchant',
  operation: 'created',
  shopperReference: 'YOUR_SHOPPER',
  storedPaymentMethodId: 'M5N7TQ4TG5PFWR50',
  type: 'visastandarddebit',
};

/** The `data` of webhooks that say their `type` themselves. */
export const ADYEN_PLATFORM_BODIES: readonly DocumentedBody[] = [
  of('balancePlatform.transfer.created balancePlatform.transfer.updated', transfer),
  of('balancePlatform.transfer.created balancePlatform.transfer.updated', leastTransfer),
  of('balancePlatform.transfer.updated', {
    ...transfer,
    category: 'platformPayment',
    categoryData: {
      modificationMerchantReference: '',
      paymentMerchantReference: 'o',
      platformPaymentType: 'BalanceAccount',
      pspPaymentReference: 'P',
      type: 'platformPayment',
    },
    direction: 'incoming',
    status: 'captured',
  }),
  of('balancePlatform.transfer.updated', { ...transfer, category: 'internal', status: 'booked' }),
  of('balancePlatform.transfer.updated', booked(-1000, -1000)),
  of('balancePlatform.transfer.updated', directDebit),
  of('balancePlatform.transfer.updated', { ...directDebit, reason: 'unknown', sequenceNumber: 2, status: 'refused' }),
  of('balancePlatform.transfer.updated', internalDebit),
  of('balancePlatform.dispute.created balancePlatform.dispute.updated', cardDispute),
  of('balancePlatform.accountHolder.created balancePlatform.accountHolder.updated', accountHolder),
  of('balancePlatform.report.created', report),
  of('recurring.token.created recurring.token.alreadyExisting recurring.token.updated recurring.token.disabled', token),
];
