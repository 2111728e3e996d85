import { type CurrencyTable, isoExcept } from '../../../payments/currencies.ts';

/** https://developer.paypal.com/api/rest/reference/currency-codes: HUF and TWD take no decimals. */
export const PAYPAL_CURRENCIES: CurrencyTable = isoExcept({ HUF: 0, TWD: 0 });
