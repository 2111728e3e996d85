import { type CurrencyTable, isoExcept } from '../../../payments/currencies.ts';

/**
 * https://docs.stripe.com/currencies: MGA has none; ISK and UGX have none in the world but are sent as if they had two,
 * always 00. HUF and TWD have two in charges (payouts must be whole).
 */
export const STRIPE_CURRENCIES: CurrencyTable = isoExcept({ MGA: 0, ISK: 2, UGX: 2 });
