/** The types of Adyen's catalogue that have no meaning for payments, by why. With the rows of `mapping.ts` it is all of them. */

const ofBalancePlatform = (names: string): readonly string[] =>
  names.split(' ').map((name) => `balancePlatform.${name}`);

export const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'another event tells of the money': [
    'AUTHENTICATION',
    'AUTORESCUE_NEXT_ATTEMPT',
    'PROCESS_RETRY',
    ...ofBalancePlatform('transaction.created balanceAccount.balance.updated balanceAccount.balance.block.released'),
  ],
  'the money does not move through Adyen, or not to the merchant': [
    'ADVICE_OF_DEBIT',
    'DONATION',
    'HANDLED_EXTERNALLY',
  ],
  'names no stored way to pay': [
    'DISABLE_RECURRING',
    'ACH_NOTIFICATION_OF_CHANGE',
    'DIRECT_DEBIT_NOTICE_OF_CHANGE_NOTIFICATION',
    'ach.notificationOfChange',
    'eft.notificationOfChange',
  ],
  'cards that the platform issues': ofBalancePlatform(
    'authentication.created authentication.relayed authorisation.relayed cardorder.created cardorder.updated ' +
      'networkToken.created networkToken.updated paymentInstrument.created paymentInstrument.updated score.triggered',
  ),
  'settings of a platform: a transfer tells when money moves': ofBalancePlatform(
    'balanceAccount.created balanceAccount.updated balanceAccountPayoutSchedule.created ' +
      'balanceAccountPayoutSchedule.updated balanceAccountPayoutSchedule.deleted ' +
      'balanceAccountPayoutScheduleAutoApplication.failed balanceAccountPayoutScheduleExecution.failed ' +
      'balanceAccountPayoutScheduleExecution.skipped balanceAccountPayoutScheduleExecution.succeeded ' +
      'balanceAccountSweep.created balanceAccountSweep.updated balanceAccountSweep.deleted ' +
      'balancePlatformPayoutSchedule.created balancePlatformPayoutSchedule.updated ' +
      'balancePlatformPayoutSchedule.deleted mandate.created mandate.updated ' +
      'negativeBalanceCompensationWarning.scheduled',
  ),
  'management of accounts and terminals': [
    'merchant.created',
    'merchant.updated',
    'paymentMethod.created',
    'paymentMethodRequest.removed',
    'paymentMethodRequest.scheduledForRemoval',
    'terminalBoarding.triggered',
    'terminalSettings.modified',
  ],
  'classic platforms, which Adyen takes no new merchants for: their reports tell of the money': [
    'ACCOUNT_CLOSED',
    'ACCOUNT_CREATED',
    'ACCOUNT_FUNDS_BELOW_THRESHOLD',
    'ACCOUNT_HOLDER_CREATED',
    'ACCOUNT_HOLDER_LIMIT_REACHED',
    'ACCOUNT_HOLDER_MIGRATED',
    'ACCOUNT_HOLDER_PAYOUT',
    'ACCOUNT_HOLDER_STATUS_CHANGE',
    'ACCOUNT_HOLDER_STORE_STATUS_CHANGE',
    'ACCOUNT_HOLDER_UPCOMING_DEADLINE',
    'ACCOUNT_HOLDER_UPDATED',
    'ACCOUNT_HOLDER_VERIFICATION',
    'ACCOUNT_UPDATED',
    'BENEFICIARY_SETUP',
    'COMPENSATE_NEGATIVE_BALANCE',
    'DIRECT_DEBIT_INITIATED',
    'PAYMENT_FAILURE',
    'PAYOUT_METHOD_VERIFICATION',
    'REFUND_FUNDS_TRANSFER',
    'SCHEDULED_REFUNDS',
    'TRANSFER_FUNDS',
    'TRANSFER_FUNDS_REFUND',
    'TRANSFER_NOT_PAIDOUT_TRANSFERS',
  ],
};
