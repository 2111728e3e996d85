import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packAttributes, unpackAttributes } from './packed-attributes.ts';
import type { Item } from './values.ts';

const hex = (length: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), maxLength: length });
const text = fc.oneof(fc.string({ unit: 'binary' }), hex(300), fc.uuid(), fc.constant('\x01@\x02'));
const scalar: fc.Arbitrary<AttributeValue> = fc.oneof(
  text.map((S) => ({ S })),
  fc.integer().map((n) => ({ N: String(n) })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true as const }),
);
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  scalar,
  fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ B: Buffer.from(bytes) })),
  fc.array(scalar, { maxLength: 3 }).map((L) => ({ L })),
  fc.dictionary(text, scalar, { maxKeys: 3, noNullPrototype: true }).map((M) => ({ M })),
);

describe('packed attributes', () => {
  test('come out as they went in, whatever is in them', () => {
    fc.assert(
      fc.property(fc.dictionary(text, value, { maxKeys: 5, noNullPrototype: true }), (attributes: Item) => {
        expect(unpackAttributes(packAttributes(attributes))).toEqual(attributes);
      }),
    );
  });

  test('are read for ever: what was packed once comes out the same', () => {
    const packed = Buffer.from(
      '0100005501a20d9fcd4172789b5f0ac6b4e2289a0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef17955249066c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6cc31783987ec7e53fe2bdc1a88af0462d00',
      'hex',
    );

    expect(unpackAttributes(packed)).toEqual({
      provider: { S: 'stripe' },
      keyId: { S: '01a20d9f-cd41-7278-9b5f-0ac6b4e2289a' },
      bodySha256: { B: Buffer.from('0123456789abcdef'.repeat(4), 'hex') },
      headers: { M: { 'stripe-signature': { S: `t=1795524906,v1=${'6c'.repeat(32)}` } } },
    });
  });

  test('of a newer Payhook say so', () => {
    const newer = Buffer.from(packAttributes({ a: { S: 'b' } }));
    newer[0] = 2;

    expect(() => unpackAttributes(newer)).toThrow('update Payhook');
  });

  test.each([
    ['nothing', Buffer.of()],
    ['bytes of somebody else', Buffer.from('hello, world')],
    [
      'fewer raw bytes than are marked',
      Buffer.concat([Buffer.of(1, 0, 0, 0), packAttributes({ a: { S: 'ab'.repeat(8) } }).subarray(12)]),
    ],
    ['a cut end', packAttributes({ a: { S: 'b' } }).subarray(0, -2)],
  ])('are not made of %s', (_, bytes) => {
    expect(() => unpackAttributes(bytes)).toThrow();
  });

  test('do not fill the memory', () => {
    const huge = packAttributes({ a: { S: ' '.repeat(5 * 1024 * 1024) } });

    expect(() => unpackAttributes(huge)).toThrow(RangeError);
  });
});
