import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Effects, NO_EFFECTS } from '../core/effects.ts';
import { type StateOfWebhook, stateSha256 } from './webhook-facts.ts';

const stateWith = (effects: Effects): StateOfWebhook => ({
  status: 'retrying',
  attempts: 2,
  lastError: 'half \ud800 and "quoted"',
  nextAttemptAt: 17,
  effects,
  changedAt: 5,
  changedBy: { type: 'operator', id: 'ann\udc00' },
  revision: 3,
});

/** As the trail has it of every release since 0.2: lists of names and values, put together and then written as JSON. */
const listed = (value: unknown): unknown => {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(listed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, member]) => member !== null && member !== undefined && !(Array.isArray(member) && member.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, listed(member)]);
};

const expected = (effects: unknown): string => {
  const state = ['retrying', 2, 'half \ufffd and "quoted"', 17, listed(effects), 5, ['operator', 'ann\ufffd'], 3];
  return hash('sha256', JSON.stringify(state), 'base64url');
};

test('the hash of a state is the one that every release makes of it, whatever its effects hold', () => {
  const text = fc.string({ unit: 'binary' });
  const leaf = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(text, value, { maxKeys: 8 }), (members) => {
      const effects = { ...NO_EFFECTS, ...members } as Effects;
      expect(stateSha256(stateWith(effects))).toBe(expected(effects));
    }),
  );
});

test('the hash of a state is the same in whatever order its effects stand, and whether or not nothing is said of them', () => {
  const { events, handlers, only, round } = NO_EFFECTS;
  const turned = { round: { ...round }, only, handlers, events, history: [] } as Effects;

  expect(stateSha256(stateWith(turned))).toBe(stateSha256(stateWith(NO_EFFECTS)));
});
