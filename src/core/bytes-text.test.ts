import { expect, test } from 'vitest';
import { bytesText } from './bytes-text.ts';

test.each([
  [0, '0 B'],
  [2879, '2879 B'],
  [36 * 1024, '36 KB'],
  [8.4 * 1024 ** 3, '8.4 GB'],
  [160 * 1024 ** 3, '160 GB'],
  [5000 * 1024 ** 4, '5000 TB'],
])('%d bytes are %s for people', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});
