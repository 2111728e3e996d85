/** Payment methods that have no capture of their own: what is authorised is paid, whatever the account's setting. */
import { explanationAt, type Place } from '../../../payments/place.ts';

/**
 * By `paymentMethod` of the webhook. Adyen's specification of its Checkout API (POST /setup, version 30) says it for the
 * kind: cards can be captured later, "non-card methods typically don't support this and will automatically capture as part
 * of the authorisation"; https://docs.adyen.com/online-payments/capture too ("only available for some payment methods"). Read of one method each,
 * 2026-11: Bancontact's card and app and Atome on their pages below https://docs.adyen.com/payment-methods, Alipay and
 * WeChat Pay on https://docs.adyen.com/point-of-sale/capturing-payments. The others, Swish among them, are as Adyen's own
 * plugins for Magento and commercetools list them; Magento's counts iDEAL among those that may be captured by hand. A
 * capture that is told is believed over this list. TWINT and Cash App Pay, which have separate captures, are not here.
 */
const METHODS: ReadonlySet<string> = new Set(
  (
    'alipay alipay_hk atome bcmc bcmc_mobile blik directEbanking ebanking_FI entercash eps gcash giropay ideal kakaopay mbway multibanco ' +
    'onlineBanking_CZ onlineBanking_PL onlineBanking_SK paybybank pix swish trustly'
  )
    .split(' ')
    .map((method) => method.toLowerCase()),
);

/** Families of which each country, shop or app has a name. */
const FAMILIES = ['boletobancario', 'econtext_', 'grabpay_', 'molpay_', 'wechatpay'] as const;

const isOfList = (paymentMethod: string): boolean => {
  const method = paymentMethod.toLowerCase();
  return METHODS.has(method) || FAMILIES.some((family) => method.startsWith(family));
};

/** Nothing but a refund can still be done with it: neither capture nor cancel. */
const isPaidByOperations = ({ object: { operations } }: Place): boolean =>
  Array.isArray(operations) &&
  operations.includes('REFUND') &&
  !operations.includes('CAPTURE') &&
  !operations.includes('CANCEL');

/** By Adyen's list, or by what the item says can still be done with the payment. */
export const isCapturedAtOnce = (item: Place): boolean =>
  isOfList(explanationAt(item, 'paymentMethod') ?? '') || isPaidByOperations(item);
