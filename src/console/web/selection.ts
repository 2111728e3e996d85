/** Rows that a person has picked on the list that is open. */
import { effect, signal } from '@preact/signals';
import { place } from './location.ts';

/** Where each of them leads. */
export const selection = signal<ReadonlySet<string>>(new Set());

let last: string | null = null;

/** Another list has other rows. */
effect(() => {
  void place.value;
  selection.value = new Set();
  last = null;
});

export const clearSelection = (): void => {
  selection.value = new Set();
};

/** In or out; with `isRange` all from the one before to this one are in. `hrefs` are all rows, in order. */
export const select = (href: string, hrefs: readonly string[], isRange: boolean): void => {
  const picked = new Set(selection.value);
  const [from, to] = [last === null ? -1 : hrefs.indexOf(last), hrefs.indexOf(href)];
  if (isRange && from >= 0) {
    for (const one of hrefs.slice(Math.min(from, to), Math.max(from, to) + 1)) picked.add(one);
  } else if (!picked.delete(href)) picked.add(href);
  last = href;
  selection.value = picked;
};

/** The id that an address of ours ends with. */
export const idIn = (href: string): string => decodeURIComponent(href.split('?')[0]?.split('/').at(-1) ?? '');

/** Ids as one value of an address: an id may hold whatever its provider likes, a comma too. */
export const packIds = (ids: readonly string[]): string =>
  ids.map((id) => id.replace(/[%,]/g, encodeURIComponent)).join(',');
export const unpackIds = (packed: string): readonly string[] => packed.split(',').map(decodeURIComponent);
