/** Who may act: names, passphrases, roles, and what wrong ones leave behind. */
import { describe, expect, test } from 'vitest';
import { createTestHome } from '../../test/support/test-home.ts';
import { readRecord } from '../audit/audit.ts';
import { LIMITS } from '../core/limits.ts';
import { DAY_MS } from '../core/time.ts';
import { createAddOperator, createRemoveOperator } from './change-operators.ts';
import { problemOfOperatorName } from './operator.ts';
import { hashPassphrase, isPassphrase, problemOfPassphrase } from './passphrase.ts';
import type { Role } from './roles.ts';

const PASSPHRASE = 'correct horse battery';

/** What costs half a second on purpose is tried where passphrases are tested. */
const CHEAP = { n: 2, r: 1, p: 1 };

const open = () => {
  const home = createTestHome();
  const deps = { ...home, store: home.operatorStore };
  /** Without an entry in the trail. */
  const put = async (name: string, role: Role): Promise<void> => {
    const passphrase = await hashPassphrase(PASSPHRASE, home.randomness, CHEAP);
    home.operatorStore.write([...home.operatorStore.all(), { name, role, passphrase, addedAt: 0 }]);
  };
  const { user } = home.operators;
  const add = (name: string, role: Role) => createAddOperator(deps)({ name, role, passphrase: PASSPHRASE, by: user });
  const events = async () => (await home.auditLog.latest(100)).map(readRecord).toReversed();
  return { ...home, user, add, put, events, remove: createRemoveOperator(deps) };
};

describe('operators', () => {
  test('are nobody at first: whoever runs the process acts', async () => {
    const { operators, user } = open();

    expect(operators.areDefined()).toBe(false);
    expect(operators.roleOf(user)).toBeNull();
    expect(await operators.signIn('alice', PASSPHRASE)).toEqual({ outcome: 'wrong' });
  });

  test('are added and removed in the trail, with their roles and never with their passphrases', async () => {
    const { add, remove, user, events, operators, operatorStore } = open();

    expect(await add('bob', 'approver')).toBe('added');
    expect(await add('bob', 'viewer')).toBe('there');
    expect(await add('carol', 'operator')).toBe('added');
    expect(await remove('bob', user, 'left')).toBe('last_approver');
    expect(await remove('carol', user, 'left')).toBe('removed');
    expect(await remove('carol', user, 'left')).toBe('missing');

    expect(operators.roleOf({ type: 'operator', id: 'bob' })).toBe('approver');
    expect(operators.roleOf({ type: 'operator', id: 'carol' })).toBeNull();
    expect(operators.roleOf({ type: 'component', id: 'bob' })).toBeNull();
    const told = await events();
    expect(told).toMatchObject([
      { event: 'OPERATOR_ADDED', actor: user, resource: { type: 'operator', id: 'bob' }, change: { to: 'approver' } },
      { event: 'OPERATOR_ADDED', resource: { id: 'carol' } },
      {
        event: 'OPERATOR_REMOVED',
        resource: { id: 'carol' },
        change: { from: 'operator', to: 'removed' },
        reason: 'left',
      },
    ]);
    expect(JSON.stringify([told, operatorStore.all()])).not.toContain(PASSPHRASE);
  });

  test('are at most a hundred', async () => {
    const { add, operatorStore } = open();
    const [passphrase, addedAt] = [await hashPassphrase(PASSPHRASE, createTestHome().randomness, CHEAP), 0];
    const names = Array.from({ length: LIMITS.operatorsMax }, (_, number) => `operator-${number}`);
    operatorStore.write(names.map((name) => ({ name, role: 'viewer', passphrase, addedAt })));

    expect(await add('one-more', 'viewer')).toBe('full');
  });

  test('come in with their passphrase, and with nothing else', async () => {
    const { put, operators, events } = open();
    await put('bob', 'approver');

    const person = { operator: { type: 'operator', id: 'bob' }, role: 'approver' };
    expect(await operators.signIn('bob', PASSPHRASE)).toEqual({ outcome: 'in', person });
    for (const [name, passphrase] of [
      ['bob', ''],
      ['bob', `${PASSPHRASE} `],
      ['alice', PASSPHRASE],
      ['', ''],
    ] as const) {
      expect(await operators.signIn(name, passphrase)).toEqual({ outcome: 'wrong' });
    }
    expect(await events()).toMatchObject([
      { event: 'OPERATOR_REFUSED', outcome: 'failure', reason: 'wrong_passphrase', resource: { id: 'bob' } },
      { reason: 'wrong_passphrase' },
      { reason: 'unknown_operator', resource: { id: 'unknown' } },
      { reason: 'unknown_operator' },
    ]);
  });

  test('are not guessed: after ten wrong ones, many at once or not, nobody comes in for half an hour', async () => {
    const { put, operators, clock, events } = open();
    await put('bob', 'approver');
    await put('carol', 'viewer');

    const tries = Array.from({ length: LIMITS.signInsWrongMax + 5 }, (_, number) =>
      operators.signIn('bob', `${number}`),
    );
    const outcomes = (await Promise.all(tries)).map(({ outcome }) => outcome);

    expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(LIMITS.signInsWrongMax);
    const until = clock.now() + LIMITS.signInLockMs;
    expect(await operators.signIn('bob', PASSPHRASE)).toEqual({ outcome: 'locked', until });
    expect(await operators.signIn('carol', PASSPHRASE)).toMatchObject({ outcome: 'in' });
    expect((await events()).filter(({ event }) => event === 'OPERATOR_REFUSED')).toHaveLength(LIMITS.signInsWrongMax);
    clock.advance(LIMITS.signInLockMs);
    expect(await operators.signIn('bob', PASSPHRASE)).toMatchObject({ outcome: 'in' });
  });

  test('are not kept out until then by wrong ones of a clock that was a year ahead', async () => {
    const { put, operators, clock } = open();
    await put('bob', 'approver');
    const now = clock.now();
    clock.advance(365 * DAY_MS);
    for (let number = 0; number < LIMITS.signInsWrongMax; number += 1) await operators.signIn('bob', `${number}`);
    expect(await operators.signIn('bob', PASSPHRASE)).toMatchObject({ outcome: 'locked' });

    clock.set(now);

    expect(await operators.signIn('bob', PASSPHRASE)).toMatchObject({ outcome: 'in' });
  });

  test('do what their role may, and what they may not is in the trail', async () => {
    const { put, operators, events } = open();
    await put('dora', 'viewer');
    const dora = { type: 'operator', id: 'dora' } as const;

    expect(await operators.refuse({ operator: dora, role: 'viewer' }, 'look')).toBeNull();
    expect(await operators.refuse({ operator: dora, role: 'viewer' }, 'approve')).toBe(
      'the role viewer may not do this: approver may',
    );
    expect((await events()).at(-1)).toMatchObject({
      event: 'OPERATOR_REFUSED',
      actor: dora,
      reason: 'role_viewer_may_not_approve',
    });
  });
});

describe('a passphrase', () => {
  test('is the same on every keyboard, and another one with another salt', async () => {
    const { randomness } = createTestHome();
    const [one, other] = [
      await hashPassphrase('Käse und Brot', randomness),
      await hashPassphrase('Käse und Brot', randomness),
    ];

    expect(one.hash).not.toBe(other.hash);
    expect(await isPassphrase('Ka\u0308se und Brot', one)).toBe(true);
    expect(await isPassphrase('Kase und Brot', one)).toBe(false);
    expect(await isPassphrase('Käse und Brot', undefined)).toBe(false);
  });

  test('has a least and a largest length', () => {
    expect(problemOfPassphrase('x'.repeat(LIMITS.passphraseCharsMin))).toBeNull();
    expect(problemOfPassphrase('x'.repeat(LIMITS.passphraseCharsMin - 1))).toContain('are the least');
    expect(problemOfPassphrase('x'.repeat(LIMITS.passphraseCharsMax + 1))).toContain('more than');
  });
});

describe('a name', () => {
  test.each(['alice', 'a', 'ops-2', 'a.b_c'])('may be %s', (name) => expect(problemOfOperatorName(name)).toBeNull());
  test.each(['', 'Alice', '2nd', 'a b', 'ä', 'a@b', 'x'.repeat(33), 'a\n'])('may not be %j', (name) =>
    expect(problemOfOperatorName(name)).toContain('is no name'),
  );
});
