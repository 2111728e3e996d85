import { type CurrencyTable, isoExcept } from '../../../payments/currencies.ts';

/**
 * https://developer.squareup.com/docs/build-basics/common-data-types/working-with-monetary-amounts: ISO 4217, and what the
 * enum of its API has besides (https://developer.squareup.com/reference/square/enums/Currency): retired currencies, funds
 * and metals of ISO 4217 with their decimals there, bitcoin in satoshis (eight), and XUS, a dollar of its own making.
 * Gold and whatever else ISO counts in nothing (`XAU`, `XTS`, `XXX`) has no decimals, so nothing is guessed about it.
 */
export const SQUARE_CURRENCIES: CurrencyTable = isoExcept({
  BOV: 2,
  BTC: 8,
  BYR: 0,
  CHE: 2,
  CHW: 2,
  COU: 2,
  CUC: 2,
  HRK: 2,
  LTL: 2,
  LVL: 2,
  MRO: 2,
  MXV: 2,
  SLL: 2,
  STD: 2,
  USN: 2,
  USS: 2,
  UYI: 0,
  VEF: 2,
  XUS: 2,
  ZMK: 2,
});
