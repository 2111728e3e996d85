import { describe, expect, test } from 'vitest';
import { didYouMean, nearestName } from './nearest-name.ts';

const NAMES = ['mode', 'providers', 'handlers', 'destinations', 'retentionDays', 'PAYHOOK_PORT'];

describe('nearestName', () => {
  test.each([
    ['mdoe', 'mode'],
    ['provider', 'providers'],
    ['handelrs', 'handlers'],
    ['retentiondays', 'retentionDays'],
    ['PAYHOOK_PROT', 'PAYHOOK_PORT'],
    ['payhook_port', 'PAYHOOK_PORT'],
  ])('%s is taken for %s', (written, meant) => {
    expect(nearestName(written, NAMES)).toBe(meant);
  });

  test.each(['', 'm', 'colour', 'retention', 'x'.repeat(10_000)])('%j is like none of them', (written) => {
    expect(nearestName(written, NAMES)).toBeUndefined();
  });

  test('the nearest of several is taken', () => {
    expect(nearestName('refund.failt', ['refund.pending', 'refund.failed', 'payout.failed'])).toBe('refund.failed');
  });
});

describe('didYouMean', () => {
  test('asks, or says nothing', () => {
    expect([didYouMean('mdoe', NAMES), didYouMean('colour', NAMES)]).toEqual(['did you mean mode?', '']);
  });
});
