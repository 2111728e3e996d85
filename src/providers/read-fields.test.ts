import { describe, expect, test } from 'vitest';
import { LIMITS } from '../core/limits.ts';
import {
  idOf,
  instantOf,
  objectOf,
  objectsOf,
  orderedByTime,
  parentIdsOf,
  textOf,
  whiteSpaceProblem,
  wholeTextOf,
} from './read-fields.ts';

describe('textOf', () => {
  test('takes text that is not empty and nothing else', () => {
    expect(textOf('x')).toBe('x');
    for (const value of ['', 1, true, null, undefined, ['x'], { id: 'x' }]) expect(textOf(value)).toBeNull();
  });

  test('cuts at the limit without leaving half a character', () => {
    const text = `${'x'.repeat(LIMITS.fieldCharsMax - 1)}😀 and more`;

    expect(textOf(text)).toHaveLength(LIMITS.fieldCharsMax);
    expect(textOf(text)?.isWellFormed()).toBe(true);
  });
});

describe('wholeTextOf', () => {
  test('never takes a number as an id and never cuts', () => {
    expect(wholeTextOf(12)).toBeNull();
    expect(wholeTextOf('x'.repeat(1000))).toHaveLength(1000);
  });
});

describe('objectOf and objectsOf', () => {
  test('give empty ones for anything else', () => {
    expect(objectOf({ a: 1 })).toEqual({ a: 1 });
    expect(objectOf([1])).toEqual({});
    expect(objectOf(undefined)).toEqual({});
    expect(objectsOf([{ a: 1 }, 2, null])).toEqual([{ a: 1 }]);
    expect(objectsOf({ a: 1 })).toEqual([]);
  });

  test('look at a bounded number of entries', () => {
    expect(objectsOf(Array.from({ length: 1000 }, () => ({})))).toHaveLength(16);
  });
});

describe('idOf', () => {
  test('takes the id of an expanded object', () => {
    expect(idOf('ch_1')).toBe('ch_1');
    expect(idOf({ id: 'ch_1' })).toBe('ch_1');
    expect(idOf({ id: 1 })).toBeNull();
    expect(idOf(1)).toBeNull();
  });
});

describe('instantOf', () => {
  test('takes text only', () => {
    expect(instantOf('1970-01-01T00:00:01Z')).toBe(1000);
    expect(instantOf(1000)).toBeNull();
  });
});

describe('parentIdsOf', () => {
  test('keeps each id once in order and leaves the object itself out', () => {
    expect(parentIdsOf(['b', null, 'a', 'b', 'self'], 'self')).toEqual(['b', 'a']);
  });

  test('keeps a bounded number', () => {
    expect(
      parentIdsOf(
        Array.from({ length: 100 }, (_, index) => `id${index}`),
        null,
      ),
    ).toHaveLength(16);
  });
});

describe('orderedByTime', () => {
  test('gives no hint without a time', () => {
    expect(orderedByTime(5)).toEqual({ by: 'time', value: 5 });
    expect(orderedByTime(null)).toBeNull();
  });
});

describe('whiteSpaceProblem', () => {
  test('allows white space around a secret, which is trimmed, and none within', () => {
    expect(whiteSpaceProblem(' secret\n')).toBeNull();
    expect(whiteSpaceProblem('sec ret')).toBe('contains white space');
    expect(whiteSpaceProblem(' ')).toBe('is empty');
  });
});
