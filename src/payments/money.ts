/**
 * Money: a whole number of the currency's smallest unit, and how many decimals that unit is. Read from the text of the
 * payload; no amount ever is a floating-point number.
 */
import { LIMITS } from '../core/limits.ts';
import type { CurrencyTable } from './currencies.ts';
import { type ExactJson, WrittenNumber } from './exact-json.ts';

export interface Money {
  /** In the smallest unit: `1230n` with `exponent` 2 is 12.30. */
  readonly minor: bigint;
  /** Upper-case code of ISO 4217. */
  readonly currency: string;
  /** Decimals of the smallest unit *at this provider*: Stripe counts Icelandic crowns in hundredths, Square does not. */
  readonly exponent: number;
}

/** Why something is not an amount. */
export type MoneyProblem =
  | 'missing'
  | 'not_an_amount'
  | 'too_many_digits'
  | 'too_many_decimals'
  | 'currency_missing'
  | 'currency_unknown';

const INTEGER_TEXT = /^-?\d+$/;
const DECIMAL_TEXT = /^(-?)(\d+)(?:\.(\d+))?$/;

type Unit = Pick<Money, 'currency' | 'exponent'>;

const unitOf = (currency: ExactJson | undefined, table: CurrencyTable): Unit | MoneyProblem => {
  if (currency === undefined || currency === null || currency === '') return 'currency_missing';
  if (typeof currency !== 'string') return 'currency_unknown';
  const code = currency.toUpperCase();
  const exponent = table.get(code);
  return exponent === undefined ? 'currency_unknown' : { currency: code, exponent };
};

const MINOR_MAX = 10n ** BigInt(LIMITS.amountDigitsMax) - 1n;

const moneyIn = (minor: bigint, { currency, exponent }: Unit): Money | MoneyProblem =>
  minor > MINOR_MAX || minor < -MINOR_MAX ? 'too_many_digits' : { minor, currency, exponent };

const minorOf = (value: ExactJson | undefined): bigint | MoneyProblem => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : 'not_an_amount';
  if (typeof value === 'bigint') return value;
  if (value === undefined || value === null) return 'missing';
  if (typeof value !== 'string') return 'not_an_amount';
  if (value.length > LIMITS.amountCharsMax) return 'too_many_digits';
  return INTEGER_TEXT.test(value) ? BigInt(value) : 'not_an_amount';
};

/** An amount in whole smallest units, as a number or as text (`1230`, `"1230"`). The sign is kept. */
export const moneyOfMinor = (
  value: ExactJson | undefined,
  currency: ExactJson | undefined,
  table: CurrencyTable,
): Money | MoneyProblem => {
  const minor = minorOf(value);
  if (typeof minor === 'string') return minor;
  const unit = unitOf(currency, table);
  return typeof unit === 'string' ? unit : moneyIn(minor, unit);
};

const decimalTextOf = (value: ExactJson | undefined): string | MoneyProblem => {
  if (value === undefined || value === null || value === '') return 'missing';
  const text = value instanceof WrittenNumber ? value.text : value;
  return typeof text === 'object' || typeof text === 'boolean' ? 'not_an_amount' : String(text);
};

/**
 * An amount with decimals, as text (`"12.30"`) or as a number of the payload. Fewer decimals than the currency has are
 * filled up, more are refused unless they are zeros. The sign is kept.
 */
export const moneyOfDecimal = (
  value: ExactJson | undefined,
  currency: ExactJson | undefined,
  table: CurrencyTable,
): Money | MoneyProblem => {
  const text = decimalTextOf(value);
  if (text === 'missing' || text === 'not_an_amount') return text;
  if (text.length > LIMITS.amountCharsMax) return 'too_many_digits';
  const match = DECIMAL_TEXT.exec(text);
  if (match === null) return 'not_an_amount';
  const unit = unitOf(currency, table);
  if (typeof unit === 'string') return unit;
  const { exponent } = unit;
  const [, sign = '', whole = '', fraction = ''] = match;
  if (fraction.length > exponent && /[1-9]/.test(fraction.slice(exponent))) return 'too_many_decimals';
  const digits = whole + fraction.slice(0, exponent).padEnd(exponent, '0');
  return moneyIn(BigInt(sign + digits), unit);
};

/** The same amount without its sign. */
export const magnitude = (money: Money): Money => (money.minor < 0n ? { ...money, minor: -money.minor } : money);

/** `12.30 USD`, `-0.49 EUR`, `500 JPY`. */
export const formatMoney = ({ minor, currency, exponent }: Money): string => {
  const sign = minor < 0n ? '-' : '';
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  return `${sign}${whole}${exponent === 0 ? '' : `.${digits.slice(-exponent)}`} ${currency}`;
};
