import { expect, test } from 'vitest';
import { LIMITS } from '../core/limits.ts';
import { readReason } from './list-options.ts';

test('a reason, which stays in the trail for ever, has no card number and no secret in it', () => {
  const reason = readReason('ticket 4711: 4242 4242 4242 4242, cvc=123, key sk_live_abcdefghijklmnop');

  expect(reason).toContain('ticket 4711');
  for (const part of ['4242 4242', '123', 'abcdefgh']) expect(reason).not.toContain(part);
});

test('a reason is cut where it is too long, and half a card number is not left at its end', () => {
  const long = `${'x'.repeat(LIMITS.lastErrorCharsMax - 8)} 4242424242424242`;

  expect(readReason(long).length).toBeLessThanOrEqual(LIMITS.lastErrorCharsMax);
  expect(readReason(long)).not.toContain('42424242');
});
