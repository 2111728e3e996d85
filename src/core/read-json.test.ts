import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from './limits.ts';
import { isJsonObject, readJson, readJsonOnce } from './read-json.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const reasonOf = (body: Uint8Array): string => {
  const result = readJson(body);
  return result.outcome === 'read' ? 'read' : result.reason;
};

describe('readJson', () => {
  test('reads every kind of value', () => {
    const text = ' {"a":[1,-2.5e3,"\\u00e9:{[\\"\\\\",null,true,{}],"b":{"a":"x"}} \n';

    expect(readJson(bytes(text))).toEqual({ outcome: 'read', value: JSON.parse(text) });
    expect(readJson(bytes('"only a string"'))).toEqual({ outcome: 'read', value: 'only a string' });
    expect(readJson(bytes('null'))).toEqual({ outcome: 'read', value: null });
  });

  test('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 8, noUnicodeString: false }),
        fc.constantFrom('', ' ', '\t'),
        (value, indent) => {
          const text = JSON.stringify(value, null, indent);

          expect(readJson(bytes(text))).toEqual({ outcome: 'read', value: JSON.parse(text) });
        },
      ),
    );
  });

  test.each([
    ['a lone continuation byte', [0x22, 0x80, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a cut-off character', [0x22, 0xe2, 0x82]],
    ['UTF-16 with its mark', [0xff, 0xfe, 0x7b, 0x00]],
  ])('calls %s body_not_utf8', (_, body) => {
    expect(reasonOf(Uint8Array.from(body))).toBe('body_not_utf8');
  });

  test.each([
    ['an empty body', ''],
    ['a byte order mark', '\ufeff{}'],
    ['a trailing comma', '[1,]'],
    ['two documents', '{}{}'],
    ['an unfinished string', '{"a":"b'],
    ['a backslash at the end', '"\\'],
    ['a comment', '{}//'],
    ['NaN', 'NaN'],
    ['more closing brackets than opening ones', ']]}}'],
    ['a form', 'id=1&cvc=2'],
  ])('calls %s body_not_json', (_, text) => {
    expect(reasonOf(bytes(text))).toBe('body_not_json');
  });

  test('reads as deep as the limit and no deeper', () => {
    const nested = (depth: number): Uint8Array => bytes(`${'[{"a":'.repeat(depth / 2)}[]${'}]'.repeat(depth / 2)}`);

    expect(reasonOf(nested(LIMITS.jsonDepthMax - 2))).toBe('read');
    expect(reasonOf(bytes('['.repeat(LIMITS.jsonDepthMax) + ']'.repeat(LIMITS.jsonDepthMax)))).toBe('read');
    expect(reasonOf(bytes('['.repeat(LIMITS.jsonDepthMax + 1) + ']'.repeat(LIMITS.jsonDepthMax + 1)))).toBe(
      'json_too_deep',
    );
    expect(reasonOf(nested(LIMITS.jsonDepthMax))).toBe('json_too_deep');
    expect(reasonOf(bytes('{"a":'.repeat(200_000)))).toBe('json_too_deep');
  });

  test('does not count brackets inside strings as depth', () => {
    expect(reasonOf(bytes(JSON.stringify({ a: '{['.repeat(500), 'k\\": [': '\\"[[' })))).toBe('read');
  });

  test('counts depth, not brackets', () => {
    expect(reasonOf(bytes(`[${Array(5000).fill('[{}]').join(',')}]`))).toBe('read');
  });

  test.each([
    ['at the top', '{"a":1,"a":1}'],
    ['deep inside', '[{"x":{"y":[{"b":1,"c":2,"b":3}]}}]'],
    ['of which one is escaped', '{"a":1,"\\u0061":2}'],
    ['of which one escapes a slash', '{"a\\/b":1,"a/b":2}'],
    ['that are empty', '{"":1,"":2}'],
    ['named __proto__', '{"__proto__":1,"__proto__":2}'],
    ['that look like array indexes', '{"1":0,"1":0}'],
    ['of which the first holds an object that goes lost', '{"a":{"b":1,"c":{"d":1}},"a":{"b":1,"c":{"d":1}}}'],
    ['inside the value that a repeated key drops', '{"a":{"b":1,"b":2},"c":0}'],
  ])('calls two equal keys %s json_key_repeated', (_, text) => {
    expect(reasonOf(bytes(text))).toBe('json_key_repeated');
  });

  test.each([
    ['in different objects', '{"a":{"a":1},"b":[{"a":1},{"a":1}]}'],
    ['that differ in case', '{"a":1,"A":2}'],
    ['that differ in Unicode normalisation', '{"\u00e9":1,"e\u0301":2}'],
    ['and colons in strings', '{"a:b":"c:d","a":"\\":\\""}'],
  ])('reads keys %s', (_, text) => {
    expect(reasonOf(bytes(text))).toBe('read');
  });

  test('finds a repeated key wherever it is planted', () => {
    const anyKey = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.uniqueArray(anyKey, { minLength: 1, maxLength: 60 }), fc.nat(), fc.nat(), (keys, which, where) => {
        const members = keys.map((key) => `${JSON.stringify(key)}:[{"a":1}]`);
        expect(reasonOf(bytes(`{${members.join(',')}}`))).toBe('read');

        members.splice(where % (members.length + 1), 0, `${JSON.stringify(keys[which % keys.length])}:0`);

        expect(reasonOf(bytes(`{${members.join(',')}}`))).toBe('json_key_repeated');
      }),
    );
  });

  test('keeps __proto__ and constructor as own properties and pollutes nothing', () => {
    const result = readJson(bytes('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'));

    expect(result.outcome).toBe('read');
    if (result.outcome !== 'read' || !isJsonObject(result.value)) throw new Error('expected an object');
    expect(Object.keys(result.value)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(result.value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('stays linear for an object of the largest size with thousands of keys', () => {
    const keys = Array.from({ length: 90_000 }, (_, index) => `"k${index}":0`);

    expect(reasonOf(bytes(`{${keys.join(',')}}`))).toBe('read');
    expect(reasonOf(bytes(`{${keys.join(',')},"k7":0}`))).toBe('json_key_repeated');
  });

  test('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        expect(['read', 'unreadable']).toContain(readJson(body).outcome);
      }),
    );
  });
});

describe('isJsonObject', () => {
  test('is true for objects alone', () => {
    expect(isJsonObject({})).toBe(true);
    expect([[], null, 'a', 1, true, undefined].some((value) => isJsonObject(value))).toBe(false);
  });
});

describe('readJsonOnce', () => {
  test('reads the same bytes once, and equal ones each by themselves', () => {
    const body = bytes('{"amount":1}');
    const read = readJsonOnce(body);

    expect(read).toEqual({ outcome: 'read', value: { amount: 1 } });
    expect(readJsonOnce(body)).toBe(read);
    expect(readJsonOnce(bytes('{"amount":1}'))).not.toBe(read);
  });

  test('says the same of what is unreadable', () => {
    const body = bytes('{"a":1,"a":2}');

    expect([readJsonOnce(body), readJsonOnce(body)]).toEqual([readJson(body), readJson(body)]);
  });

  test('keeps nothing of large bodies', () => {
    const body = bytes(JSON.stringify(['x'.repeat(LIMITS.jsonKeptBytesMax)]));

    expect(readJsonOnce(body)).not.toBe(readJsonOnce(body));
    expect(readJsonOnce(body)).toEqual(readJson(body));
  });
});
