import { expect, test } from 'vitest';
import { actionBody, read, reasonBody, replayBody, requestJobBody, reviewBody } from './queries.ts';

const REASON = 'ticket 4711: 4242 4242 4242 4242';

test.each([
  ['an action', actionBody, {}],
  ['a decision, an acceptance, a payload', reasonBody, {}],
  ['a replay', replayBody, {}],
  ['a review', reviewBody, { day: '2026-11-28' }],
  ['a job', requestJobBody(0), { filter: { provider: 'stripe' }, hash: 'x' }],
])('the reason of %s has no card number in it: it stays in the trail', (_, schema, rest) => {
  const { reason } = read(schema, { ...rest, reason: REASON }) as { readonly reason: string };

  expect(reason).toContain('ticket 4711');
  expect(reason).not.toContain('4242 4242');
});
