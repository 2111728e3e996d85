import { type CurrencyTable, isoExcept } from '../../../payments/currencies.ts';

/** https://docs.adyen.com/development-resources/currency-codes: the four that say "differs from standard". */
export const ADYEN_CURRENCIES: CurrencyTable = isoExcept({ CLP: 2, CVE: 0, IDR: 0, ISK: 2 });
