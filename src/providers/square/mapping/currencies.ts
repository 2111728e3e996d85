import { type CurrencyTable, isoExcept } from '../../../payments/currencies.ts';

/** https://developer.squareup.com/docs/build-basics/common-data-types/working-with-monetary-amounts: ISO 4217. */
export const SQUARE_CURRENCIES: CurrencyTable = isoExcept({});
