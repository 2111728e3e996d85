/** Pages of lists: a cursor says where a page ends, so that the next one neither loses nor repeats what did not change. */
import { PayhookError } from './errors.ts';
import type { EpochMs } from './webhook.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** One for each item: the page after it begins behind that item. Opaque, and of this list in this home only. */
  readonly cursors: readonly string[];
  /** Where the next page begins; null when there is nothing more. */
  readonly next: string | null;
  /**
   * Set when no index knows what was asked for, and the page ended before it was full because `lookAtMax` had been looked
   * at: nothing older than this was looked at yet. `next` goes on from there.
   */
  readonly scannedUntil: EpochMs | null;
}

/** A page of so many that a cursor for each would take as long as reading them. */
export type PageOfMany<Item> = Omit<Page<Item>, 'cursors'>;

/** What every list can be asked. */
export interface PageRequest {
  /** 1 to `LIMITS.listLimitMax`. */
  readonly limit: number;
  /** A cursor of the same list. */
  readonly after?: string | undefined;
  /** How many may be looked at where no index knows what is asked for. @default LIMITS.listLookedAtMax */
  readonly lookAtMax?: number | undefined;
}

type CursorPart = string | number;

export const cursorOf = (list: string, ...parts: readonly CursorPart[]): string =>
  Buffer.from(JSON.stringify([list, ...parts])).toString('base64url');

/** The parts that `cursorOf` was given; throws `usage_wrong` for anything that it did not make for this list. */
export const readCursor = <Kinds extends readonly ('string' | 'number')[]>(
  list: string,
  cursor: string,
  kinds: Kinds,
): { readonly [Index in keyof Kinds]: Kinds[Index] extends 'string' ? string : number } => {
  const [name, ...parts] = listIn(cursor);
  const isOfList = name === list && parts.length === kinds.length && parts.every((part, i) => isPart(part, kinds[i]));
  if (!isOfList) throw notACursor(cursor);
  return parts as never;
};

const isPart = (part: unknown, kind: string | undefined): boolean =>
  typeof part === kind && (kind !== 'number' || Number.isSafeInteger(part));

const listIn = (cursor: string): readonly unknown[] => {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
};

const SHOWN_CHARS_MAX = 80;

export const notACursor = (cursor: string): PayhookError =>
  new PayhookError(
    'usage_wrong',
    `${cursor.slice(0, SHOWN_CHARS_MAX)} is no cursor of this list: take one that the same list gave in this home, and leave the filters as they were`,
  );

/** Something that a list looked at, with the cursor that leads on behind it. */
export interface Looked<Item> {
  readonly item: Item;
  readonly cursor: string;
  readonly at: EpochMs;
}

/**
 * The page out of what was found, of which there may be more than `limit`. `last` is the last that was looked at when the
 * look ended early, and null when it came to the end of the list.
 */
export const pageOf = <Item>(
  found: readonly Looked<Item>[],
  limit: number,
  last: Omit<Looked<unknown>, 'item'> | null,
): Page<Item> => {
  const listed = found.slice(0, limit);
  const items = listed.map(({ item }) => item);
  const cursors = listed.map(({ cursor }) => cursor);
  if (found.length > limit) return { items, cursors, next: cursors.at(-1) ?? null, scannedUntil: null };
  return { items, cursors, next: last?.cursor ?? null, scannedUntil: last?.at ?? null };
};

/** Everything that is left is at hand: for what is in memory, newest first. */
export const pageOfAll = <Item>(
  newestFirst: readonly Looked<Item>[],
  isWanted: (item: Item) => boolean,
  { limit, lookAtMax = newestFirst.length }: PageRequest,
): Page<Item> => {
  const found: Looked<Item>[] = [];
  for (const [index, looked] of newestFirst.entries()) {
    if (index >= lookAtMax) return pageOf(found, limit, newestFirst[index - 1] ?? null);
    if (isWanted(looked.item)) found.push(looked);
    if (found.length > limit) break;
  }
  return pageOf(found, limit, null);
};
