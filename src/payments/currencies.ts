/**
 * How many decimals a currency has, for each provider: they deviate from ISO 4217 in different places, and an amount read
 * with the wrong number of decimals is wrong by a factor of a hundred.
 */

/** Decimals by upper-case code. A code that is not in it is unknown, and nothing is assumed about it. */
export type CurrencyTable = ReadonlyMap<string, number>;

/**
 * ISO 4217 (list one, active codes, and those of list three that money of the last fifteen years is in: a late refund or
 * dispute comes in the currency that was paid) by number of decimals; CNH is what banks call yuan traded outside
 * China.
 */
const ISO_CODES: readonly (readonly [decimals: number, codes: string])[] = [
  [0, 'BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNH CNY ' +
      'COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ' +
      'IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD ' +
      'NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC ' +
      'SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ' +
      'CUC EEK HRK LTL LVL MRO SLL STD VEF ZMK ZWL',
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];

const isoDecimals: readonly (readonly [string, number])[] = ISO_CODES.flatMap(([decimals, codes]) =>
  codes.split(' ').map((code) => [code, decimals] as const),
);

/** ISO 4217 but for the codes that a provider counts otherwise. */
export const isoExcept = (exceptions: Readonly<Record<string, number>>): CurrencyTable =>
  new Map([...isoDecimals, ...Object.entries(exceptions)]);
