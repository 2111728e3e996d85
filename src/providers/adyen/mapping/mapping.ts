/**
 * What Adyen's standard webhooks mean. A capture or refund that "succeeded" was accepted; it may still fail, and then
 * CAPTURE_FAILED or REFUND_FAILED comes days later. https://docs.adyen.com/development-resources/webhooks/webhook-types
 */

import { type MappingRow, type ProviderMapping, row, rowByState } from '../../../payments/mapping.ts';
import type { AdyenSettings } from '../settings.ts';
import {
  authorisation,
  cancellation,
  cancelOrRefund,
  capture,
  captureFailed,
  disputeEnded,
  disputeState,
  informationRequested,
  payout,
  payoutReversed,
  pending,
  refund,
  refundFailed,
  reportAvailable,
} from './objects.ts';

// biome-ignore format: one line a row, like the table.
const rows: readonly MappingRow<AdyenSettings>[] = [
  rowByState('AUTHORISATION', ['payment.authorized', 'payment.succeeded', 'payment.failed'], 'amount', authorisation, 'failed unless success; succeeded where Adyen captures by itself (a setting)'),
  rowByState('PENDING', ['payment.pending'], 'amount', pending),
  rowByState('CAPTURE', ['payment.succeeded', 'payment.failed'], 'amount', capture, 'by success; accepted, may still fail'),
  rowByState('CAPTURE_FAILED', ['payment.failed'], 'amount', captureFailed),
  rowByState('CANCELLATION', ['payment.canceled'], 'amount', cancellation, 'ignored unless success'),
  rowByState('TECHNICAL_CANCEL', ['payment.canceled'], 'amount', cancellation, 'ignored unless success'),
  rowByState('EXPIRE', ['payment.canceled'], 'amount', cancellation),
  rowByState('CANCEL_OR_REFUND', ['payment.canceled', 'refund.succeeded'], 'amount', cancelOrRefund, 'by additionalData["modification.action"]; ignored unless success'),
  rowByState('REFUND', ['refund.succeeded', 'refund.failed'], 'amount', refund, 'by success; accepted, may still fail'),
  rowByState('REFUND_FAILED', ['refund.failed'], 'amount', refundFailed),
  rowByState('REFUNDED_REVERSED', ['refund.failed'], 'amount', refundFailed),
  row('NOTIFICATION_OF_CHARGEBACK', 'dispute.opened', 'amount', disputeState),
  rowByState('REQUEST_FOR_INFORMATION', ['dispute.opened'], 'amount', informationRequested, 'isInquiry'),
  row('CHARGEBACK', 'dispute.funds_withdrawn', 'amount', disputeState),
  row('CHARGEBACK_REVERSED', 'dispute.funds_reinstated', 'amount', disputeState),
  rowByState('SECOND_CHARGEBACK', ['dispute.closed'], 'amount', disputeEnded('lost')),
  rowByState('PREARBITRATION_LOST', ['dispute.closed'], 'amount', disputeEnded('lost')),
  rowByState('PREARBITRATION_WON', ['dispute.closed'], 'amount', disputeEnded('won')),
  rowByState('PAYOUT_THIRDPARTY', ['payout.paid', 'payout.failed'], 'amount', payout, 'by success'),
  rowByState('PAIDOUT_REVERSED', ['payout.failed'], 'amount', payoutReversed),
  rowByState('REPORT_AVAILABLE', ['report.available'], null, reportAvailable),
];

export const adyenMapping: ProviderMapping<AdyenSettings> = {
  provider: 'adyen',
  catalogue: { source: 'https://docs.adyen.com/development-resources/webhooks/webhook-types', asOf: '2026-05' },
  leftOut: {},
  rows,
};
