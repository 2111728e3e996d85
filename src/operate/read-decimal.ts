/** An amount as people write one: `12`, `12.30`. Of which currency it is, and how many decimals that has, is said elsewhere. */
import { LIMITS } from '../core/limits.ts';
import type { Money } from '../payments/money.ts';

export interface Decimal {
  readonly digits: bigint;
  readonly decimals: number;
}

export const DECIMAL_FORMS = 'an amount such as 12 or 12.30';

/** Null for anything else. */
export const readDecimal = (text: string): Decimal | null => {
  if (text.length > LIMITS.amountCharsMax) return null;
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return whole === undefined ? null : { digits: BigInt(whole + fraction), decimals: fraction.length };
};

/** Below 0 when the money is less, above when it is more; exact, whatever the units. */
export const compareAmount = ({ minor, exponent }: Money, { digits, decimals }: Decimal): number => {
  const [money, amount] = [minor * 10n ** BigInt(decimals), digits * 10n ** BigInt(exponent)];
  return money < amount ? -1 : Number(money > amount);
};
