import { expect, test } from 'vitest';
import { anchorIn } from './digest-anchor.ts';
import { NO_DIGEST_YET } from './digests.ts';

const HASH = 'ab'.repeat(32);

test('an anchor is read back, the one before the first digest too', () => {
  for (const anchored of [{ number: 7, hash: HASH }, NO_DIGEST_YET]) {
    expect(anchorIn(`${JSON.stringify(anchored)}\n`)).toEqual(anchored);
  }
});

test.each([
  ['cut off', '{"number":7,"ha'],
  ['empty', ''],
  ['of a digest that cannot be', `{"number":-5,"hash":"${HASH}"}`],
  ['of half a digest', `{"number":1.5,"hash":"${HASH}"}`],
  ['of one beyond all', `{"number":1e400,"hash":"${HASH}"}`],
  ['without a hash', '{"number":7}'],
  ['with a hash that is none', '{"number":7,"hash":"x"}'],
  ['a list', '[7]'],
])('a text that is %s is no anchor, and not taken for one that never was', (_, text) => {
  expect(anchorIn(text)).toBeUndefined();
});
