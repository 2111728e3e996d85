import { describe, expect, test } from 'vitest';
import { auditDraft } from '../../test/support/audit-draft.ts';
import { LIMITS } from '../core/limits.ts';
import { type AuditDraft, type AuditEntry, hashOfText, linkEntry, RECOVERY_CHAIN } from './audit.ts';
import { checkEntry, newProgress, type Progress } from './check-entry.ts';
import { problem } from './problem.ts';

/** Entries of one chain, linked, at positions from 1. */
const chainOf = (...drafts: readonly Partial<AuditDraft>[]): readonly AuditEntry[] => {
  const entries: AuditEntry[] = [];
  let last: ReturnType<typeof linkEntry> | undefined;
  for (const [index, overrides] of drafts.entries()) {
    const draft = auditDraft({ chainId: 'chain', ...overrides });
    last = linkEntry(draft, last);
    entries.push({ position: index + 1, chainId: draft.chainId, text: last.text, hash: last.hash });
  }
  return entries;
};

const at = (entries: readonly AuditEntry[], index: number): AuditEntry => {
  const entry = entries[index];
  if (entry === undefined) throw new Error(`there is no entry ${index}`);
  return entry;
};

/** A check under way, over a log that answers with these entries when it is asked for the chain. */
const open = (log: readonly AuditEntry[] = []) => {
  const progress: Progress = newProgress();
  const asked: string[] = [];
  const deps = {
    auditLog: {
      chain: async (chainId: string) => {
        asked.push(chainId);
        return log;
      },
    },
  };
  const check = (entry: AuditEntry) => checkEntry(deps, entry, progress);
  const checkAll = async (entries: readonly AuditEntry[]) => {
    const found = [];
    for (const entry of entries) found.push((await check(entry))?.kind ?? null);
    return found;
  };
  return { progress, asked, check, checkAll };
};

const THREE = chainOf({}, {}, {});
const [ONE, TWO, LAST] = [at(THREE, 0), at(THREE, 1), at(THREE, 2)];

describe('an entry by itself', () => {
  test('is edited when its hash does not fit its text', async () => {
    const edited = { ...ONE, text: ONE.text.replace('server', 'nobody') };

    expect(await open().check(edited)).toEqual({
      kind: 'edited',
      position: 1,
      chainId: 'chain',
      digestNumber: null,
      message: 'entry 1 of chain chain was edited: its hash does not fit its text',
    });
  });

  test('is edited when it says that it is of another chain', async () => {
    expect(await open().check({ ...ONE, chainId: 'elsewhere' })).toMatchObject({
      kind: 'edited',
      message: 'entry 1 was moved from chain chain to elsewhere',
    });
  });
});

describe('an entry after those of its chain', () => {
  test('is fine when it follows the last one, and the log is not asked', async () => {
    const { checkAll, asked } = open();

    expect(await checkAll(THREE)).toEqual([null, null, null]);
    expect(asked).toEqual([]);
  });

  test('is believed when nothing of its chain was met: digests and heads vouch for it', async () => {
    expect(await open().check(LAST)).toBeUndefined();
  });

  test('shows that the one between was removed', async () => {
    const { check, checkAll } = open();
    await checkAll([ONE]);

    expect(await check(LAST)).toMatchObject({
      kind: 'removed',
      position: 3,
      message: 'entry 2 of chain chain was removed, before position 3',
    });
  });

  test('is edited when it has its place and follows another one', async () => {
    const { check } = open();
    await check(ONE);
    const forged = linkEntry(auditDraft({ chainId: 'chain' }), { seq: 1, hash: 'f'.repeat(64) });

    expect(await check({ position: 2, chainId: 'chain', ...forged })).toMatchObject({
      kind: 'edited',
      message: 'entry 2 of chain chain does not follow the entry before it',
    });
  });

  test('is reordered when it is an older place with another text', async () => {
    const { check, checkAll } = open();
    await checkAll([ONE, TWO]);
    const other = linkEntry(auditDraft({ chainId: 'chain', reason: 'another' }), { seq: 1, hash: ONE.hash });

    expect(await check({ position: 3, chainId: 'chain', ...other })).toMatchObject({
      kind: 'reordered',
      message: 'entry 3 of chain chain was reordered or written twice',
    });
  });

  test('stands beside other chains, whose places are their own', async () => {
    const other = chainOf({ chainId: 'other' }, { chainId: 'other' });

    expect(await open().checkAll([ONE, ...other, TWO])).toEqual([null, null, null, null]);
  });
});

describe('an entry that came again, as a change feed repeats itself', () => {
  test('says nothing new while it is remembered', async () => {
    const { checkAll, asked } = open();

    expect(await checkAll([ONE, TWO, { ...ONE, position: 3 }, { ...LAST, position: 4 }])).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(asked).toEqual([]);
  });

  test('is looked up once it is forgotten, and is fine when the log had it before', async () => {
    const long = chainOf(...Array.from({ length: LIMITS.auditHashesRememberedMax + 1 }, () => ({})));
    const { check, checkAll, asked } = open(long);
    await checkAll(long);

    expect(await check({ ...at(long, 0), position: 100 })).toBeUndefined();
    expect(asked).toEqual(['chain']);
  });

  test('is accused when the log had it only afterwards', async () => {
    const long = chainOf(...Array.from({ length: LIMITS.auditHashesRememberedMax + 1 }, () => ({})));
    const { check, checkAll } = open([{ ...at(long, 0), position: 200 }]);
    await checkAll(long);

    expect(await check({ ...at(long, 0), position: 100 })).toMatchObject({ kind: 'reordered' });
  });

  test('may stand between an entry and the one that follows it, which the log knows', async () => {
    const { check, checkAll } = open(THREE);
    await checkAll([ONE]);

    expect(await check({ ...LAST, position: 4 })).toBeUndefined();
  });
});

describe('a chain that ended because its retention was over', () => {
  const ended = chainOf({ event: 'WEBHOOK_ACCEPTED' }, { event: 'DELETED' });

  test('begins anew when its webhook is delivered once more', async () => {
    const again = linkEntry(auditDraft({ chainId: 'chain', event: 'WEBHOOK_ACCEPTED', reason: 'again' }), undefined);

    expect(await open().checkAll([...ended, { position: 3, chainId: 'chain', ...again }])).toEqual([null, null, null]);
  });

  test('does not begin in the middle', async () => {
    const later = linkEntry(auditDraft({ chainId: 'chain' }), { seq: 5, hash: 'f'.repeat(64) });

    expect(await open().checkAll([...ended, { position: 3, chainId: 'chain', ...later }])).toEqual([
      null,
      null,
      'removed',
    ]);
  });

  test('is the only one that may: another chain that begins anew was written over', async () => {
    const again = linkEntry(auditDraft({ chainId: 'chain', reason: 'again' }), undefined);

    expect(await open().checkAll([ONE, TWO, { position: 3, chainId: 'chain', ...again }])).toEqual([
      null,
      null,
      'reordered',
    ]);
  });
});

describe('the memory of a check', () => {
  test('holds a bounded number of chains, and forgets the one that was silent longest', async () => {
    const { progress, check } = open();
    const entryOf = (chainId: string): AuditEntry => {
      const text = linkEntry(auditDraft({ chainId }), undefined).text;
      return { position: 1, chainId, text, hash: hashOfText(text) };
    };
    await check(ONE);
    for (let n = 0; n < LIMITS.auditChainsRememberedMax; n += 1) {
      if (n === 10) await check(TWO);
      await check(entryOf(`filler-${n}`));
    }

    expect(progress.chains.size).toBe(LIMITS.auditChainsRememberedMax);
    expect(progress.chains.get('chain')?.seq).toBe(2);
    expect(progress.chains.has('filler-0')).toBe(false);
  });
});

test('a problem says null for what it is not about', () => {
  expect(problem('digest_missing', 'digest 1 was removed', { digestNumber: 1 })).toEqual({
    kind: 'digest_missing',
    message: 'digest 1 was removed',
    position: null,
    chainId: null,
    digestNumber: 1,
  });
});

describe('an entry that comes late, because a change feed had given up on it', () => {
  const FOUR = chainOf({}, {}, {}, {});
  const recoveryAt = (position: number): AuditEntry => {
    const { text, hash } = linkEntry(auditDraft({ chainId: RECOVERY_CHAIN, event: 'CHANGES_RECOVERED' }), undefined);
    return { position, chainId: RECOVERY_CHAIN, text, hash };
  };
  const late = (index: number, position: number): AuditEntry => ({ ...at(FOUR, index), position });

  test('fills its gap when a recovery stands before it', async () => {
    const { checkAll, progress } = open([recoveryAt(5)]);

    expect(await checkAll([ONE, LAST, recoveryAt(5), { ...TWO, position: 6 }])).toEqual([null, null, null, null]);
    expect(progress.gaps.size).toBe(0);
  });

  test('may be several, in their order', async () => {
    const { checkAll, progress } = open([recoveryAt(5)]);

    expect(await checkAll([late(0, 1), late(3, 2), recoveryAt(5), late(1, 6), late(2, 7)])).toEqual(
      Array.from({ length: 5 }, () => null),
    );
    expect(progress.gaps.size).toBe(0);
  });

  test('leaves the gap open, to be told of at the end, when it is another entry of that place', async () => {
    const { checkAll, progress } = open([recoveryAt(5)]);
    const forged = linkEntry(auditDraft({ chainId: 'chain', reason: 'forged' }), { seq: 1, hash: ONE.hash });
    await checkAll([ONE, LAST, recoveryAt(5), { position: 6, chainId: 'chain', ...forged }]);

    expect([...progress.gaps.values()].map(({ problem: { kind, position } }) => [kind, position])).toEqual([
      ['removed', 3],
    ]);
  });

  test('may be the first of its chain, which an entry before it names by its hash', async () => {
    const { checkAll } = open([TWO, recoveryAt(5)]);

    expect(await checkAll([TWO, recoveryAt(5), { ...ONE, position: 6 }])).toEqual([null, null, null]);
  });

  test('is accused when the recovery stands behind it', async () => {
    const { checkAll } = open([recoveryAt(9)]);

    expect(await checkAll([ONE, LAST, { ...TWO, position: 6 }])).toEqual([null, null, 'reordered']);
  });

  test('is accused when nobody names it, recovery or not', async () => {
    const { checkAll } = open([recoveryAt(5)]);
    const other = linkEntry(auditDraft({ chainId: 'chain', reason: 'another' }), { seq: 1, hash: ONE.hash });

    expect(await checkAll([ONE, TWO, recoveryAt(5), { position: 6, chainId: 'chain', ...other }])).toEqual([
      null,
      null,
      null,
      'reordered',
    ]);
  });

  test('is waited for in a bounded number of chains: one more is called removed at once', async () => {
    const { check, progress } = open([recoveryAt(5)]);
    await check(ONE);
    const found = problem('removed', 'full', {});
    for (let n = 0; n < LIMITS.auditGapsMax; n += 1) progress.gaps.set(String(n), { wantedHash: '', problem: found });

    expect(await check(LAST)).toMatchObject({ kind: 'removed', position: 3 });
  });
});
