/** `1 entry`, `2,000 entries`. */
import { countText } from './format.ts';

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;
