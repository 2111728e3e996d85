/** The order in which a scenario's webhooks are sent: as it happened, or shuffled; once, or twice. */
import type { Draw } from '../sample-draw.ts';

/** A new list in an order that the draw decides. */
const shuffled = <T>(list: readonly T[], draw: Draw): T[] => {
  const result = [...list];
  for (let last = result.length - 1; last > 0; last -= 1) swap(result, last, draw.integer(0, last));
  return result;
};

const swap = <T>(list: T[], a: number, b: number): void => {
  [list[a], list[b]] = [list[b] as T, list[a] as T];
};

/** Moves those that follow themselves, so that something else comes between; each stands in the list twice at most. */
const setApart = <T>(list: T[]): T[] => {
  for (let at = 1; at < list.length; at += 1) {
    if (list[at] !== list[at - 1]) continue;
    const later = list.findIndex((other, index) => index > at && other !== list[at]);
    swap(list, at, later === -1 ? 0 : later);
  }
  return list;
};

/** As it happened, each one again after the one that follows it: 1 2 1 3 2 3. */
const eachAgain = <T>(list: readonly T[]): T[] =>
  list.flatMap((item, index) => {
    const before = list[index - 1];
    const again = before === undefined ? [item] : [item, before];
    return index === list.length - 1 ? [...again, item] : again;
  });

export interface OrderOptions {
  readonly isShuffled: boolean;
  /** Each one twice, apart from each other where there is anything to come between. */
  readonly isDuplicated: boolean;
  readonly draw: Draw;
}

/**
 * Groups whose members are to be sent one after the other; what is in different groups may be under way together. Not
 * shuffled, each payment is a group. Shuffled, every delivery is one, and all payments are mixed.
 */
export const deliveryOrder = <T>(
  payments: readonly (readonly T[])[],
  { isShuffled, isDuplicated, draw }: OrderOptions,
): readonly (readonly T[])[] => {
  if (!isShuffled) return isDuplicated ? payments.map(eachAgain) : payments;
  const all = payments.flat();
  const mixed = shuffled(isDuplicated ? [...all, ...all] : all, draw);
  return (isDuplicated ? setApart(mixed) : mixed).map((one) => [one]);
};
