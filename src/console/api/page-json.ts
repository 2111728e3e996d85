/** Pages, amounts and times as the console sends them. */
import type { Page } from '../../core/page.ts';
import { timeText } from '../../operate/webhook-json.ts';
import type { Money } from '../../payments/money.ts';
import type { MoneyJson, PageJson } from '../api-types.ts';

export const pageJson = <Item>({ next, scannedUntil }: Page<unknown>, items: readonly Item[]): PageJson<Item> => ({
  items,
  next,
  scannedUntil: scannedUntil === null ? null : timeText(scannedUntil),
});

export const moneyJson = ({ minor, currency, exponent }: Money): MoneyJson => ({
  minor: String(minor),
  currency,
  exponent,
});
