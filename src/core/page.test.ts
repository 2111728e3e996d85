import { describe, expect, test } from 'vitest';
import { cursorOf, type Looked, pageOfAll, readCursor } from './page.ts';

describe('a cursor', () => {
  test('is read back as what it was made of', () => {
    expect(readCursor('list', cursorOf('list', 5, 'é"'), ['number', 'string'] as const)).toEqual([5, 'é"']);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'cursor'],
    ['JSON that is no list', Buffer.from('{}').toString('base64url')],
    ['another list', cursorOf('other', 5)],
    ['a part too many', cursorOf('list', 5, 5)],
    ['a part too few', cursorOf('list')],
    ['a part of another kind', cursorOf('list', 'five')],
    ['a number that is no whole one', cursorOf('list', 0.5)],
  ])('is refused when it is %s', (_, cursor) => {
    expect(() => readCursor('list', cursor, ['number'] as const)).toThrow(/is no cursor of this list/);
  });
});

describe('a page out of everything', () => {
  const looked = [5, 4, 3, 2, 1].map((item): Looked<number> => ({ item, at: item * 10, cursor: `c${item}` }));
  const isOdd = (item: number): boolean => item % 2 === 1;

  test('ends behind its last row when there is more', () => {
    const page = { items: [5, 3], cursors: ['c5', 'c3'], next: 'c3', scannedUntil: null };

    expect(pageOfAll(looked, isOdd, { limit: 2 })).toEqual(page);
  });

  test('ends for good when there is nothing more', () => {
    expect(pageOfAll(looked, isOdd, { limit: 3 })).toMatchObject({ items: [5, 3, 1], next: null, scannedUntil: null });
  });

  test('ends where it may look no further', () => {
    const page = { items: [5], cursors: ['c5'], next: 'c4', scannedUntil: 40 };

    expect(pageOfAll(looked, isOdd, { limit: 3, lookAtMax: 2 })).toEqual(page);
  });
});
