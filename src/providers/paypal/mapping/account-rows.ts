/** The rows of accounts and stored ways to pay, which have no money in them. */
import { type MappingRow, rowByState } from '../../../payments/mapping.ts';
import type { AccountType, PaymentMethodType } from '../../../payments/subject-event.ts';
import { accountState, paymentMethodState } from './accounts.ts';

const accountRow = (type: AccountType, family: string, event: string, note?: string): MappingRow =>
  rowByState(`${family}.${event}`, [type], null, accountState(type, event), note);

const methodRow = (type: PaymentMethodType, providerType: string, event: string | null, note?: string): MappingRow =>
  rowByState(providerType, [type], null, paymentMethodState(type, event), note);

const INTEGRATION = 'CUSTOMER.MERCHANT-INTEGRATION';
const LIMITATION = 'CUSTOMER.ACCOUNT-LIMITATION';
const MANAGED = 'CUSTOMER.MANAGED-ACCOUNT';

// biome-ignore format: one line a row, like the table.
export const PAYPAL_ACCOUNT_ROWS: readonly MappingRow[] = [
  accountRow('account.updated', 'MERCHANT', 'ONBOARDING.COMPLETED'),
  accountRow('account.disconnected', 'MERCHANT', 'PARTNER-CONSENT.REVOKED', 'or the account was closed'),
  accountRow('account.disconnected', 'IDENTITY', 'AUTHORIZATION-CONSENT.REVOKED'),
  accountRow('account.updated', INTEGRATION, 'CAPABILITY-UPDATED', 'what it may do in reason'),
  accountRow('account.updated', INTEGRATION, 'PRODUCT-SUBSCRIPTION-UPDATED', 'what it may do in reason'),
  accountRow('account.updated', INTEGRATION, 'SELLER-ALREADY-INTEGRATED'),
  accountRow('account.updated', INTEGRATION, 'SELLER-ONBOARDING-INITIATED'),
  accountRow('account.updated', INTEGRATION, 'SELLER-CONSENT-GRANTED'),
  accountRow('account.updated', INTEGRATION, 'SELLER-EMAIL-CONFIRMED'),
  accountRow('account.updated', LIMITATION, 'ADDED', 'what is limited in reason'),
  accountRow('account.updated', LIMITATION, 'ESCALATED', 'what is limited in reason'),
  accountRow('account.updated', LIMITATION, 'LIFTED'),
  accountRow('account.updated', LIMITATION, 'UPDATED', 'what is limited in reason'),
  accountRow('account.updated', MANAGED, 'ACCOUNT-CREATED'),
  accountRow('account.updated', MANAGED, 'CREATION-FAILED'),
  accountRow('account.updated', MANAGED, 'ACCOUNT-UPDATED'),
  accountRow('account.updated', MANAGED, 'ACCOUNT-STATUS-CHANGED'),
  accountRow('account.updated', MANAGED, 'RISK-ASSESSED'),
  accountRow('account.updated', MANAGED, 'NEGATIVE-BALANCE-NOTIFIED'),
  accountRow('account.updated', MANAGED, 'NEGATIVE-BALANCE-DEBIT-INITIATED'),
  methodRow('payment_method.saved', 'VAULT.PAYMENT-TOKEN.CREATED', null),
  methodRow('payment_method.updated', 'VAULT.PAYMENT-TOKEN.DELETION-INITIATED', 'DELETION-INITIATED', 'it will be removed'),
  methodRow('payment_method.removed', 'VAULT.PAYMENT-TOKEN.DELETED', null),
  methodRow('payment_method.saved', 'VAULT.CREDIT-CARD.CREATED', null, 'version 1'),
  methodRow('payment_method.updated', 'VAULT.CREDIT-CARD.UPDATED', 'UPDATED', 'version 1'),
  methodRow('payment_method.removed', 'VAULT.CREDIT-CARD.DELETED', null, 'version 1'),
];
