import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { bytesOfBase64, hmacSha256, isSameBytes, sha256OfHex } from './hmac.ts';

describe('hmacSha256', () => {
  test('signs prefix and body as if they were one text', () => {
    const expected = createHmac('sha256', 'schlüssel').update('1.{"€":1}').digest();

    expect(hmacSha256('schlüssel', '1.', Buffer.from('{"€":1}'))).toEqual(expected);
    expect(hmacSha256(Buffer.from('schlüssel'), '1.{', Buffer.from('"€":1}'))).toEqual(expected);
  });
});

describe('isSameBytes', () => {
  test('tells bytes apart, and does not throw when the lengths differ', () => {
    expect(isSameBytes(Buffer.from('ab'), Buffer.from('ab'))).toBe(true);
    expect(isSameBytes(Buffer.from('ab'), Buffer.from('ac'))).toBe(false);
    expect(isSameBytes(Buffer.from('ab'), Buffer.from('abc'))).toBe(false);
  });
});

describe('sha256OfHex', () => {
  test('reads 64 lower-case hex digits', () => {
    expect(sha256OfHex('0f'.repeat(32))).toEqual(Buffer.alloc(32, 0x0f));
  });

  test.each(['', '0F'.repeat(32), '0f'.repeat(31), '0f'.repeat(33), `${'0f'.repeat(31)}zz`, ` ${'0f'.repeat(32)}`])(
    'refuses %j',
    (text) => {
      expect(sha256OfHex(text)).toBeNull();
    },
  );
});

describe('bytesOfBase64', () => {
  test('reads padded base64', () => {
    expect(bytesOfBase64('AQID/w==')).toEqual(Buffer.from([1, 2, 3, 255]));
  });

  test.each([
    ['nothing', ''],
    ['missing padding', 'AQID/w'],
    ['stray low bits in the last character', 'AQID/x=='],
    ['white space', 'AQID /w=='],
    ['the URL alphabet', 'AQID_w=='],
    ['a character that is none', 'AQID*w=='],
  ])('refuses %s', (_, text) => {
    expect(bytesOfBase64(text)).toBeNull();
  });
});
