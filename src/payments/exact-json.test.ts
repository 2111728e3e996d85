import { describe, expect, test } from 'vitest';
import { readExactJson, WrittenNumber } from './exact-json.ts';

const read = (text: string) => readExactJson(new TextEncoder().encode(text));
const valueIn = (text: string) => {
  const result = read(text);
  return result.outcome === 'read' ? result.value : undefined;
};

describe('readExactJson', () => {
  test.each([
    ['{"amount":9007199254740993}', { amount: 9_007_199_254_740_993n }],
    ['{"amount":-9007199254740993}', { amount: -9_007_199_254_740_993n }],
    ['{"amount" : 123456789012345678901234567890}', { amount: 123_456_789_012_345_678_901_234_567_890n }],
    ['[1,9007199254740993,2]', [1, 9_007_199_254_740_993n, 2]],
    ['[9007199254740993]', [9_007_199_254_740_993n]],
    ['{"a":[{"b":\n  9007199254740993}]}', { a: [{ b: 9_007_199_254_740_993n }] }],
    ['{"amount":9007199254740991}', { amount: 9_007_199_254_740_991 }],
    ['{"amount":1230}', { amount: 1230 }],
    ['{"amount":"9007199254740993"}', { amount: '9007199254740993' }],
  ])('keeps every digit of %s', (text, value) => {
    expect(valueIn(text)).toEqual(value);
  });

  test.each(['12.30', '1e3', '1E3', '-0.5', '12.0', '1.0000000000000000000001', '0.1'])(
    'keeps %s as it was written',
    (number) => {
      expect(valueIn(`{"amount":${number}}`)).toEqual({ amount: new WrittenNumber(number) });
      expect(valueIn(`[${number}]`)).toEqual([new WrittenNumber(number)]);
    },
  );

  test('is not misled by texts that look like numbers', () => {
    expect(valueIn('{"at":"2026-03-01T12:34:56.789Z","text":"[1.5, 9007199254740993]","n":5}')).toEqual({
      at: '2026-03-01T12:34:56.789Z',
      text: '[1.5, 9007199254740993]',
      n: 5,
    });
    expect(valueIn('{"text":"\\": 1.5","n":5}')).toEqual({ text: '": 1.5', n: 5 });
  });

  test('keeps text beyond ASCII beside large numbers', () => {
    expect(valueIn('{"name":"Zoë €","amount":9007199254740993}')).toEqual({
      name: 'Zoë €',
      amount: 9_007_199_254_740_993n,
    });
  });

  test('does not let a payload reach a prototype', () => {
    const value = valueIn('{"__proto__":{"polluted":1},"amount":9007199254740993}') as Record<string, unknown>;

    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each([
    ['{"a":1,"a":2}', 'json_key_repeated'],
    ['{"amount":9007199254740993,"amount":1}', 'json_key_repeated'],
    ['{"a":', 'body_not_json'],
  ])('refuses %s as the core does', (text, reason) => {
    expect(read(text)).toEqual({ outcome: 'unreadable', reason });
  });

  test('reads a part of a larger buffer', () => {
    const bytes = new TextEncoder().encode('xx{"amount":9007199254740993}xx');

    expect(readExactJson(bytes.subarray(2, -2))).toEqual({
      outcome: 'read',
      value: { amount: 9_007_199_254_740_993n },
    });
  });
});
