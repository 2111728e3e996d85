/** A page of a list whose order is an index of keys, and whose items are fetched and looked at afterwards. */
import { type Looked, type Page, pageOf } from '../../../core/page.ts';

export interface IndexedList<Key, Item> {
  /** The next keys in order, at most so many; fewer when there are no more. */
  readonly next: (max: number) => Promise<readonly Key[]>;
  /** Keys that one `fetch` takes. */
  readonly batch: number;
  readonly limit: number;
  readonly lookAtMax: number;
  /** The items of these keys that are wanted, in the order of the keys. */
  readonly fetch: (keys: readonly Key[]) => Promise<readonly Looked<Item>[]>;
  readonly placeOf: (key: Key) => Omit<Looked<Item>, 'item'>;
}

export const listFromIndex = async <Key, Item>(list: IndexedList<Key, Item>): Promise<Page<Item>> => {
  const { next, batch, limit, lookAtMax, fetch, placeOf } = list;
  const found: Looked<Item>[] = [];
  // Almost always the first fetch is enough, with the one that tells that there is more; else what is asked for is rare.
  let count = Math.min(batch, limit + 1);
  for (let lookedAt = 0; ; count = batch) {
    const asked = Math.min(count, lookAtMax - lookedAt);
    const keys = await next(asked);
    found.push(...(await fetch(keys)));
    lookedAt += keys.length;
    const last = keys.at(-1);
    if (found.length > limit || keys.length < asked || last === undefined) return pageOf(found, limit, null);
    if (lookedAt >= lookAtMax) return pageOf(found, limit, placeOf(last));
  }
};
