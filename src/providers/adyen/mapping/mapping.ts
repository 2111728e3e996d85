/**
 * What Adyen's webhooks mean. A capture or refund that "succeeded" was accepted; it may still fail, and then
 * CAPTURE_FAILED or REFUND_FAILED comes days later. https://docs.adyen.com/development-resources/webhooks/webhook-types
 */

import { type MappingRow, type ProviderMapping, rowByState } from '../../../payments/mapping.ts';
import type { AdyenSettings } from '../settings.ts';
import { cancellation, cancelOrRefund, expiry, rescueCanceled, rescueEnded } from './cancellations.ts';
import { type DisputeCode, dispute, fraudNotified } from './disputes.ts';
import { LEFT_OUT } from './left-out.ts';
import {
  contractMade,
  offerClosed,
  orderTold,
  payoutDeclined,
  payoutEnded,
  payoutTold,
  reportAvailable,
  reviewClosed,
} from './others.ts';
import { adjustment, authorisation, capture, captureFailed, pending } from './payments.ts';
import { accountHolder, platformDispute, platformReport, transferTold } from './platform.ts';
import { refund, refundFailed, refundPostponed, refundVoided } from './refunds.ts';
import { token } from './tokens.ts';

type Row = MappingRow<AdyenSettings>;

// biome-ignore format: one line a row, like the table.
const payments: readonly Row[] = [
  rowByState('AUTHORISATION', ['payment.authorized', 'payment.succeeded', 'payment.failed', 'review.opened'], 'amount', authorisation, 'failed unless success; succeeded where Adyen captures by itself (a setting, or the payment method); in review by additionalData.fraudManualReview'),
  rowByState('AUTHORISATION_ADJUSTMENT', ['payment.authorized', 'payment.succeeded'], 'amount', adjustment, 'the whole that is reserved now; ignored unless success'),
  rowByState('PENDING', ['payment.pending'], 'amount', pending),
  rowByState('CAPTURE', ['payment.succeeded', 'payment.failed'], 'amount', capture, 'by success; accepted, may still fail'),
  rowByState('CAPTURE_FAILED', ['payment.failed'], 'amount', captureFailed),
  rowByState('CANCELLATION', ['payment.canceled'], 'amount', cancellation, 'ignored unless success'),
  rowByState('TECHNICAL_CANCEL', ['payment.canceled'], 'amount', cancellation, 'ignored unless success'),
  rowByState('EXPIRE', ['payment.canceled'], 'amount', expiry, 'what was not captured'),
  rowByState('CANCEL_OR_REFUND', ['payment.canceled', 'refund.succeeded'], 'amount', cancelOrRefund, 'by additionalData["modification.action"]; without it by whether the payment was captured; ignored unless success'),
  rowByState('REVERSAL', ['payment.canceled', 'refund.succeeded'], 'amount', cancelOrRefund, 'as CANCEL_OR_REFUND'),
  rowByState('AUTORESCUE', ['payment.canceled'], 'amount', rescueEnded, 'the retries ended without success; ignored when one succeeded: its AUTHORISATION tells'),
  rowByState('CANCEL_AUTORESCUE', ['payment.canceled'], 'amount', rescueCanceled, 'ignored unless success'),
  rowByState('MANUAL_REVIEW_ACCEPT', ['review.closed'], null, reviewClosed('accepted')),
  rowByState('MANUAL_REVIEW_REJECT', ['review.closed'], null, reviewClosed('rejected')),
];

// biome-ignore format: one line a row, like the table.
const refunds: readonly Row[] = [
  rowByState('REFUND', ['refund.succeeded', 'refund.failed'], 'amount', refund, 'by success; accepted, may still fail'),
  rowByState('REFUND_WITH_DATA', ['refund.succeeded', 'refund.failed'], 'amount', refund, 'by success; accepted, may still fail'),
  rowByState('POSTPONED_REFUND', ['refund.pending', 'refund.failed'], 'amount', refundPostponed, 'by success'),
  rowByState('VOID_PENDING_REFUND', ['refund.canceled'], 'amount', refundVoided, 'without a payment: it names the refund only; ignored unless success'),
  rowByState('REFUND_FAILED', ['refund.failed'], 'amount', refundFailed),
  rowByState('REFUNDED_REVERSED', ['refund.failed'], 'amount', refundFailed),
];

const BY_STATUS = 'closed when additionalData.disputeStatus is an end';

const disputeRow = (code: string, says: DisputeCode, note = BY_STATUS): Row =>
  rowByState(code, [says.type, 'dispute.closed'], 'amount', dispute(says), note);

const taken = { movement: 'withdrawn' } as const;
const back = { movement: 'reinstated' } as const;
const unlessOpen = (outcome: 'won' | 'lost'): string => `${outcome} unless additionalData.disputeStatus says otherwise`;

// biome-ignore format: one line a row, like the table.
const disputes: readonly Row[] = [
  disputeRow('REQUEST_FOR_INFORMATION', { type: 'dispute.opened', stage: 'REQUEST_FOR_INFORMATION', isInquiry: true }, `isInquiry; ${BY_STATUS}`),
  disputeRow('NOTIFICATION_OF_CHARGEBACK', { type: 'dispute.opened', stage: 'NOTIFICATION_OF_CHARGEBACK' }),
  disputeRow('DISPUTE_OPENED_WITH_CHARGEBACK', { type: 'dispute.opened', stage: 'CHARGEBACK', ...taken }),
  disputeRow('CHARGEBACK', { type: 'dispute.funds_withdrawn', stage: 'CHARGEBACK', ...taken }),
  disputeRow('INFORMATION_SUPPLIED', { type: 'dispute.updated' }),
  disputeRow('ISSUER_COMMENTS', { type: 'dispute.updated' }),
  disputeRow('CHARGEBACK_REVERSED', { type: 'dispute.funds_reinstated', ...back }, `may still be lost; ${BY_STATUS}`),
  disputeRow('DISPUTE_DEFENSE_PERIOD_ENDED', { type: 'dispute.updated', outcome: 'lost' }, `${unlessOpen('lost')}; closed where it only asked`),
  disputeRow('ISSUER_RESPONSE_TIMEFRAME_EXPIRED', { type: 'dispute.updated', outcome: 'won' }, unlessOpen('won')),
  disputeRow('SECOND_CHARGEBACK', { type: 'dispute.funds_withdrawn', outcome: 'lost', stage: 'SECOND_CHARGEBACK', ...taken }, unlessOpen('lost')),
  disputeRow('PREARBITRATION_OPEN', { type: 'dispute.updated', stage: 'PREARBITRATION' }),
  disputeRow('PREARBITRATION_ACCEPTED', { type: 'dispute.updated', outcome: 'lost', stage: 'PREARBITRATION', ...taken }, unlessOpen('lost')),
  disputeRow('PREARBITRATION_DECLINED', { type: 'dispute.updated', stage: 'PREARBITRATION' }),
  disputeRow('PREARBITRATION_ISSUER_WITHDRAWN', { type: 'dispute.updated', outcome: 'won', stage: 'PREARBITRATION' }, unlessOpen('won')),
  disputeRow('PREARBITRATION_LOST', { type: 'dispute.updated', outcome: 'lost', stage: 'PREARBITRATION', ...taken }, unlessOpen('lost')),
  disputeRow('PREARBITRATION_WON', { type: 'dispute.updated', outcome: 'won', stage: 'PREARBITRATION', ...back }, unlessOpen('won')),
  disputeRow('SCHEME_ARBITRATION', { type: 'dispute.updated', stage: 'SCHEME_ARBITRATION' }),
  disputeRow('SCHEME_ARBITRATION_LOST', { type: 'dispute.updated', outcome: 'lost', stage: 'SCHEME_ARBITRATION', ...taken }, unlessOpen('lost')),
  disputeRow('SCHEME_ARBITRATION_WON', { type: 'dispute.updated', outcome: 'won', stage: 'SCHEME_ARBITRATION', ...back }, unlessOpen('won')),
  rowByState('NOTIFICATION_OF_FRAUD', ['dispute.warning'], null, fraudNotified),
];

// biome-ignore format: one line a row, like the table.
const others: readonly Row[] = [
  rowByState('PAYOUT_THIRDPARTY', ['payout.paid', 'payout.failed'], 'amount', payoutTold, 'by success'),
  rowByState('PAYOUT_DECLINE', ['payout.failed'], 'amount', payoutDeclined, 'payoutId is originalReference; ignored unless success'),
  rowByState('PAYOUT_EXPIRE', ['payout.failed'], 'amount', payoutEnded, 'payoutId is originalReference'),
  rowByState('PAIDOUT_REVERSED', ['payout.failed'], 'amount', payoutEnded, 'payoutId is originalReference'),
  rowByState('ORDER_OPENED', ['order.updated'], 'amount', orderTold),
  rowByState('ORDER_CLOSED', ['order.updated'], 'amount', orderTold, 'reason not_paid_in_whole unless success'),
  rowByState('OFFER_CLOSED', ['checkout.expired'], 'amount', offerClosed),
  rowByState('RECURRING_CONTRACT', ['payment_method.saved', 'payment_method.failed'], null, contractMade, 'by success'),
  rowByState('REPORT_AVAILABLE', ['report.available'], null, reportAvailable),
];

const PAYOUT_STATES = ['payout.pending', 'payout.paid', 'payout.failed', 'payout.canceled', 'payout.returned'] as const;
const TRANSFER_ENDS = ['transfer.failed', 'transfer.reversed'] as const;
const BY_CATEGORY = 'by data.category, data.direction and data.status; what an issued card paid is left out';

// biome-ignore format: one line a row, like the table.
const platforms: readonly Row[] = [
  rowByState('balancePlatform.transfer.created', ['payout.created', ...PAYOUT_STATES, 'transfer.created', ...TRANSFER_ENDS, 'balance.updated'], 'data.amount', transferTold('created'), BY_CATEGORY),
  rowByState('balancePlatform.transfer.updated', ['payout.updated', ...PAYOUT_STATES, 'transfer.updated', ...TRANSFER_ENDS, 'balance.updated'], 'data.amount', transferTold('updated'), BY_CATEGORY),
  rowByState('balancePlatform.dispute.created', ['dispute.opened', 'dispute.closed'], 'data.disputedAmount', platformDispute('dispute.opened'), 'by data.status; of a card that the platform issued'),
  rowByState('balancePlatform.dispute.updated', ['dispute.updated', 'dispute.closed'], 'data.disputedAmount', platformDispute('dispute.updated'), 'by data.status; of a card that the platform issued'),
  rowByState('balancePlatform.accountHolder.created', ['account.updated'], null, accountHolder),
  rowByState('balancePlatform.accountHolder.updated', ['account.updated'], null, accountHolder),
  rowByState('balancePlatform.report.created', ['report.available'], null, platformReport),
  rowByState('recurring.token.created', ['payment_method.saved'], null, token('payment_method.saved')),
  rowByState('recurring.token.alreadyExisting', ['payment_method.saved'], null, token('payment_method.saved')),
  rowByState('recurring.token.updated', ['payment_method.updated'], null, token('payment_method.updated')),
  rowByState('recurring.token.disabled', ['payment_method.removed'], null, token('payment_method.removed')),
];

export const adyenMapping: ProviderMapping<AdyenSettings> = {
  provider: 'adyen',
  catalogue: { source: 'https://docs.adyen.com/development-resources/webhooks/webhook-types', asOf: '2026-11' },
  leftOut: LEFT_OUT,
  rows: [...payments, ...refunds, ...disputes, ...others, ...platforms],
};
