import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHmacSha256 } from './hmac-sha256.ts';

const bytes = (lengthMax: number) => fc.uint8Array({ maxLength: lengthMax });

test('a code is the one that Node makes, under keys of any length and of any text and bytes', () => {
  fc.assert(
    fc.property(bytes(200), fc.string({ unit: 'grapheme' }), bytes(300), (key, text, rest) => {
      const hmac = createHmacSha256(key);
      const expected = createHmac('sha256', key).update(text).update(rest);

      expect(hmac('hex', text, rest)).toBe(expected.digest('hex'));
      expect(hmac('base64url', text)).toBe(createHmac('sha256', key).update(text).digest('base64url'));
    }),
  );
});

// https://www.rfc-editor.org/rfc/rfc4231, test cases 1, 2 and 6: a key that is shorter, and one that is longer than a block.
test.each([
  ['0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  ['4a656665', 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  [
    'aa'.repeat(131),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
])('a code under %s is that of RFC 4231', (key, text, code) => {
  expect(createHmacSha256(Buffer.from(key, 'hex'))('hex', text)).toBe(code);
});
