/** What platforms do with the accounts of their sellers: transfers, fees, and what each account may do. */
import { account, platformFee, transfer } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import { idIn, insideOf, type Place, textAt, wordIn } from '../../../payments/place.ts';
import type { TransferType } from '../../../payments/subject-event.ts';
import { amountAt, optionalAmountAt, relatedOf, stripeObject } from './object.ts';

export const transferState =
  (type: TransferType) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    return [
      transfer(type, textAt(object, 'id'), {
        amount: optionalAmountAt(object, 'amount'),
        reversedTotal: optionalAmountAt(object, 'amount_reversed'),
        toAccount: idIn(object, 'destination'),
        status: wordIn(object, 'status'),
        reason: wordIn(object, 'failure_code'),
        related: relatedOf({
          charge: idIn(object, 'source_transaction'),
          ledger_entry: idIn(object, 'balance_transaction'),
        }),
      }),
    ];
  };

/** Of a transfer that was taken back an update tells nothing else. */
export const transferUpdated = (payload: Place): Mapped => {
  const reversed = optionalAmountAt(stripeObject(payload), 'amount_reversed');
  return transferState(reversed !== null && reversed.minor > 0n ? 'transfer.reversed' : 'transfer.updated')(payload);
};

export const feeState =
  (type: 'platform_fee.earned' | 'platform_fee.refunded') =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    return [
      platformFee(type, textAt(object, 'id'), amountAt(object, 'amount'), {
        refundedTotal: optionalAmountAt(object, 'amount_refunded'),
        related: relatedOf({
          charge: idIn(object, 'charge'),
          ledger_entry: idIn(object, 'balance_transaction'),
        }),
      }),
    ];
  };

const flagIn = (object: Place, key: string): boolean | null => {
  const value = object.object[key];
  return typeof value === 'boolean' ? value : null;
};

/** API versions before 2017 say `transfers_enabled`, and before 2019 why under `verification`. */
export const accountState = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const reason =
    wordIn(insideOf(object, 'requirements'), 'disabled_reason') ??
    wordIn(insideOf(object, 'verification'), 'disabled_reason');
  return [
    account('account.updated', textAt(object, 'id'), {
      canCharge: flagIn(object, 'charges_enabled'),
      canBePaidOut: flagIn(object, 'payouts_enabled') ?? flagIn(object, 'transfers_enabled'),
      reason,
    }),
  ];
};

/** One ability of an account, such as to take cards. */
export const capabilityState = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  return [
    account('account.updated', idIn(object, 'account'), {
      part: textAt(object, 'id'),
      status: wordIn(object, 'status'),
      reason: wordIn(insideOf(object, 'requirements'), 'disabled_reason'),
    }),
  ];
};

/** A bank account or card that the account is paid out to. */
export const externalAccountState =
  (isDeleted: boolean) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    return [
      account('account.updated', idIn(object, 'account'), {
        part: textAt(object, 'id'),
        status: isDeleted ? 'deleted' : wordIn(object, 'status'),
      }),
    ];
  };

/** The object is the platform's application; the account is the webhook's. */
export const accessState =
  (type: 'account.updated' | 'account.disconnected', status: string) =>
  (payload: Place): Mapped => {
    stripeObject(payload);
    return [account(type, null, { status })];
  };
