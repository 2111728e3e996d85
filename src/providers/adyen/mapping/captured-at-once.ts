/** Payment methods that have no capture of their own: what is authorised is paid, whatever the account's setting. */
import { explanationAt, type Place } from '../../../payments/place.ts';

/**
 * By `paymentMethod` of the webhook. Each method's page below https://docs.adyen.com/payment-methods says whether it has
 * separate captures, or that it is paid at once. Read there, 2026-11: Bancontact's card and app, Atome,
 * Swish; of https://docs.adyen.com/point-of-sale/capturing-payments: Alipay and WeChat Pay. The others are as Adyen's own
 * plugins for Magento and commercetools list them; Magento's counts iDEAL among those that may be captured by hand. TWINT and
 * Cash App Pay, which have separate captures, are not here.
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
