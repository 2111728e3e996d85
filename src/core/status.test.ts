import { describe, expect, test } from 'vitest';
import { hasEnded, isTransitionAllowed, isWaiting, WEBHOOK_STATUSES } from './status.ts';

/** Every arrow that there is; what is not here must not happen. */
const ARROWS = [
  'received → processed',
  'received → ignored',
  'received → retrying',
  'received → dead_lettered',
  'retrying → processed',
  'retrying → ignored',
  'retrying → retrying',
  'retrying → dead_lettered',
  'retrying → received',
  'processed → received',
  'ignored → received',
  'dead_lettered → received',
];

describe('the status of a webhook', () => {
  test('follows these arrows and no other', () => {
    const allowed = WEBHOOK_STATUSES.flatMap((from) =>
      WEBHOOK_STATUSES.filter((to) => isTransitionAllowed(from, to)).map((to) => `${from} → ${to}`),
    );

    expect(allowed.toSorted()).toEqual(ARROWS.toSorted());
  });

  test.each(WEBHOOK_STATUSES)('%s either waits for the processor or has ended', (status) => {
    expect(isWaiting(status)).toBe(status === 'received' || status === 'retrying');
    expect(hasEnded(status)).toBe(!isWaiting(status));
  });

  test('leads out of every end, back to received only', () => {
    for (const from of WEBHOOK_STATUSES.filter(hasEnded)) {
      expect(WEBHOOK_STATUSES.filter((to) => isTransitionAllowed(from, to))).toEqual(['received']);
    }
  });
});
